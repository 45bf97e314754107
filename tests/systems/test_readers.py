"""The recipes of book/readers.md for PyTorch and JAX, run as they stand."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import specdemo as sd
from specdemo.corpus import make_features

PAGE = Path(__file__).resolve().parents[2] / "book" / "readers.md"


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    """A function that runs the code under headings, with the clips of the book as the corpus."""
    clips = tmp_path / "clips"
    clips.mkdir()
    for path in sd.clips().values():
        shutil.copy(path, clips)
    make_features(clips, tmp_path / "out", "hifigan-v1", shard_mb=0.3)
    monkeypatch.chdir(tmp_path)
    beginning, *parts = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    sections = {part.splitlines()[0]: part for part in parts}

    def run(*headings):
        names = {"__name__": "readers"}
        for text in (beginning, *map(sections.get, headings)):
            for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
                exec(code, names)
        return names

    return run


def test_pytorch_reads_patches(recipe):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    names = recipe("PyTorch")
    features = names["features"]
    (batch,) = names["loader"]
    assert (batch.shape, batch.dtype) == ((5, 80, 64), torch.float32)
    for patch in batch.numpy():
        assert any(
            np.array_equal(features.piece(i, int(k), 64), patch)
            for i in range(len(features))
            for k in np.flatnonzero(features[i][0, :-63] == patch[0, 0])
        )
    workers = torch.utils.data.DataLoader(names["loader"].dataset, batch_size=5, num_workers=1)
    assert next(iter(workers)).shape == (5, 80, 64)


def test_jax_decodes_bytes(recipe):
    pytest.importorskip("jax", reason="jax is not installed")
    names = recipe("NumPy: random patches", "JAX")
    batch, features = np.asarray(names["A"]), names["features"]
    assert batch.shape == (16, 64, 80)
    for patch in batch:
        assert any(
            np.allclose(features.piece(i, int(k), 64).T, patch, rtol=1e-6)
            for i in range(len(features))
            for k in np.flatnonzero(np.isclose(features[i][0, :-63], patch[0, 0]))
        )
