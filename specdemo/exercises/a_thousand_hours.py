"""Self-checks of chapter 10."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.audio import clips, load, save
from specdemo.exercises.verdict import (
    array,
    close,
    entries,
    exercise,
    expect,
    filled,
    names,
    number,
    result,
)

# Bytes of recordings in a shard of the corpora below: one recording.
SHARD_MB = 1e-6
# Frames of the recordings of which pieces are taken: few, so that chance comes to every place, also where
# each place is as likely as any other.
LENGTHS = (20, 30, 32, 33, 34)
N_SEEDS = 250
# Enough that chance does not make all of them equal.
N_AGAIN = 20


@exercise("10.1")
def check_10_1(gigabytes: Any) -> str:
    """Check the size of the features of LJSpeech.

    Parameters
    ----------
    gigabytes : dict of str to float
        For "float32" and "bytes".
    """
    filled(gigabytes=gigabytes)
    names = ["float32", "bytes"]
    answers = entries("gigabytes", gigabytes, names)
    found = {name: number(f"gigabytes[{name!r}]", answers[name]) for name in names}
    expect(
        not np.isclose(found["bytes"], 4 * found["float32"], rtol=0.01),
        "Bytes should need less than float32. Are the two swapped?",
    )
    n_numbers = 24 * 3600 * 22050 / 256 * 80
    for name, n_bytes in {"float32": 4, "bytes": 1}.items():
        wanted = n_numbers * n_bytes / 1e9
        for factor, hint in (
            (1e9, "is in bytes. How many of them are a gigabyte?"),
            (1e3, "is in megabytes. How many of them are a gigabyte?"),
            (1e9 / 2**30, "counts 2^30 bytes as one. Here a gigabyte has 10^9."),
            (8, "is in bits. How many of them are a byte?"),
            (1 / 80, "counts one number a frame. How many bands has a frame?"),
            (1 / n_bytes, "counts numbers. How many bytes has one of them?"),
        ):
            missed = n_bytes > 1 or factor != 1 / n_bytes
            expect(
                not (missed and np.isclose(found[name], wanted * factor, rtol=0.01)),
                f"gigabytes[{name!r}] {hint}",
            )
        expect(
            np.isclose(found[name], wanted, rtol=0.01),
            f"gigabytes[{name!r}] is off. How many hops have 24 hours?",
        )
    return "Twenty-four hours of a voice are less than a film."


@exercise("10.2")
def check_10_2(patch: Any) -> str:
    """Check a function that returns a random piece of features.

    Parameters
    ----------
    patch : callable
        `patch(features, n_frames, rng)` returns an array of shape (n_mels, n_frames).
    """
    n_frames = LENGTHS[1]  # which one recording does not have, and another just has
    with _short_corpus() as corpus:
        features = _Counted(corpus)
        pieces = [_piece(patch, features, n_frames, seed) for seed in range(N_SEEDS)]
        n_loaded = features.n_loaded / N_SEEDS
        again = [_piece(patch, features, n_frames, seed) for seed in range(N_AGAIN)]
        found = [_places(piece, corpus) for piece in pieces]
        lengths = [row["n_frames"] for row in corpus.rows]
    expect(all(found), "A piece should be as it is in one recording. Does it reach beyond an end?")
    seen = {place for places in found for place in places}
    expect(len(seen) > 1, "All pieces are the same. Do both the recording and its place vary?")
    for i in np.argsort(lengths)[::-1][: len(LENGTHS) - 1]:
        starts = {start for which, start in seen if which == i}
        expect(starts, "Some recordings that are long enough never come.")
        wanted = set(range(lengths[i] - n_frames + 1))
        expect(
            len(starts) > 1 or len(wanted) == 1,
            "Pieces of a recording always begin at the same frame. Draw it, too.",
        )
        expect(
            wanted == starts,
            f"In a recording of {lengths[i]} frames, pieces of {n_frames} can begin at "
            f"{len(wanted)} frames, from 0 to {max(wanted)}; yours begin at {len(starts)} of them.",
        )
    expect(
        np.array_equal(again, pieces[:N_AGAIN]), "Equal seeds give other pieces. Draw all from rng."
    )
    expect(
        n_loaded <= 1,
        f"For each piece, {n_loaded:.0f} recordings are loaded. Which of them do you need?",
    )
    return "A model that is fed so never sees a whole corpus, and in time sees all of it."


class _Counted:
    """Features that count the recordings that are asked of them."""

    def __init__(self, features: Any) -> None:
        self.features, self.n_loaded = features, 0

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, i: Any) -> Array:
        self.n_loaded += 1
        return self.features[i]

    def piece(self, *arguments: Any, **named: Any) -> Array:
        self.n_loaded += 1
        return self.features.piece(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.features, name)


def _piece(patch: Any, features: Any, n_frames: int, seed: int) -> Array:
    answer = result(patch, features, n_frames, np.random.default_rng(seed))
    n_mels, name = features.fmt.bank.n_mels, "patch(features, n_frames, rng)"
    n_found = array(name, answer, (n_mels, None)).shape[1]
    expect(
        n_found >= n_frames,
        f"A piece has {n_found} frames instead of {n_frames}. Are recordings that are too short "
        "left out, and does no piece begin too late?",
    )
    return array(name, answer, (n_mels, n_frames))


def _places(piece: Array, features: Any) -> list[tuple[int, int]]:
    """Where a piece lies: the recording, and its first frame."""
    found = []
    for i in range(len(features)):
        A = features[i]
        for start in np.flatnonzero(np.isclose(A[0], piece[0, 0], atol=1e-5)):
            part = A[:, start : start + piece.shape[1]]
            if part.shape == piece.shape and np.allclose(part, piece, atol=1e-5):
                found.append((i, int(start)))
    return found


@exercise("10.3")
def check_10_3(normalised: Any) -> str:
    """Check a function that normalises features by the statistics of their corpus.

    Parameters
    ----------
    normalised : callable
        `normalised(features, i)` returns an array of the shape of `features[i]`.
    """
    with _small_corpus() as features:
        shapes = [features[i].shape for i in range(len(features))]
        found = [
            array("normalised(features, i)", result(normalised, features, i), shape)
            for i, shape in enumerate(shapes)
        ]
        mean, std = features.statistics()
        wanted = [
            (features[i] - mean[:, np.newaxis]) / std[:, np.newaxis] for i in range(len(found))
        ]
    each = [float(np.abs(A.mean(axis=1)).max()) for A in found]
    whole = np.concatenate(found, axis=1)
    mean, std = whole.mean(axis=1), whole.std(axis=1)
    expect(
        max(each) > 1e-3,
        "Every recording has the mean 0: it was measured by itself. Take the corpus's statistics.",
    )
    expect(
        not np.allclose(mean, 0, atol=1e-2) or np.allclose(std, 1, atol=1e-2),
        "The mean is right, but not the deviation. Is it divided by std, and not by its square?",
    )
    expect(
        np.allclose(mean, 0, atol=1e-2) and np.allclose(std, 1, atol=1e-2),
        "Over the corpus, bands should have the mean 0 and the deviation 1. Is each band "
        "treated by its own numbers, of the `features` that the function is given (this check has a "
        "corpus of its own), and the mean taken away first?",
    )
    expect(
        all(close(A, right) for A, right in zip(found, wanted, strict=True)),
        "Mean and deviation are right, and yet these are not the features: is their sign, or their "
        "order, another?",
    )
    return "The corpus has one mean, and every recording keeps what sets it apart."


@exercise("10.4")
def check_10_4(not_exceeded: Any, features: Any) -> str:
    """Check the numbers that 95 % of the frames do not exceed.

    Parameters
    ----------
    not_exceeded : ndarray, shape (n_mels,)
    features : specdemo.corpus.Features
        The corpus of the chapter.
    """
    filled(not_exceeded=not_exceeded)
    numbers, counts = features.levels()
    found = array("not_exceeded", not_exceeded, (len(counts),))
    expect(
        np.ptp(found) > 0 or np.ptp(counts.argmax(axis=1)) == 0,
        "All bands have the same number. Count within each of them: along which axis?",
    )
    for part, hint in ((0.05, "5 %"), (0.5, "half of the frames")):
        expect(
            not np.allclose(found, _percentile(numbers, counts, part)),
            f"These are exceeded by all but {hint}. From which end was counted?",
        )
    # Who sorts all numbers may take one between two neighbours.
    wanted = _percentile(numbers, counts, 0.95)
    step = numbers[2] - numbers[1]  # the first may lead to the floor of the format
    expect(
        found.max() <= numbers.max() or np.any(found != np.round(found)),
        "These look like bytes. Which number does a byte stand for?",
    )
    expect(
        np.abs(found - wanted).max() < 1.5 * step and abs(np.mean(found - wanted)) < 0.75 * step,
        "These are off. At which byte does the sum of the counts reach 95 % of all frames?",
    )
    return "All that there is to know about levels is in the counts."


def _percentile(numbers: Array, counts: Array, part: float) -> Array:
    below = counts.cumsum(axis=1) / counts.sum(axis=1, keepdims=True)
    return numbers[(below >= part).argmax(axis=1)]


@exercise("10.5")
def check_10_5(damaged: Any) -> str:
    """Check a function that finds shards whose data have changed.

    Parameters
    ----------
    damaged : callable
        `damaged(out)` returns the names of shards.
    """
    with _small_corpus() as features:
        expect(
            names("damaged", result(damaged, features.out)) == [],
            "It finds damage where there is none. Compare with what the record says.",
        )
        shards = sorted({row["shard"] for row in features.rows})
        for name, place in ((shards[1], -1), (shards[2], 200)):
            path = features.out / "shards" / f"{name}.npy"
            data = bytearray(path.read_bytes())
            data[place] ^= 1
            path.write_bytes(data)
        found = sorted(names("damaged", result(damaged, features.out)))
    expect(found, "Two bits were flipped, and nothing was found. Is the hash that of all bytes?")
    expect(
        found == shards[1:3],
        "Not all that is named is damaged, or not all that is damaged is named. Is it the names "
        "of shards that are returned, such as '000002'?",
    )
    return "Whoever keeps sums of bytes can tell an old disk from a bad model."


def _small_corpus() -> AbstractContextManager[Any]:
    """The clips of the book as a corpus, a shard for each."""
    return _corpus({name: load(path) for name, path in clips().items()})


def _short_corpus() -> AbstractContextManager[Any]:
    """Noises of these lengths as a corpus, a shard for each."""
    rng = np.random.default_rng(0)
    noises = {str(n): (0.1 * rng.standard_normal(256 * n), 22050) for n in LENGTHS}
    return _corpus(noises)


@contextmanager
def _corpus(sounds: dict[str, tuple[Array, int]]) -> Iterator[Any]:
    from specdemo.corpus import make_features

    with TemporaryDirectory() as folder, TemporaryDirectory() as out:
        for name, (x, sr) in sounds.items():
            save(Path(folder) / f"{name}.wav", x, sr)
        yield make_features(folder, out, "hifigan-v1", shard_mb=SHARD_MB)
