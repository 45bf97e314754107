"""Self-checks of chapter 8."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.audio import load
from specdemo.exercises.verdict import (
    array,
    close,
    entries,
    exercise,
    expect,
    filled,
    number,
    result,
)


@exercise("8.1")
def check_8_1(n_weights: Any) -> str:
    """Check the number of weights of two autoencoders.

    Parameters
    ----------
    n_weights : dict of str to int
        For "autoencoder" and "linear".
    """
    filled(n_weights=n_weights)
    answers = entries("n_weights", n_weights, ("autoencoder", "linear"))
    found = {name: number(f"n_weights[{name!r}]", answer) for name, answer in answers.items()}
    matrices, offsets = 2 * (512 * 192 + 192 * 16), 2 * 192 + 16 + 512
    expect(
        found["autoencoder"] != matrices,
        'n_weights["autoencoder"] counts the matrices. Every layer has a row of offsets, too.',
    )
    expect(
        found["autoencoder"] != matrices / 2 + 192 + 16,
        'n_weights["autoencoder"] is that of the encoder alone.',
    )
    expect(
        found["autoencoder"] == matrices + offsets,
        'n_weights["autoencoder"] is off. There are four layers: input times output, and output.',
    )
    expect(
        found["linear"] != 2 * 512 * 16, 'n_weights["linear"] leaves out the mean, which is added.'
    )
    expect(
        found["linear"] == 2 * 512 * 16 + 512,
        'n_weights["linear"] is off. There is one matrix down, one up, and the mean segment.',
    )
    return "One is a dozen times the other, for less than a decibel."


def _bent(x: Array) -> Array:
    return np.maximum(x, 0.1 * x)


def _by_differences(weights: list[Array], x: Array) -> list[Array]:
    """The gradient of the loss of exercise 8.2, by pushing every weight up and down."""

    def loss() -> float:
        W1, b1, W2, b2 = weights
        return float(np.mean((_bent(x @ W1 + b1) @ W2 + b2 - x) ** 2))

    gradient, h = [np.zeros_like(w) for w in weights], 1e-6
    for w, g in zip(weights, gradient):
        for place in np.ndindex(w.shape):
            kept, values = w[place], []
            for value in (kept + h, kept - h):
                w[place] = value
                values.append(loss())
            w[place], g[place] = kept, (values[0] - values[1]) / (2 * h)
    return gradient


def _check_gradient(name: str, found: Array, right: Array, x: Array) -> None:
    for factor, why in (
        (x.size, "The loss is a mean, not a sum"),
        (0.5, "The square gives a 2"),
    ):
        expect(not close(found, factor * right), f"{why}: look at the factor in front of {name}.")
    expect(not close(found, -right), f"The sign of the gradient of {name} is turned around.")
    is_offset = right.ndim == 1
    expect(
        not is_offset or not close(len(x) * found, right),
        f"The gradient of {name} is a mean over the rows. It should be their sum.",
    )
    fine = close(found, right)
    factor = np.vdot(right, found) / np.vdot(right, right)
    expect(
        fine or factor <= 0 or not close(found / factor, right),
        f"The gradient of {name} is right but for a constant factor. Of how many numbers is the "
        "loss the mean, and what does the square give?",
    )
    more = {"W1": " Does it go back over the bend?", "b1": " Is it summed over the rows?"}
    expect(fine, f"The gradient of {name} is off.{more.get(name, '')}")


@exercise("8.2")
def check_8_2(gradient_by_hand: Any) -> str:
    """Check a gradient against differences.

    Parameters
    ----------
    gradient_by_hand : callable
        `gradient_by_hand(weights, x)` returns four arrays.
    """
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal(shape) for shape in ((5, 3), (3,), (3, 5), (5,))]
    x = rng.standard_normal((7, 5))
    wanted = _by_differences(weights, x)
    with _traces() as traces:
        answer = result(gradient_by_hand, [w.copy() for w in weights], x.copy())
    expect(
        not traces,
        "gradient_by_hand leaves the work to autograd. Go back over the operations yourself.",
    )
    expect(
        isinstance(answer, (list, tuple)) and len(answer) == 4,
        "gradient_by_hand should return four arrays, as a list.",
    )
    for name, given, right in zip(("W1", "b1", "W2", "b2"), answer, wanted):
        found = array(f"the gradient of {name}", given, right.shape)
        _check_gradient(name, found, right, x)
    _check_beside_a_loud_column(gradient_by_hand, weights, x)
    return "This is all that autograd does, for every operation that there is."


def _check_beside_a_loud_column(gradient_by_hand: Any, weights: list[Array], x: Array) -> None:
    """Refuse differences of the loss.

    Beside a column of x that is a hundred million times as loud, and that the network neither hears nor
    makes, they are too coarse for the rest, whose gradient is what it was but for the size of the mean.
    """
    W1, b1, W2, b2 = (w.copy() for w in weights)
    W1[-1], W2[:, -1], b2[-1] = 0, 0, 0
    loud = x.copy()
    loud[:, -1] *= 1e8
    quiet = _by_differences(_without_the_last([W1, b1, W2, b2]), x[:, :-1])
    share = (x.shape[1] - 1) / x.shape[1]
    answer = [np.asarray(g) for g in result(gradient_by_hand, [W1, b1, W2, b2], loud)]
    fine = all(
        found.shape == wanted.shape and close(found, share * wanted)
        for found, wanted in zip(_without_the_last(answer), quiet)
    )
    expect(
        fine,
        "It is right where all numbers are of one size. Where the loss is large and a gradient small, "
        "differences of losses are too coarse: go back over the operations, one by one.",
    )


def _without_the_last(arrays: list[Array]) -> list[Array]:
    """Weights, or their gradient, without those of the last column of x."""
    W1, b1, W2, b2 = arrays
    return [W1[:-1], b1, W2[:, :-1], b2[:-1]]


@contextmanager
def _traces() -> Iterator[list[int]]:
    """A list in which autograd, by whatever name it is called, leaves a mark for each of its traces."""
    marks: list[int] = []
    stack = getattr(sys.modules.get("autograd.tracer"), "trace_stack", None)
    if stack is None:
        yield marks
        return

    def marked() -> Any:
        marks.append(1)
        return type(stack).new_trace(stack)

    stack.new_trace = marked
    try:
        yield marks
    finally:
        del stack.new_trace


@exercise("8.3")
def check_8_3(foretold: Any) -> str:
    """Check the error of principal components, foretold from singular values.

    Parameters
    ----------
    foretold : callable
        `foretold(spread, n, n_rows)` returns dB.
    """
    rng = np.random.default_rng(0)
    # Every row is there twice, so that there are more rows than patterns.
    X = np.repeat(rng.standard_normal((60, 512)) * rng.uniform(0, 0.3, 512), 2, axis=0)
    _, spread, patterns = np.linalg.svd(X, full_matrices=False)
    spread, patterns = spread[:60], patterns[:60]
    for n in (1, 8, 30):
        rest = X - X @ patterns[:n].T @ patterns[:n]
        right = 60 * np.sqrt(np.mean(rest**2))
        found = number("what foretold returns", result(foretold, spread, n, len(X)))
        kept = 60 * np.sqrt(np.sum(spread[:n] ** 2) / X.size)
        expect(abs(found - kept) > 1e-6, "That is what the patterns explain. What is left over?")
        for wrong, hint in (
            (
                60 * np.sqrt(np.sum(spread[n:] ** 2) / len(X)),
                "The mean is over all cells, of which a row has 512.",
            ),
            (
                60 * np.sqrt(np.sum(spread[n:] ** 2) / 512),
                "The mean is over the cells of all rows.",
            ),
            (
                60 * np.sqrt(np.sum(spread[n:] ** 2) / (len(spread) * 512)),
                "There can be more rows than singular values: n_rows tells how many.",
            ),
            (right / 60, "A level of 1 is 60 dB."),
            (60 * np.sum(spread[n:]) / X.size, "It is the squares that add up."),
            (60 * np.sqrt(np.sum(spread[n:]) / X.size), "It is the squares that add up."),
            (60 * np.sum(spread[n:] ** 2) / X.size, "The root is missing."),
            (
                60 * np.sqrt(np.sum(spread[n + 1 :] ** 2) / X.size),
                "The first n patterns are those before spread[n].",
            ),
        ):
            expect(abs(found - wrong) > 1e-6, hint)
        expect(abs(found - right) < 1e-6, f"It is off for n = {n}. Which patterns are left out?")
    return "What a linear description loses can be read off before it is used."


@exercise("8.4")
def check_8_4(rounded: Any) -> str:
    """Check a function that rounds codes.

    Parameters
    ----------
    rounded : callable
        `rounded(codes, n_bits)` returns codes.
    """
    codes = np.random.default_rng(0).standard_normal((200, 3)) * [1, 5, 0.01] + [0, 3, -1]
    for n_bits in (1, 3, 6):
        found = array("what rounded returns", result(rounded, codes.copy(), n_bits), codes.shape)
        most = 2**n_bits
        for column, given in zip(found.T, codes.T):
            values = np.unique(np.round(column, 9))
            expect(
                len(values) <= most,
                f"For n_bits = {n_bits} there are more than {most} values.",
            )
            step = np.ptp(given) / (most - 1)
            expect(
                np.isclose(values[0], given.min()) and np.isclose(values[-1], given.max()),
                "The extremes of each column should stay. Does every column have a range of its own?",
            )
            expect(
                np.abs(column - given).max() <= 0.5001 * step,
                "A code is moved by more than half a step. Is it rounded to the nearest value?",
            )
    return "A number of a code is worth a few bits, and a model can be trained to need even fewer."


@exercise("8.5")
def check_8_5(
    split_by_voice: Any, takes: Any, levels: Any, n_frames: Any, off_by: Any = None
) -> str:
    """Check that recordings are split by voice, and what it is worth to have heard one.

    Parameters
    ----------
    split_by_voice : callable
        `split_by_voice(takes, voice)` returns two arrays of segments.
    takes : list of Take
        Recordings of several voices.
    levels : callable
        From a sound to mel levels.
    n_frames : int
        Of a segment.
    off_by : dict of str to float
        In dB, of half of a voice, for a model that has "never heard" it, and one that has "half heard" it.
    """
    voices = ("awb", "rms", "slt")
    few = [take for voice in voices for take in [t for t in takes if t.voice == voice][:2]]
    plain = {voice: np.concatenate([_plain(t, levels, n_frames) for t in few if t.voice == voice])
             for voice in voices}  # fmt: skip
    for voice in voices[:2]:
        others = [plain[v] for v in voices if v != voice]
        _check_split(result(split_by_voice, list(few), voice), voice, plain[voice], others)
    filled(off_by=off_by)
    names = ("never heard", "half heard")
    answers = entries("off_by", off_by, names)
    never, half = (number(f"off_by[{name!r}]", answers[name]) for name in names)
    expect(
        min(never, half) > 0.5,
        "A model of 16 numbers is further off than that. Is off_by in dB, and measured on recordings "
        "that were not learned from?",
    )
    expect(
        half < never,
        "To have heard a half of a voice should help with the other half. Are both models measured on "
        "the same recordings, and trained alike?",
    )
    return "What is measured now is what a stranger would get, and what it is worth to be none."


def _plain(take: Any, levels: Any, n_frames: int) -> Array:
    """The segments of a recording as it is, one behind the other."""
    V = levels(load(take.path)[0])
    n = V.shape[1] // n_frames * n_frames
    return np.stack([part.ravel() for part in np.split(V[:, :n], n // n_frames, axis=1)])


def _check_split(answer: Any, voice: str, wanted: Array, others: list[Array]) -> None:
    """Check the segments of voices of which one is left out, given those of all as recorded."""
    expect(
        isinstance(answer, (list, tuple)) and len(answer) == 2,
        "split_by_voice should return two arrays: what is learned from, and what is measured on.",
    )
    theirs, own = (
        array(f"the {which} array of split_by_voice", part, (None, wanted.shape[1]))
        for which, part in zip(("first", "second"), answer)
    )

    def same(found: Array, segments: Array) -> bool:
        return found.shape == segments.shape and np.allclose(found, segments, atol=1e-5)

    expect(not same(theirs, wanted), "The voice that is left out should come second.")
    expect(
        not any(same(own, other) for other in others),
        f'With the voice "{voice}" to be left out, the segments of another one come second.',
    )
    expect(
        same(own, wanted),
        "The segments of the voice that is left out should be those of the recording as it is, "
        "one behind the other.",
    )
    expect(
        len(theirs) > 5 * sum(map(len, others)),
        "The others should be there at all speeds, as learned_from makes them.",
    )
    expect(
        all(_is_among(theirs, row) for other in others for row in other),
        "Segments of other voices are missing from what is learned from. Are all of their recordings "
        "there, unvaried?",
    )
    # A segment is learned from if it is found there but for rounding; silence is the same in all.
    expect(
        not any(_is_among(theirs, row) for row in own if row.any()),
        "Segments of the voice that is left out are among those that are learned from.",
    )


def _is_among(rows: Array, row: Array) -> bool:
    """Whether one of the rows is this one, but for rounding."""
    return bool(np.any(np.max(np.abs(rows - row), axis=1) < 1e-5))
