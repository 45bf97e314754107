"""The self-checks of chapter 10: right answers pass, each likely mistake gets its hint."""

import hashlib
import json
import shutil

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
        ("float32", 1e9 / 2**30, "2^30"),
        ("float32", 1.5, "How many hops"),
        ("float32", 256 / 250, "How many hops"),
        ("bytes", 78 / 80, "How many hops"),
    ):
        refused(say(exercises.check_10_1, right | {name: right[name] * factor}), hint)
    refused(say(exercises.check_10_1, {"bytes": 1.0}), "the keys")
    swapped = {"float32": right["bytes"], "bytes": right["float32"]}
    refused(say(exercises.check_10_1, swapped), "swapped")


def patch(features, n_frames, rng, *, least=None, longest=False, most=None, reach=1, turned=False):
    least = n_frames if least is None else least
    enough = [i for i, row in enumerate(features.rows) if row["n_frames"] >= least]
    if longest:
        enough = enough[-1:]
    i = rng.choice(enough)
    start = rng.integers(max(1, features.rows[i]["n_frames"] - n_frames + reach))
    A = features.piece(i, start if most is None else min(start, most), n_frames)
    return A.T if turned else A


def any_place(features, n_frames, rng):
    """Each place is as likely as any other, and the recording is loaded as a whole."""
    places = [
        (i, start)
        for i, row in enumerate(features.rows)
        for start in range(row["n_frames"] - n_frames + 1)
    ]
    i, start = places[rng.integers(len(places))]
    return features[i][:, start : start + n_frames]


def all_loaded(features, n_frames, rng):
    enough = [A for A in map(features.__getitem__, range(len(features))) if A.shape[1] >= n_frames]
    A = enough[rng.integers(len(enough))]
    start = rng.integers(A.shape[1] - n_frames + 1)
    return A[:, start : start + n_frames]


def test_10_2(say):
    for right in (patch, any_place):
        assert say(exercises.check_10_2, right).startswith("right. ")
    for wrong, hint in (
        ({"turned": True}, "the shape"),
        ({"longest": True}, "never come"),
        ({"most": 0}, "always begin at the same"),
        ({"most": 1}, "yours begin at 2 of them"),
        ({"reach": 0}, "yours begin at 4 of them"),
    ):
        refused(say(exercises.check_10_2, lambda *a, wrong=wrong: patch(*a, **wrong)), hint)
    for wrong, hint in (
        (lambda f, n, _: patch(f, n, np.random.default_rng(0)), "All pieces"),
        (lambda f, n, _: patch(f, n, np.random.default_rng()), "Equal seeds"),
        (lambda f, n, rng: rng.uniform(size=(80, n)), "in one recording"),
        (lambda f, n, rng: f[rng.integers(len(f))][:, :n], "too short"),
        (all_loaded, "5 recordings are loaded"),
        (lambda f, n, rng: (patch(f, n, rng), 3), "do not make one array"),
        (lambda f, n, rng: 3.0, "the shape"),
    ):
        refused(say(exercises.check_10_2, wrong), hint)


def test_10_3(say):
    def normalised(features, i, *, own=False, power=1.0, one=False, sign=1, step=1):
        mean, std = features.statistics()
        A = features[i]
        if own:
            mean, std = A.mean(axis=1), A.std(axis=1)
        if one:
            mean, std = np.full(80, mean.mean()), np.full(80, std.mean())
        return sign * ((A - mean[:, np.newaxis]) / std[:, np.newaxis] ** power)[::step]

    assert say(exercises.check_10_3, normalised).startswith("right. ")
    for wrong, hint in (
        ({"own": True}, "measured by itself"),
        ({"power": 2}, "not the deviation"),
        ({"one": True}, "each band"),
        ({"sign": -1}, "their sign"),
        ({"step": -1}, "their order"),
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
        (numbers[bytes_ + 1], "At which byte"),
        (numbers[bytes_ - 1], "At which byte"),
    ):
        refused(say(exercises.check_10_4, wrong, features), hint)


def test_10_5(say):
    def damaged(out, *, part=None, whole=False, ext="", step=1):
        found = []
        for record in sorted((out / "shards").glob("*.json"))[::step]:
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
        ({"step": 2}, "not all that is damaged"),
    ):
        refused(say(exercises.check_10_5, lambda out, wrong=wrong: damaged(out, **wrong)), hint)
    refused(say(exercises.check_10_5, lambda out: []), "nothing was found")
    for answer in (True, 3, np.array(1), [0]):
        refused(say(exercises.check_10_5, lambda out, answer=answer: answer), "a list of names")
