"""What the corpus does with settings that make no sense: a sentence that names the argument."""

import re
from itertools import count
from numbers import Number

import pytest

import specdemo as sd
from bad_values import VALUES
from specdemo import plot
from specdemo.corpus import Features, Processes, describe, make_features

pytest.importorskip("soundfile")

# A window may be larger than all shards.
LARGE = ("a huge int", "beyond floats")
# Words that a folder may have for a name.
WORDS = ("a word", "digits")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recording of a second."""
    folder = tmp_path_factory.mktemp("recordings")
    x, sr = sd.load("speech", duration=1)
    sd.save(folder / "one.wav", x, sr)
    return folder


@pytest.fixture(scope="module")
def features(folder):
    """Its features."""
    return make_features(folder, folder.parent / "features", "hifigan-v1")


@pytest.fixture
def tried(folder, features, tmp_path, monkeypatch):
    """For each argument, what is called with a value for it, and the values that are good."""
    monkeypatch.chdir(tmp_path)
    new = (str(tmp_path / f"out{n}") for n in count())

    def making(**settings):
        return make_features(folder, next(new), "hifigan-v1", **settings)

    def is_positive(value):
        return (
            isinstance(value, Number) and not isinstance(value, (bool, complex)) and 0 < value < 1e6
        )

    numbers = [name for name, value in VALUES.items() if is_positive(value)] + ["a 0-d array"]
    return {
        "folder": (lambda v: make_features(v, next(new), "hifigan-v1"), []),
        "folder ": (describe, []),
        "out ": (Features, []),
        "out": (lambda v: make_features(folder, v, "hifigan-v1"), WORDS),  # makes such folders
        "fmt": (lambda v: make_features(folder, next(new), v), []),
        "client": (lambda v: making(client=v), ["None"]),
        "dtype": (lambda v: making(dtype=v), []),
        "shard_mb": (lambda v: making(shard_mb=v), [*numbers, "a huge int", "a huge float"]),
        "renew": (lambda v: making(renew=v), ["True"]),
        "window": (lambda v: making(window=v), ["None", "one", *LARGE]),
        "patience": (lambda v: making(patience=v), numbers),
        "progress": (lambda v: making(progress=v), ["True"]),
        "on_shard": (lambda v: making(on_shard=v), ["None", "a function"]),
        "n_workers": (lambda v: Processes(v).close(), ["None", "one"]),
        "i": (features.__getitem__, ["zero", "negative"]),
        "i ": (features.stored, ["zero", "negative"]),
        "i  ": (lambda v: features.audio(v, n_iter=1), ["zero", "negative"]),
        "features": (plot.corpus, []),
        "start": (lambda v: features.piece(0, v, 2), ["zero", "one"]),
        "n_frames": (lambda v: features.piece(0, 0, v), ["one"]),
    }


def refusal(call, value):
    """What is said of a value, if it is refused."""
    try:
        call(value)
    except (TypeError, ValueError, IndexError, FileNotFoundError) as error:
        return error
    return None


def test_bad_values_are_refused_by_name(tried):
    for argument, (call, good) in tried.items():
        name = argument.strip()
        for kind, value in VALUES.items():
            if kind in good:
                call(value)
                continue
            told = refusal(call, value)
            assert told is not None, (argument, kind)
            assert re.search(rf"\b{name}\b", str(told)), (argument, kind, str(told))
