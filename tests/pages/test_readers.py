"""The page of recipes: its code, run as it stands.

Those for PyTorch and JAX are run by `make formats`, where these are: tests/systems/test_readers.py.
"""

import re
import shutil
from pathlib import Path

import fsspec
import numpy as np
import pytest

import specdemo as sd
from specdemo.corpus import Features, make_features

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
    clips = sd.clips()["speech"].parent
    make_features(clips, place / "out", "hifigan-v1", shard_mb=0.3)
    make_features(clips, place / "frames_first", "kaldi-fbank-80")
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


def test_pieces_longer_than_any_recording_are_refused(names):
    run("NumPy: random patches", names)
    with pytest.raises(ValueError, match="no recording has 99999 frames"):
        next(names["patches"](names["features"], 99999, 16, np.random.default_rng(0)))


@pytest.mark.parametrize(("out", "axis"), [("out", 1), ("frames_first", 0)])
def test_the_whole_corpus_is_normalised(names, out, axis):
    features = names["features"] = Features(out)
    run("Normalised by the corpus", names)
    parts = [names["normalised"](features[i]) for i in range(len(features))]
    whole = np.concatenate(parts, axis=axis)
    np.testing.assert_allclose(whole.mean(axis=axis), 0, atol=1e-3)
    np.testing.assert_allclose(whole.std(axis=axis), 1, atol=1e-3)


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_store_is_read(kind, names, made, tmp_path, monkeypatch):
    run("From an object store", names)
    address = f"file://{made}/out"
    if kind == "memory":
        address = "memory://corpus/out"
        fsspec.filesystem("memory").put(str(made / "out"), "/corpus/out", recursive=True)
    monkeypatch.chdir(tmp_path)
    found = names["fetched"](address, "new")
    assert found.rows == names["features"].rows
    for i in (len(found) - 1, 0):
        data = names["stored"](found, address, i)
        np.testing.assert_array_equal(data, names["features"].stored(i))
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_what_a_store_has_made_again_is_not_taken_for_what_it_was(names, tmp_path, monkeypatch):
    """One recording of a shard has become shorter, so that those behind it lie elsewhere."""
    run("From an object store", names)
    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("a", "b"):
        sd.save(clips / f"{name}.wav", *sd.load("speech", duration=2))
    make_features(clips, tmp_path / "out", "hifigan-v1")
    monkeypatch.chdir(tmp_path)
    address = f"file://{tmp_path}/out"
    stale = names["fetched"](address, "stale")
    names["stored"](stale, address, 1)
    sd.save(clips / "a.wav", *sd.load("speech", duration=1))
    made = make_features(clips, tmp_path / "out", "hifigan-v1", renew=True)
    found = names["fetched"](address, "new")
    for i in range(2):
        np.testing.assert_array_equal(names["stored"](found, address, i), made.stored(i))
    shutil.rmtree("kept")
    with pytest.raises(ValueError, match="shard 000000 was made again: fetch"):
        names["stored"](stale, address, 1)
