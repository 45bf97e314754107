"""Self-checks of chapter 9."""

from __future__ import annotations

from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np

from specdemo._types import Array
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


@exercise("9.1")
def check_9_1(no_detour: Any, detour_of_two: Any) -> str:
    """Check where the detour of a cloud is zero, and how large one is.

    Parameters
    ----------
    no_detour : dict of str to float
        "mean" and "var".
    detour_of_two : float
        For a mean of 2 and a variance of 1.
    """
    filled(no_detour=no_detour, detour_of_two=detour_of_two)
    answers = entries("no_detour", no_detour, ("mean", "var"))
    mean, var = (number(f"no_detour[{name!r}]", answers[name]) for name in ("mean", "var"))
    expect(var > 0, 'no_detour["var"] must be above zero, or its logarithm is not finite.')
    near = 1e-3  # of what was found by trying
    expect(abs(mean) < near, 'no_detour["mean"] is off. Any mean but one adds its square.')
    expect(
        abs(var - 1) < near, 'no_detour["var"] is off. Where has var - log(var) its lowest place?'
    )
    found = number("detour_of_two", detour_of_two)
    expect(abs(found - 4) > near, "detour_of_two is not halved.")
    expect(
        abs(found - 2) < near,
        "detour_of_two is off. With that variance, three of its terms cancel.",
    )
    return "A cloud like the bell around zero costs nothing, and says nothing."


@exercise("9.2")
def check_9_2(frechet_1d: Any, bell: Any, no_bell: Any) -> str:
    """Check a distance, and two sets that it cannot tell apart.

    Parameters
    ----------
    frechet_1d : callable
        `frechet_1d(a, b)` returns a number.
    bell, no_bell : ndarray, shape (1000,)
        Numbers of a bell, and others.
    """
    rng = np.random.default_rng(1)
    for shift, scale in ((0, 1), (3, 1), (0, 2), (-1, 0.5)):
        a = 5 + 3 * rng.standard_normal(50)
        b = shift + scale * rng.standard_normal(80)
        found = number("what frechet_1d returns", result(frechet_1d, a, b))
        mean, spread = (np.mean(a) - np.mean(b)) ** 2, (np.std(a) - np.std(b)) ** 2
        variances = (np.var(a) - np.var(b)) ** 2
        expect(
            abs(found - mean - variances) > 1e-6 or abs(spread - variances) < 1e-6,
            "frechet_1d compares variances. The spread is their root.",
        )
        expect(abs(found - np.sqrt(mean + spread)) > 1e-6, "frechet_1d takes a root too many.")
        # Of samples, or of all there is: the spread may be counted either way.
        of_samples = (np.std(a, ddof=1) - np.std(b, ddof=1)) ** 2
        expect(
            np.isclose(found, [mean + spread, mean + of_samples], rtol=1e-4, atol=1e-6).any(),
            "frechet_1d is off. Are both differences squared, and then added?",
        )
    filled(no_bell=no_bell)
    given, other = np.asarray(bell, float), array("no_bell", no_bell, (1000,))
    apart = (np.mean(given) - np.mean(other)) ** 2 + (np.std(given) - np.std(other)) ** 2
    expect(apart < 0.01, "no_bell has another mean or another spread.")
    expect(not _is_bell(other), "no_bell is a bell, or as good as one. Look at its histogram.")
    return "It sees where sounds are and how they spread, and not what shape they make."


def _is_bell(values: Array) -> bool:
    """Whether a thousand numbers may well be drawn from a bell."""
    standard = np.sort((values - np.mean(values)) / np.std(values))
    # The fourth moment of a bell is 3, within a quarter for a thousand numbers.
    moments = abs(np.mean(standard**4) - 3) < 0.5 and abs(np.mean(standard**3)) < 0.3
    # Spikes can have the moments of a bell. The share below each number is a bell's within 0.04.
    below = [NormalDist().cdf(value) for value in standard.tolist()]
    shares = (np.arange(values.size) + 0.5) / values.size
    return bool(moments and np.abs(below - shares).max() < 0.05)


@exercise("9.3")
def check_9_3(sigma_of_the_slip: Any, spread_left: Any) -> str:
    """Check a collapse: the sigma of a mean error, and what is left of the spread.

    Parameters
    ----------
    sigma_of_the_slip : float
        For which the sum, halved and divided, is the mean over 675 numbers.
    spread_left : float
        Spread of rebuilt words over that of real ones.
    """
    filled(sigma_of_the_slip=sigma_of_the_slip, spread_left=spread_left)
    sigma = number("sigma_of_the_slip", sigma_of_the_slip)
    expect(abs(sigma - 675 / 2) > 0.1, "That is the square of sigma_of_the_slip.")
    expect(abs(sigma - np.sqrt(675)) > 0.1, "sigma_of_the_slip forgets the 2 in front of sigma.")
    expect(
        abs(sigma - np.sqrt(675 / 2)) < 0.1,
        "sigma_of_the_slip is off. Set 2 * sigma ** 2 to the number of which it is the mean.",
    )
    left = number("spread_left", spread_left)
    expect(left >= 0, "spread_left is a ratio of spreads, and cannot be negative.")
    expect(
        left < 0.25,
        "spread_left is too large for a collapse. Was word_model given that sigma, and decode the "
        "codes of the real words? And is the deviation taken over the words, for each number by itself?",
    )
    return "The error was drowned by the detour: always say to which sigma a beta belongs."


