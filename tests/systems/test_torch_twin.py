"""The autoencoder of chapter 8 in PyTorch, as the chapter writes it down, beside the one that it trains."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import autograd.numpy as anp  # noqa: E402

from specdemo import nets  # noqa: E402

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "08_autoencoder.ipynb"


def listing():
    """The code of the chapter that is stored and not run."""
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    (text,) = ("".join(c["source"]) for c in cells if c["id"] == "same-in-pytorch")
    (code,) = re.findall(r"```python\n(import torch\n.*?)```", text, re.DOTALL)
    names = {}
    exec(compile(code, CHAPTER.name, "exec"), names)
    return names["in_torch"]


def from_torch():
    """The solution of exercise 8.6."""
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    (code,) = ("".join(c["source"]) for c in cells if c["id"] == "solution-8-6")
    names = {}
    exec(compile(code.split("# As the state")[0], CHAPTER.name, "exec"), names)
    return names["from_torch"]


def test_weights_come_back_from_a_model_in_torch():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((5, 512)).astype(np.float32)
    weights = nets.mlp([512, 192, 16], rng=rng) + nets.mlp([16, 192, 512], rng=rng)
    model, _ = listing()(weights, X, [])
    state = {name: part.numpy() for name, part in model.state_dict().items()}
    for found, wanted in zip(from_torch()(state), weights, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_both_have_the_same_losses():
    """From the same weights and the same batches, at every step, within one per cent."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    # Rows that lie near a curved sheet, of the size of the segments of the chapter.
    place = rng.uniform(-1, 1, (640, 3))
    X = np.tanh(place @ rng.standard_normal((3, 40))) @ rng.standard_normal((40, 512)) / 6
    X = X.astype(np.float32)
    weights = nets.mlp([512, 192, 16], rng=rng) + nets.mlp([16, 192, 512], rng=rng, last=0.1)
    steps = list(nets.batches(len(X), 128, 20, rng=rng))

    def loss(weights, chosen):
        rebuilt = nets.run(weights[4:], nets.run(weights[:4], X[chosen]))
        return anp.mean((rebuilt - X[chosen]) ** 2)

    _, theirs = listing()([w.copy() for w in weights], X, steps)
    ours = nets.train(loss, weights, steps)
    assert ours[-1] < 0.2 * ours[0]
    np.testing.assert_allclose(theirs, ours, rtol=0.01)
