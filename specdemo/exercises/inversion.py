"""Self-checks of chapter 2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from specdemo.exercises.verdict import (
    NotYet,
    array,
    close,
    entries,
    exercise,
    expect,
    filled,
    number,
    result,
    sound,
)
from specdemo.inversion import invert_spectrogram
from specdemo.metrics import spectral_convergence
from specdemo.stft import STFT


@exercise("2.1")
def check_2_1(alpha: Any, fast_griffin_lim: Any, griffin_lim: Any, S: Any, phase: Any) -> str:
    """Check the momentum with which the fast algorithm is the plain one.

    Parameters
    ----------
    alpha : float
        The momentum.
    fast_griffin_lim, griffin_lim : callable
        The functions of the chapter.
    S, phase : ndarray, shape (n_bins, n_frames)
        Magnitudes, and phases to start from.
    """
    filled(alpha=alpha)
    momentum = number("alpha", alpha)
    slow = griffin_lim(S, phase, 3)
    difference = spectral_convergence(slow, fast_griffin_lim(S, phase, 3, momentum=momentum))
    expect(
        difference < -100,
        f"After three iterations the two differ by {difference:.0f} dB. "
        "Which part of the last change should be added?",
    )
    return "Without momentum, what is ahead is the consistent array itself."


@exercise("2.2")
def check_2_2(other: Any, x: Any, stft: STFT) -> str:
    """Check a second sound with the spectrogram of the first.

    Parameters
    ----------
    other, x : ndarray, shape (n_samples,)
        The second sound and the first.
    stft : STFT
        The grid.
    """
    filled(other=other)
    other = sound("other", other, x)
    expect(not close(other, x), "other is x itself, or x with a change too small to count.")
    expect(not close(other, x[::-1]), "other runs backwards, and so do its magnitudes.")
    expect(
        close(np.abs(other), np.abs(x), 1e-5),  # as much as rounding in float32 needs
        "other should be as loud as x at every moment: |other| should equal |x|.",
    )
    off = spectral_convergence(stft.magnitude(x), stft.magnitude(other))
    expect(off < -80, f"Its magnitudes differ from those of x by {off:.0f} dB.")
    return "One bit of the sound is in no magnitude, and nobody hears it."


@exercise("2.3")
def check_2_3(errors: Any, x: Any, stft: STFT, fine: Any) -> str:
    """Check the errors of inversions from three hops, judged on one fine grid.

    Parameters
    ----------
    errors : dict of int to float
        For hops of a half, a quarter and an eighth of the frame (2, 4, 8), the error in dB.
    x : ndarray, shape (n_samples,)
        The sound.
    stft, fine : STFT
        The grid of the chapter, and that on which all are judged.
    """
    filled(errors=errors)
    for part, error in entries("errors", errors, (2, 4, 8)).items():
        found = number(f"errors[{part}]", error)
        own, judged = _errors_at(replace(stft, hop_length=stft.n_fft // part), x, fine)
        expect(
            abs(found - own) > 0.5 or abs(found - judged) < 0.5,
            f"errors[{part}] is measured on the grid that was inverted. Use fine for all three.",
        )
        expect(
            abs(found - judged) < 1,
            f"errors[{part}] is off. Fast Griffin-Lim, 32 iterations, rng=0, the length of x, "
            "and the fine grid for both sounds?",
        )
    return "Measured on one grid, more agreement between frames is less error."


def _errors_at(grid: STFT, x: Any, fine: Any) -> tuple[float, float]:
    """Errors of an inversion from a grid, on that grid and on the fine one."""
    wanted = grid.magnitude(x)
    y = invert_spectrogram(wanted, grid, refine="fast_griffin_lim", n_iter=32, length=len(x), rng=0)
    return (
        spectral_convergence(wanted, grid.magnitude(y)),
        spectral_convergence(fine.magnitude(x), fine.magnitude(y)),
    )


@exercise("2.4")
def check_2_4(impose: Any) -> str:
    """Check the step that puts given magnitudes on given phases, where there are phases.

    Parameters
    ----------
    impose : callable
        Takes S, magnitudes, and X, complex, both of shape (n_bins, n_frames); returns an array
        with the magnitudes of S and the phases of X, and the phase zero where X is zero.
    """
    rng = np.random.default_rng(0)
    S = rng.uniform(0.5, 2, (6, 5))
    X = rng.standard_normal((6, 5)) + 1j * rng.standard_normal((6, 5))
    X[2, 3] = X[0, 0] = 0
    S[4, 4] = 0
    with np.errstate(all="ignore"):
        found = array("What impose returns", result(impose, S, X), S.shape, kind="complex")
    some = (X != 0) & (S > 0)
    expect(
        np.allclose(np.abs(found[some]), S[some]), "Where X is not zero, the magnitudes are off."
    )
    expect(
        np.allclose(found[some], S[some] * np.exp(1j * np.angle(X[some]))),
        "The magnitudes are right, but the phases are not those of X.",
    )
    expect(found[4, 4] == 0, "Where S is zero, the result should be zero.")
    expect(
        np.allclose(found[X == 0], S[X == 0]),
        "Where X is zero, the magnitude of the result is not that of S, or its phase not zero.",
    )
    tiny = array("What impose returns", result(impose, S, 1e-30 * X), S.shape, "complex")
    expect(np.allclose(tiny, found), "Soft cells have phases too: 1e-30 X should give the same.")
    return "Silence has no phase, but the next iteration needs one."


@exercise("2.5")
def check_2_5(shift_between: Any, x: Any, stft: STFT) -> str:
    """Check a sound whose phase gets another constant at every joint.

    Parameters
    ----------
    shift_between : callable
        Takes a list of frames, the joints; returns the sound, shape (n_samples,).
    x : ndarray, shape (n_samples,)
        The original.
    stft : STFT
        The grid.
    """
    S = stft.magnitude(x)
    joint = _loudest_frame_of_the_middle(S)
    whole = sound("What shift_between([]) returns", _without_joints(shift_between), x)
    error = spectral_convergence(S, stft.magnitude(whole))
    expect(
        error < -20,
        f"Without any joint the magnitudes should stay; they change by {error:.0f} "
        "dB. Add one constant to all phases.",
    )
    again = sound("What shift_between([]) returns", _without_joints(shift_between), x)
    expect(
        close(again, whole),
        "shift_between draws other constants at every call. Draw them once, outside the function.",
    )
    cut = sound("What shift_between returns", result(shift_between, [joint]), x)
    reach = 4 * stft.hop_length  # samples that frames on both sides of the joint share
    before = slice(0, max(0, joint * stft.hop_length - reach))
    behind = slice(joint * stft.hop_length + reach, None)
    expect(close(cut[before], whole[before]), "A joint should change nothing before it.")
    expect(
        not close(cut[behind], whole[behind]), "Behind a joint there should be another constant."
    )
    frames = slice(joint + 8, None)
    kept = spectral_convergence(S[:, frames], stft.magnitude(cut)[:, frames])
    expect(kept < -20, "Behind the joint, one constant should go to all frames and bins alike.")
    _check_constants(shift_between, x, stft)
    return "Now compare the joints in pauses with those in vowels or notes."


def _check_constants(shift_between: Any, x: Any, stft: STFT) -> None:
    """With three joints, each of the four stretches has a constant that its neighbours have not."""
    X = stft.forward(x)
    joints = [X.shape[1] * k // 4 for k in (1, 2, 3)]
    away = 8  # frames from a joint that samples of both sides are not in
    if joints[0] <= 2 * away:
        return
    y = sound("What shift_between returns", result(shift_between, list(joints)), x)
    turned = X.conj() * stft.forward(y.astype(X.real.dtype))
    stretches = np.split(turned, joints, axis=1)
    together = [np.sum(part[:, away:-away]) for part in stretches]
    for one, other in zip(together, together[1:]):
        apart = np.angle(one * np.conj(other))
        heard = min(abs(one), abs(other)) > 1e-6 * np.abs(turned).sum()
        expect(
            abs(apart) > 1e-3 or not heard,
            "With several joints, two stretches beside each other have the same constant. Does each "
            "joint begin another one?",
        )


def _without_joints(shift_between: Any) -> Any:
    """What the function returns without any joint, which is easily forgotten."""
    try:
        return result(shift_between, [])
    except NotYet as hint:
        raise NotYet(f"{hint} The list of joints can also be empty.") from None


def _loudest_frame_of_the_middle(S: Any) -> int:
    third = S.shape[1] // 3
    return third + int(np.argmax(np.sum(S[:, third : 2 * third] ** 2, axis=0)))


@exercise("2.6")
def check_2_6(row_phase: Any, along_time: Any) -> str:
    """Check phases that were added up along time alone.

    Parameters
    ----------
    row_phase, along_time : ndarray, shape (n_bins, n_frames)
        The phases, and their change from frame to frame by the slopes of the log magnitude.
    """
    filled(row_phase=row_phase)
    row_phase = array("row_phase", row_phase, along_time.shape)
    steps = np.diff(row_phase, axis=1)
    wanted = (along_time[:, 1:] + along_time[:, :-1]) / 2

    def off(guess: Any) -> float:
        return np.abs(np.angle(np.exp(1j * (steps - guess)))).mean()

    near = 0.02  # radians that single precision may add up to over many frames
    expect(off(-wanted) > 1e-3, "row_phase runs backwards.")
    expect(
        min(off(along_time[:, 1:]), off(along_time[:, :-1])) > 1e-3 or off(wanted) < near,
        "Each step uses the slope of one frame. Take the mean of both ends, as PGHI does.",
    )
    expect(
        off(wanted) < near,
        f"The steps from frame to frame are off by {off(wanted):.2g} radians on average.",
    )
    apart = np.abs(np.diff(np.exp(1j * row_phase[:, 0]))).mean()
    expect(apart > 0.1, "Bins start with the same phase. Draw one for each in the first frame.")
    return "Each row now keeps its own time, and none knows of its neighbours."
