"""The self-checks of chapter 10: right answers pass, each likely mistake gets its hint."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

import specdemo as sd
from answers import refused
from specdemo import exercises


def test_10_1(say):
    right = {
        name: 24 * 3600 * 22050 / 256 * 80 * n / 1e9 for name, n in [("float32", 4), ("bytes", 1)]
    }
    assert say(exercises.check_10_1, right).startswith("right. ")
    for name, factor, hint in (
        ("bytes", 1e9, "is in bytes"),
        ("bytes", 1e3, "megabytes"),
        ("bytes", 8, "is in bits"),
        ("float32", 1 / 4, "counts numbers"),
        ("float32", 1 / 80, "How many bands"),
        ("float32", 1.5, "How many hops"),
    ):
        refused(say(exercises.check_10_1, right | {name: right[name] * factor}), hint)
    refused(say(exercises.check_10_1, {"bytes": 1.0}), "the keys")


def patch(features, n_frames, rng, *, least=None, reach=1, turned=False, first=False):
    least = n_frames if least is None else least
    enough = [i for i, row in enumerate(features.rows) if row["n_frames"] >= least]
    i = rng.choice(enough)
    start = 0 if first else rng.integers(max(1, features.rows[i]["n_frames"] - n_frames + reach))
    A = features[i][:, start : start + n_frames]
    return A.T if turned else A


def test_10_2(say):
    assert say(exercises.check_10_2, patch).startswith("right. ")
    for wrong, hint in (
        ({"least": 0}, "too short left out"),
        ({"turned": True}, "the shape"),
        ({"first": True}, "always begin at the same"),
    ):
        refused(say(exercises.check_10_2, lambda *a, wrong=wrong: patch(*a, **wrong)), hint)
    refused(
        say(exercises.check_10_2, lambda f, n, _: patch(f, n, np.random.default_rng(0))),
        "All pieces",
    )
    refused(
        say(exercises.check_10_2, lambda f, n, rng: rng.uniform(size=(80, n))), "in one recording"
    )


def test_10_3(say):
    def normalised(features, i, *, own=False, power=1.0, one=False):
        mean, std = features.statistics()
        A = features[i]
        if own:
            mean, std = A.mean(axis=1), A.std(axis=1)
        if one:
            mean, std = np.full(80, mean.mean()), np.full(80, std.mean())
        return (A - mean[:, np.newaxis]) / std[:, np.newaxis] ** power

    assert say(exercises.check_10_3, normalised).startswith("right. ")
    for wrong, hint in (
        ({"own": True}, "measured by itself"),
        ({"power": 2}, "not the deviation"),
        ({"one": True}, "each band"),
    ):
        refused(say(exercises.check_10_3, lambda *a, wrong=wrong: normalised(*a, **wrong)), hint)


def test_10_4(say, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    for path in sd.clips().values():
        shutil.copy(path, folder)
    features = sd.corpus.make_features(folder, tmp_path / "features", "hifigan-v1")
    numbers, counts = features.levels()
    below = counts.cumsum(axis=1) / counts.sum(axis=1, keepdims=True)
    bytes_ = (below >= 0.95).argmax(axis=1)
    whole = np.concatenate([features[i] for i in range(5)], axis=1)
    for right in (numbers[bytes_], np.percentile(whole, 95, axis=1)):
        assert say(exercises.check_10_4, right, features).startswith("right. ")
    for wrong, hint in (
        (numbers[(below >= 0.05).argmax(axis=1)], "From which end"),
        (numbers[(below >= 0.5).argmax(axis=1)], "half of the frames"),
        (np.full(80, 3.0), "along which axis"),
        (bytes_, "Which number does a byte"),
        (numbers[bytes_] + 0.5, "At which byte"),
    ):
        refused(say(exercises.check_10_4, wrong, features), hint)


def test_10_5(say):
    def damaged(out, *, part=None, whole=False, ext=""):
        found = []
        for record in sorted(Path(out).glob("shards/*.json")):
            data = record.with_suffix(".npy").read_bytes()[:part]
            if (
                whole
                or hashlib.sha256(data).hexdigest() != json.loads(record.read_text())["sha256"]
            ):
                found.append(record.stem + ext)
        return found

    assert say(exercises.check_10_5, damaged).startswith("right. ")
    for wrong, hint in (
        ({"whole": True}, "where there is none"),
        ({"ext": ".npy"}, "names of shards"),
    ):
        refused(say(exercises.check_10_5, lambda out, wrong=wrong: damaged(out, **wrong)), hint)
    refused(say(exercises.check_10_5, lambda out: []), "nothing was found")
