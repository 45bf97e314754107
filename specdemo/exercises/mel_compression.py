"""Self-checks of chapter 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.exercises.verdict import (
    array,
    close,
    exercise,
    expect,
    filled,
    number,
    result,
    sound,
)
from specdemo.mel import MelBank
from specdemo.metrics import log_spectral_distance
from specdemo.stft import STFT
from specdemo.timescale import lengthen, shorten


@exercise("3.1")
def check_3_1(below_htk: Any, below_slaney: Any, stft: STFT, fmax: Any) -> str:
    """Check how many tips of 80 bands lie below 1000 Hz.

    Parameters
    ----------
    below_htk, below_slaney : int
        Their number on the HTK and on the Slaney scale.
    stft : STFT
        The grid.
    fmax : float
        Upper edge of the bank in Hz.
    """
    filled(below_htk=below_htk, below_slaney=below_slaney)
    answers = {
        "htk": number("below_htk", below_htk),
        "slaney": number("below_slaney", below_slaney),
    }
    counts = {scale: _tips_below(1000, stft, fmax, scale) for scale in answers}
    swapped = (answers["htk"], answers["slaney"]) == (counts["slaney"], counts["htk"])
    expect(
        not swapped or counts["htk"] == counts["slaney"],
        "The two are the wrong way round: HTK gives more room to low frequencies.",
    )
    for scale, answer in answers.items():
        expect(
            abs(answer - counts[scale]) < 3,
            f"below_{scale} is far off. Which share of all mels lies below 1000 Hz?",
        )
        expect(
            answer == counts[scale],
            f"below_{scale} is a good estimate. Now count center_frequencies below 1000 Hz.",
        )
    return "With 80 tips there are 81 equal steps of mel from edge to edge."


def _tips_below(frequency: Any, stft: STFT, fmax: Any, scale: Any) -> np.intp:
    bank = MelBank(stft, n_mels=80, fmax=fmax, scale=scale)
    return np.count_nonzero(bank.center_frequencies < frequency)


@exercise("3.2")
def check_3_2(total: Any, sum_of_bands: Any, height_one: Any) -> str:
    """Check the sums over triangles of height one: of the weights, and of the bands.

    Parameters
    ----------
    total : ndarray, shape (n,)
        Sum of the weights of each bin between the first tip and the last.
    sum_of_bands : callable
        Takes columns of shape (n_bins, n_frames) that are zero outside the two tips; returns the
        sum of their bands, shape (n_frames,).
    height_one : MelBank
        The bank.
    """
    filled(total=total)
    first, last = height_one.center_frequencies[[0, -1]]
    f = height_one.stft.frequencies
    between = (f >= first) & (f <= last)
    total = array("total", total, (int(np.count_nonzero(between)),))
    expect(
        np.allclose(total, height_one.matrix[:, between].sum(axis=0), atol=1e-4),
        "total is not the sum over the bands, a number for every bin between the tips.",
    )
    columns = np.random.default_rng(0).random((f.size, 7)) * between[:, np.newaxis]
    found = array("What sum_of_bands returns", result(sum_of_bands, columns), (7,))
    expect(not close(found, columns.mean(axis=0)), "sum_of_bands takes the mean over the bins.")
    expect(
        close(found, height_one.forward(columns).sum(axis=0)),
        "sum_of_bands is not the sum of the bands. If every bin is shared out completely, "
        "what is left over, and what is counted twice?",
    )
    # Outside the tips the bins are not shared out, so there the bank gives itself away.
    everywhere = 1 + columns
    found = array("What sum_of_bands returns", result(sum_of_bands, everywhere), (7,))
    expect(
        not close(found, height_one.forward(everywhere).sum(axis=0)),
        "sum_of_bands takes the bands from the bank. It can do without: what do the weights of "
        "a bin add up to?",
    )
    return "A bank of height one shares out every bin: nothing is lost, nothing counted twice."


@exercise("3.3")
def check_3_3(describe: Any, x: Any, stft: STFT, fmax: Any) -> str:
    """Check sounds that came back from two descriptions of the same size.

    Parameters
    ----------
    describe : callable
        Takes `n_mels` and `factor`; returns the numbers per second, and the sound, shape
        (n_samples,), that comes back with the phase of `x`.
    x : ndarray, shape (n_samples,)
        The original.
    stft : STFT
        The grid.
    fmax : float
        Upper edge of the banks in Hz.
    """
    X = stft.forward(x)
    for n_mels, factor in ((80, 8), (20, 2)):
        returned = result(describe, n_mels, factor)
        expect(
            isinstance(returned, (tuple, list)) and len(returned) == 2,
            "describe should return two things: a number, and a sound.",
        )
        name = f"describe({n_mels}, {factor})"
        rate = number(f"The first result of {name}", returned[0])
        y = sound(f"The second result of {name}", returned[1], x)
        bank = MelBank(stft, n_mels, fmax=fmax)
        M = bank.forward(np.abs(X))
        _expect_rate(rate, name, shorten(M, factor).size * stft.sr / len(x), factor)
        _expect_same_sound(y, name, bank, _returned(M, bank, factor), X)
    return "Which one is better depends on what your sound is made of: listen, then measure."


def _expect_rate(rate: Any, name: Any, wanted: Any, factor: Any) -> None:
    expect(
        not np.isclose(rate, wanted * factor, rtol=0.02),
        f"{name} counts the numbers before shortening.",
    )
    expect(
        np.isclose(rate, wanted, rtol=0.02),
        f"{name} says {rate:.0f} numbers per second. Count the shortened array, per second.",
    )


def _returned(M: Any, bank: MelBank, factor: Any) -> Array:
    """Magnitudes that come back from a shortened mel spectrogram, smeared by the transpose."""
    return bank.inverse(
        lengthen(shorten(M, factor), factor, n_frames=M.shape[1]), method="transpose"
    )


def _expect_same_sound(y: Any, name: Any, bank: MelBank, S_hat: Any, X: Any) -> None:
    stft, seen = bank.stft, bank.covered
    wanted = stft.magnitude(stft.inverse(S_hat * np.exp(1j * np.angle(X)), length=y.size))
    off = log_spectral_distance(wanted[seen], stft.magnitude(y.astype(wanted.dtype))[seen])
    expect(
        off < 1,
        f"The sound of {name} is {off:.0f} dB off. Bank, shorten, lengthen to all "
        "frames, transpose, and the true phase, in this order?",
    )


@exercise("3.4")
def check_3_4(even: Any, even_smooth: Any, S: Any, stft: STFT, fmax: Any) -> str:
    """Check a bank of triangles that are evenly spaced in Hz, and what it makes of the sound.

    Parameters
    ----------
    even : ndarray, shape (40, n_bins)
        Weights, with height one.
    even_smooth, S : ndarray, shape (n_bins, n_frames)
        Magnitudes spread from the even bands, and the true ones.
    stft : STFT
        The grid.
    fmax : float
        Upper edge of the bank in Hz.
    """
    filled(even=even, even_smooth=even_smooth)
    even = array("even", even, (40, stft.n_bins))
    corners = np.linspace(0, fmax, 42)
    centres = (even @ stft.frequencies) / np.maximum(even.sum(axis=1), 1e-12)
    mel = MelBank(stft, 40, fmax=fmax).center_frequencies
    apart = stft.frequencies[1]
    expect(
        np.abs(centres - mel).max() > 4 * apart,
        "These are the mel bands. Space the corners evenly in Hz.",
    )
    expect(
        np.abs(centres - corners[1:-1]).max() < apart,
        "The bands are not where 42 evenly spaced corners, from 0 to fmax, put them.",
    )
    expect(np.abs(even.max(axis=1) - 1).max() < 0.3, "Each triangle should rise to about 1.")
    triangles = np.array(
        [np.interp(stft.frequencies, corners[k : k + 3], (0, 1, 0)) for k in range(40)]
    )
    expect(
        close(even, triangles, 0.02),
        "The bands lie where they should, but are not triangles: from 0 at one corner straight up to 1 "
        "at the next, and down to 0 at the one after.",
    )
    flat = even.T @ even.sum(axis=1, keepdims=True)
    wanted = even.T @ (even @ S) / np.where(flat > 0, flat, 1)
    found = array("even_smooth", even_smooth, S.shape)
    expect(not close(found, even.T @ (even @ S)), "even_smooth: use spread, which also divides.")
    expect(
        close(found, wanted),
        "even_smooth is not what spread makes of the even bands. Which matrix did it get?",
    )
    return "Now look at both distances, below 1000 Hz and above."


@exercise("3.5")
def check_3_5(random_phase: Any, X: Any) -> str:
    """Check random phases, as complex numbers of the size 1.

    Parameters
    ----------
    random_phase, X : ndarray of complex, shape (n_bins, n_frames)
        The phases, and the transform of the original.
    """
    filled(random_phase=random_phase)
    phase = _numbers_of_size_one(random_phase, X.shape)
    expect(
        np.abs(phase[:, 1:] - phase[:, :-1]).mean() > 0.1
        and np.abs(phase[1:] - phase[:-1]).mean() > 0.1,
        "Neighbouring cells have the same phase. Draw one for every cell.",
    )
    expect(
        np.abs(phase.mean()) < 0.05,
        "The phases favour one direction. Do the angles go all around the circle?",
    )
    true = np.exp(1j * np.angle(X))
    expect(np.abs(np.mean(phase * true.conj())) < 0.05, "These phases still know the true ones.")
    return "All directions are equally frequent, and none of them is borrowed."


def _numbers_of_size_one(random_phase: Any, shape: Any) -> Array:
    phase = array("random_phase", random_phase, shape, kind="complex")
    expect(
        np.iscomplexobj(phase),
        "random_phase should be complex: exp(i angle), not the angle itself.",
    )
    expect(
        np.allclose(np.abs(phase), 1, atol=1e-3),
        "Every number should have the size 1, or it changes the magnitude.",
    )
    return phase