@exercise("9.4")
def check_9_4(gru_step: Any) -> str:
    """Check a step of a gated recurrent unit.

    Parameters
    ----------
    gru_step : callable
        `gru_step(weights, x, s)` returns a state.
    """
    rng = np.random.default_rng(0)
    x, s = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    weights = [rng.standard_normal(shape) for shape in ((5, 4), (4,), (5, 2), (2,))]
    right, wrong = _steps(weights, x, s)
    given = result(gru_step, [w.copy() for w in weights], x.copy(), s.copy())
    found = array("what gru_step returns", given, s.shape)
    for value, hint in wrong:
        expect(not close(found, value), hint)
    expect(close(found, right), "gru_step is off. Look at the order of x and s, and at the halves.")
    return "With z at zero the state stays for ever: that is how such a network remembers."


def _steps(weights: list[Array], x: Array, s: Array) -> tuple[Array, list[tuple[Array, str]]]:
    """The next state, and what likely mistakes make of it."""
    W, b, U, d = weights

    def side_by_side(state: Array) -> Array:
        return np.concatenate([x, state], axis=1)

    gates = 1 / (1 + np.exp(-(side_by_side(s) @ W + b)))
    z, r = gates[:, :2], gates[:, 2:]
    c = np.tanh(side_by_side(r * s) @ U + d)
    swapped = np.tanh(side_by_side(z * s) @ U + d)
    return s + z * (c - s), [
        (
            s + (1 - z) * (c - s),
            "z renews the state: where it is 1, nothing of the old one is left.",
        ),
        (s + r * (swapped - s), "The halves are exchanged: z comes first."),
        (
            s + z * (np.tanh(side_by_side(s) @ U + d) - s),
            "r is not used: it says how much of s is seen.",
        ),
        (s + z * (side_by_side(r * s) @ U + d - s), "The tanh of the new content is missing."),
        (c, "That is the new content. How much of it goes into the state?"),
    ]


@exercise("9.5")
def check_9_5(nearest: Any, rows: Any, n_cosines: Any, n_frames: Any) -> str:
    """Check distances to the nearest of other words.

    Parameters
    ----------
    nearest : callable
        `nearest(rows, others)` returns dB for each row.
    rows : ndarray, shape (n_words, n_numbers)
        Words.
    n_cosines, n_frames : int
        Of an outline, which a row begins with.
    """
    middle = min(300, len(rows) // 2)
    some, others = rows[5:middle:60], rows[middle:700:20]
    n = n_cosines * n_frames
    squares = np.array([[np.sum((a - b)[:n] ** 2) for b in others] for a in some])
    right = 60 * np.sqrt(squares.min(axis=1) / (40 * n_frames))
    found = array("what nearest returns", result(nearest, some, others), right.shape)
    expect(not close(found, right / 60), "A level of 1 is 60 dB.")
    expect(
        not close(found, right * np.sqrt(40 / n_cosines), 1e-2),
        "The squares of the cosines are those of all 40 bands: off divides by these.",
    )
    expect(
        not close(found, 60 * np.sqrt(squares.mean(axis=1) / (40 * n_frames))),
        "That is the mean distance. Which one is the nearest?",
    )
    expect(close(found, right, 2e-3), "It is off. Compare outlines alone, and take the smallest.")
    itself = array("what nearest returns", result(nearest, some, some), right.shape)
    expect(
        np.abs(itself).max() < 0.1, "A word among the others should be at no distance from itself."
    )
    return "Held against the words that it learned from, a model shows whether it recites."


@exercise("9.6")
def check_9_6(strangers: Any) -> str:
    """Check that a recogniser is measured on voices that it has not heard.

    Parameters
    ----------
    strangers : callable
        `strangers(rows, digits, voices)` returns a dict of per cent.
    """
    # One voice says each digit as the others say the next, and says most of the words: whoever
    # learns from all voices learns to understand it, and whoever learns from the others cannot.
    unlike = "cor"
    found = _shares(strangers, *_words({"ann": 40, "ben": 40, "dan": 40, unlike: 240}, unlike))
    expect(
        found[unlike] < 20,
        "A voice that says everything differently is understood. Was it among those that were "
        "learned from?",
    )
    # Two of four voices say each digit: who is kept apart needs every one of the others.
    names = ("ann", "ben", "dan", "eve")
    words, pairs = _words(dict.fromkeys(names, 160), unlike), list(combinations(names, 2))
    kept = [voice in pairs[digit % 6] for digit, voice in zip(*words[1:], strict=True)]
    found = _shares(strangers, *(part[kept] for part in words))
    expect(max(found.values()) > 1, "Give the shares in per cent.")
    expect(max(found.values()) <= 100, "A share cannot be more than 100 %.")
    expect(
        min(found.values()) > 80,
        "A voice that speaks as the others do is not understood. Was its recogniser trained on "
        "all the others?",
    )
    return "Only a voice that was never heard shows what was learned."


def _words(n_words: dict[str, int], unlike: str) -> tuple[Array, Array, Array]:
    """Rows that anybody can tell apart, their digits and voices."""
    rng = np.random.default_rng(0)
    voices = np.repeat(list(n_words), list(n_words.values()))
    digits = np.arange(voices.size) % 10
    said = np.where(voices == unlike, (digits + 1) % 10, digits)
    rows = 0.05 * rng.standard_normal((voices.size, 675)).astype(np.float32)
    for word, digit in enumerate(said):
        rows[word, 32 * digit : 32 * digit + 32] += 3
    return rows, digits, voices


def _shares(strangers: Any, rows: Array, digits: Array, voices: Array) -> dict[str, float]:
    answers = entries(
        "what strangers returns", result(strangers, rows, digits, voices), np.unique(voices)
    )
    return {name: number(f"the share of {name}", share) for name, share in answers.items()}
