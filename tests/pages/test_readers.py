"""The page of recipes: its code, run as it stands.

Those for PyTorch and JAX are run by `make formats`, where these are: tests/systems/test_readers.py.
"""

import os
import re
from pathlib import Path

import fsspec
import numpy as np
import pytest

import specdemo as sd
from specdemo.corpus import make_features

PAGE = Path(__file__).resolve().parents[2] / "book" / "readers.md"


def code(heading):
    """The Python under a heading of the page."""
    (section,) = re.findall(
        rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.M | re.S
    )
    return "\n\n".join(re.findall(r"```python\n(.*?)```", section, re.S))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The bundled clips as features, in two shards or more."""
    place = tmp_path_factory.mktemp("corpus")
    make_features(sd.clips()["speech"].parent, place / "out", "hifigan-v1", shard_mb=0.3)
    return place


@pytest.fixture
def names(made, monkeypatch):
    """What the recipes begin with, read in the folder where "out" lies."""
    monkeypatch.chdir(made)
    beginning = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    names = {"__name__": "readers"}
    exec(beginning[1], names)
    return names


def run(heading, names):
    exec(code(heading), names)
    return names


def test_batches_are_pieces_of_the_corpus(names):
    run("NumPy: random patches", names)
    features = names["features"]
    batch = next(names["patches"](features, 64, 16, np.random.default_rng(0)))
    assert (batch.shape, batch.dtype) == ((16, 80, 64), np.float32)
    for patch in batch:
        assert any(
            np.array_equal(features[i][:, k : k + 64], patch)
            for i in range(len(features))
            for k in np.flatnonzero(features[i][0, :-63] == patch[0, 0])
        )


def test_the_whole_corpus_is_normalised(names):
    run("Normalised by the corpus", names)
    features = names["features"]
    whole = np.concatenate([names["normalised"](features[i]) for i in range(len(features))], axis=1)
    np.testing.assert_allclose(whole.mean(axis=1), 0, atol=1e-3)
    np.testing.assert_allclose(whole.std(axis=1), 1, atol=1e-3)


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_store_is_read(kind, names, made, tmp_path):
    run("From an object store", names)
    address = f"file://{made}/out"
    if kind == "memory":
        address = "memory://corpus/out"
        fsspec.filesystem("memory").put(str(made / "out"), "/corpus/out", recursive=True)
    for part in ("plan", "shards"):
        os.makedirs(tmp_path / part)
    found = names["fetched"](address, str(tmp_path))
    assert found.rows == names["features"].rows
    row = found.rows[3]
    data = names["shard"](address, row["shard"])
    np.testing.assert_array_equal(
        data[row["start"] : row["start"] + row["n_frames"]], names["features"].stored(3)
    )
