"""Self-checks of chapter 6."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specdemo.audio import clips, load
from specdemo.exercises.verdict import (
    array,
    close,
    entries,
    exercise,
    expect,
    filled,
    number,
    pair,
    sound,
)
from specdemo.mel import MelBank
from specdemo.metrics import log_spectral_distance, spectral_convergence
from specdemo.staircase import Staircase
from specdemo.stft import STFT
from specdemo.timescale import frames_left, shorten


@exercise("6.1")
def check_6_1(on_paper: Any, measured: Any) -> str:
    """Check the numbers per second of a recogniser: 80 bands, and 13 coefficients of every 4th frame.

    Parameters
    ----------
    on_paper, measured : dict of str to float
        For "mel" and "mfcc": from the hop of 160 samples at 16 kHz, and counted in ten seconds.
    """
    filled(on_paper=on_paper)
    mel, mfcc = _numbers_of("on_paper", on_paper)
    expect(mel != 80 * 16000 / 512, "A new frame starts every hop, not every frame length.")
    expect(
        mel == 80 * 16000 / 160,
        'on_paper["mel"] is off. How many frames a second, and how many numbers in each?',
    )
    expect(mfcc != 13 * 16000 / 160, 'on_paper["mfcc"] has all frames. Four become one.')
    expect(
        mfcc != 80 * 16000 / 160 / 4, 'on_paper["mfcc"] has all bands. Of each column 13 are left.'
    )
    expect(
        mfcc == 13 * 16000 / 160 / 4,
        'on_paper["mfcc"] is off. How many columns a second are left, and how many numbers in each?',
    )
    filled(measured=measured)
    found = _numbers_of("measured", measured)
    n_frames = STFT(16000, 512, 160).n_frames(160000)
    wanted = (80 * n_frames / 10, 13 * frames_left(n_frames, 4) / 10)
    for name, answer, value, paper in zip(("mel", "mfcc"), found, wanted, (mel, mfcc), strict=True):
        expect(not np.isclose(answer, 10 * value), f"measured[{name!r}] is for all ten seconds.")
        expect(
            answer != paper,
            f"measured[{name!r}] is what the paper says. "
            "Count the numbers of the array, and divide by ten seconds.",
        )
        expect(
            np.isclose(answer, value),
            f"measured[{name!r}] is off. Is it the size of the step {name!r}, per second?",
        )
    return "Frames are centred on both ends of the sound, and a last group need not be full."


def _numbers_of(name: Any, answer: Any) -> list[float]:
    entries(name, answer, ("mel", "mfcc"))
    return [number(f"{name}[{key!r}]", answer[key]) for key in ("mel", "mfcc")]


@exercise("6.2")
def check_6_2(distances: Any, x: Any, stairs: Staircase) -> str:
    """Check what thresholds cost.

    Parameters
    ----------
    distances : dict of int to (float, float)
        For thresholds of 80, 60, 40 and 20 dB, the log-spectral distance of the bins and of the
        bands, in dB, of the sound that comes back from "db".
    x : ndarray, shape (n_samples,)
        The original.
    stairs : Staircase
        The staircase of the chapter.
    """
    filled(distances=distances)
    entries("distances", distances, (80, 60, 40, 20))
    loose = None
    for top_db in sorted(distances, reverse=True):
        name = f"distances[{top_db}]"
        found = np.array(pair(name, distances[top_db]))
        wanted = np.array(_cost_of_threshold(top_db, x, stairs))
        loose = wanted if loose is None else loose
        fine = np.abs(found - wanted) < 0.5
        expect(
            fine.all() or np.any(np.abs(found[::-1] - wanted) > 0.5),
            f"{name} is the wrong way round: the bins first.",
        )
        expect(
            fine.all() or np.any(np.abs(found - loose) > 0.5),
            f"{name} is what 80 dB cost. Go down with a staircase that has this threshold.",
        )
        for kind, right in zip(("bins", "bands"), fine, strict=True):
            expect(
                right,
                f"{name}: the distance of the {kind} is off. Down with this threshold, "
                'up from "db", and log_spectral_distance to the original?',
            )
    return "What lies below the floor of the distance can be cut without a change of it."


def _cost_of_threshold(top_db: Any, x: Any, stairs: Staircase) -> tuple[float, float]:
    strict = replace(stairs, top_db=top_db)
    y = strict.up("db", strict.down(x)["db"], length=len(x), rng=0)
    S, S_hat = stairs.stft.magnitude(x), stairs.stft.magnitude(y)
    return (
        log_spectral_distance(S, S_hat),
        log_spectral_distance(stairs.bank.forward(S), stairs.bank.forward(S_hat)),
    )


@exercise("6.3")
def check_6_3(bands_first: Any, frames_first: Any, louder: Any, S: Any, bank: MelBank) -> str:
    """Check the two orders of taking bands and shortening.

    Parameters
    ----------
    bands_first, frames_first : ndarray, shape (n_mels, n_short)
        Mel spectrograms, shortened by 5 after the bank and before it.
    louder : str
        "bands" or "frames": which has to come first for the louder result.
    S : ndarray, shape (n_bins, n_frames)
        The magnitudes.
    bank : MelBank
        The bank.
    """
    filled(bands_first=bands_first, frames_first=frames_first, louder=louder)
    wanted = {
        "bands_first": shorten(bank.forward(S), 5),
        "frames_first": bank.forward(shorten(S, 5)),
    }
    answers = {"bands_first": bands_first, "frames_first": frames_first}
    found = {name: array(name, answers[name], wanted[name].shape) for name in wanted}
    others = dict(zip(wanted, reversed(wanted.values()), strict=True))
    for name in wanted:
        expect(
            close(found[name], wanted[name]) or not close(found[name], others[name]),
            f"{name} is made in the other order.",
        )
        expect(
            close(found[name], wanted[name]),
            f"{name} is off. Use sd.shorten with a factor of 5, and bank.forward.",
        )
    expect(
        isinstance(louder, str) and louder in ("bands", "frames"),
        'louder should be "bands" or "frames".',
    )
    expect(
        louder == "bands",
        "Sum both, and compare. Which is pulled down more by a soft moment, a bin or a band?",
    )
    return "Means of levels of a sum are never lower than the sum of such means."


@exercise("6.4")
def check_6_4(factors: Any, best: Any, trial: Any, frames_per_second: Any) -> str:
    """Check which shortening goes with how many numbers per frame, for 1000 numbers per second.

    Parameters
    ----------
    factors : dict of int to float
        For 80 bands, and for 40, 20 and 13 coefficients of them, the factor to shorten by.
    best : int
        The key for which the bands come back best.
    trial : callable
        The function of the chapter: takes `shorten` and `n_mfcc`; returns the numbers per second
        and the distances in dB of the bands and of the bins.
    frames_per_second : float
        Frames before they are shortened.
    """
    filled(factors=factors, best=best)
    entries("factors", factors, (80, 40, 20, 13))
    distances = {}
    for rows, answer in factors.items():
        factor = number(f"factors[{rows}]", answer)
        wanted = max(1, rows * frames_per_second / 1000)
        expect(factor >= 1, f"factors[{rows}] is below 1. A factor of 2 leaves half of the frames.")
        expect(
            abs(factor / wanted - 1) < 0.05,
            f"factors[{rows}] makes {rows * frames_per_second / factor:.0f} numbers per second.",
        )
        distances[rows] = trial(shorten=factor, n_mfcc=None if rows == 80 else rows)[1]
    best = number("best", best)
    expect(best in distances, "best should be one of 80, 40, 20 and 13.")
    expect(
        distances[best] < min(distances.values()) + 0.05,
        "One of the others has a smaller distance of the bands.",
    )
    return "Does your ear agree with the number?"


@exercise("6.5")
def check_6_5(one: Any, two: Any, waveforms: Any, x: Any, M: Any, bank: MelBank) -> str:
    """Check two sounds from the same bands, and how far their waveforms are apart.

    Parameters
    ----------
    one, two : ndarray, shape (n_samples,)
        The sounds that come back from "mel" with the seeds 0 and 1.
    waveforms : dict of str to float
        Spectral convergence in dB of the waveforms: "one and two", "x and one".
    x : ndarray, shape (n_samples,)
        The original.
    M : ndarray, shape (n_mels, n_frames)
        Its bands.
    bank : MelBank
        The bank.
    """
    filled(one=one, two=two, waveforms=waveforms)
    sounds = {"one": sound("one", one, x), "two": sound("two", two, x)}
    for name, y in sounds.items():
        expect(not close(y, x), f"{name} is the original itself. Come back from its bands.")
        fit = spectral_convergence(M, bank.forward(bank.stft.magnitude(y.astype(M.dtype))))
        expect(
            fit < -15,
            f'The bands of {name} fit only to {fit:.0f} dB. Come back from "mel" '
            "with all iterations, and the length of x.",
        )
    one, two = sounds.values()
    expect(not close(one, two, 1e-9), "one and two are the same sound. Give each its own seed.")
    entries("waveforms", waveforms, ("one and two", "x and one"))
    for name, (a, b) in {"one and two": (one, two), "x and one": (x, one)}.items():
        found = number(f"waveforms[{name!r}]", waveforms[name])
        magnitudes = spectral_convergence(bank.stft.magnitude(a), bank.stft.magnitude(b))
        right = abs(found - spectral_convergence(a, b)) < 0.5
        expect(
            right or abs(found - magnitudes) > 0.5,
            f"waveforms[{name!r}] compares magnitudes. Compare the samples.",
        )
        expect(
            right,
            f"waveforms[{name!r}] is off. Use sd.spectral_convergence on the samples, "
            "the first sound first.",
        )
    return "Two sounds may share a guess of the phase, and both be far from the original's."


@exercise("6.6")
def check_6_6(growth: Any, by_coefficients: Any) -> str:
    """Check at which step clips lose most.

    Parameters
    ----------
    growth : dict of str to (float, float)
        For every bundled clip, by how many dB its log-mel distance grows from "mel" to "short",
        and from "short" to "mfcc".
    by_coefficients : list of str
        The clips that lose more at the second step.
    """
    filled(growth=growth, by_coefficients=by_coefficients)
    expect(
        isinstance(growth, dict) and set(growth) == set(clips()),
        "growth should be a dict with a key for every clip of sd.clips().",
    )
    losses = {name: pair(f"growth[{name!r}]", answer) for name, answer in growth.items()}
    wanted, distances = _growth("drums")
    found = np.array(losses["drums"])
    right = np.all(np.abs(found - wanted) < 0.7)
    expect(
        right or np.any(np.abs(found - distances) > 0.7),
        'growth["drums"] has the distances themselves. By how much do they grow?',
    )
    expect(
        right or np.any(np.abs(found[::-1] - wanted) > 0.7),
        'growth["drums"] is the wrong way round: fewer frames first.',
    )
    expect(
        right,
        'growth["drums"] is off. Two seconds, shortened by 5, 20 coefficients, and the '
        "log_mel_distance of the rows of the budget?",
    )
    expect(
        len(set(losses.values())) == len(losses),
        "Two clips have the same numbers. Is each one loaded in its turn?",
    )
    names = [by_coefficients] if isinstance(by_coefficients, str) else _listed(by_coefficients)
    lost_more = {name for name, (frames, coefficients) in losses.items() if coefficients > frames}
    expect(
        names is not None and all(isinstance(name, str) and name in losses for name in names),
        "by_coefficients should be a list of names of clips.",
    )
    expect(
        set(names or ()) == lost_more,
        "by_coefficients does not agree with growth. "
        "For which clips is the second number the larger one?",
    )
    return "What is quick loses by the frames, what is pitched by the coefficients."


def _listed(names: Any) -> list[Any] | None:
    """Whatever can be gone through, as a list; else None."""
    try:
        return list(names)
    except TypeError:
        return None


@cache
def _growth(name: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a clip loses at the two lowest steps, and how far off it is from each, in dB."""
    x, sr = load(name, duration=2)
    stft = STFT(sr, n_fft=1024, hop_length=256)
    stairs = Staircase(stft, MelBank(stft, 80, fmax=8000), shorten=5, n_mfcc=20)
    steps = stairs.down(x.astype(float))
    M = stairs.bank.forward(steps["magnitude"])
    off = []
    for step in ("mel", "short", "mfcc"):
        y = stairs.up(step, steps[step], n_iter=50, length=len(x), rng=0)
        off.append(log_spectral_distance(M, stairs.bank.forward(stft.magnitude(y))))
    return np.diff(off), np.array(off[1:])
