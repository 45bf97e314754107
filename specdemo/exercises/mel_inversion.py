"""Self-checks of chapter 4."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from specdemo.exercises.verdict import (
    NotYet,
    array,
    entries,
    exercise,
    expect,
    filled,
    number,
    numbers,
)
from specdemo.inversion import invert_spectrogram
from specdemo.mel import MelBank
from specdemo.metrics import spectral_convergence
from specdemo.stft import STFT


@exercise("4.1")
def check_4_1(bins_seen: Any, left_free: Any) -> str:
    """Check the unknowns of a bank of 100 bands up to 12 kHz, at 24 kHz with frames of 1024.

    Parameters
    ----------
    bins_seen : int
        Bins that some band sees.
    left_free : int
        Unknowns that the bands leave free.
    """
    filled(bins_seen=bins_seen, left_free=left_free)
    seen, free = number("bins_seen", bins_seen), number("left_free", left_free)
    bank = MelBank(STFT(24000, 1024, 256), n_mels=100)
    expect(seen != 1024, "Half of the bins mirror the other half.")
    expect(
        seen != bank.stft.n_bins,
        "That is the number of all bins. Which weight have those on the outer edges of the bank?",
    )
    expect(
        seen == np.count_nonzero(bank.covered),
        "bins_seen is off. A bin is seen when some row of the matrix has a weight for it.",
    )
    expect(free != seen - 80, "left_free counts the 80 bands of the chapter; this bank has more.")
    expect(
        free == seen - np.linalg.matrix_rank(bank.matrix),
        f"left_free is off. Of {seen:g} unknowns, each independent band settles one.",
    )
    return "An inversion has to choose most of what it returns."


@exercise("4.2")
def check_4_2(damaged: Any, hole: Any, M: Any, bank: MelBank) -> str:
    """Check what EM makes of a start that is zero in one range.

    Parameters
    ----------
    damaged : ndarray, shape (n_seen, n_frames)
        Result of 200 iterations, on the bins that the bank sees.
    hole : ndarray of bool, shape (n_seen,)
        Bins between 500 and 700 Hz.
    M : ndarray, shape (n_mels, n_frames)
        The mel spectrogram.
    bank : MelBank
        The bank.
    """
    filled(damaged=damaged, hole=hole)
    f = bank.stft.frequencies[bank.covered]
    wanted = (f > 500) & (f < 700)
    expect(
        np.array_equal(numbers("hole", hole, f.size), np.flatnonzero(wanted)),
        "hole should be True for the bins between 500 and 700 Hz, among those that are seen.",
    )
    damaged = array("damaged", damaged, (f.size, M.shape[1]))
    expect(damaged.min() >= 0, "damaged has negative values, which EM cannot make.")
    expect(
        not np.any(damaged[wanted]),
        "The hole is filled. Was the start zero there, in all frames, and only changed by EM?",
    )
    B = bank.matrix[:, bank.covered]
    outside = ~(B[:, wanted].sum(axis=1) > 0)
    off = spectral_convergence(M[outside], (B @ damaged)[outside])
    expect(
        off < -40,
        f"Bands that do not see the hole fit only to {off:.0f} dB. "
        "Start from the envelope elsewhere, and take 200 iterations.",
    )
    # An iteration keeps the sum of all bands that it can reach; a later cut takes its part away.
    reached = B[:, ~wanted].any(axis=1)
    expect(
        (B @ damaged)[reached].sum() > 0.98 * M[reached].sum(),
        "The bands beside the hole lack what the hole should have had. Let the start be zero there, "
        "and EM come after it.",
    )
    return "Zero times any ratio is zero. Is that a fault, or a way to tell EM what you know?"


@exercise("4.3")
def check_4_3(rough: Any, M: Any, bank: MelBank) -> str:
    """Check a solution that EM reached from random values.

    Parameters
    ----------
    rough : ndarray, shape (n_bins, n_frames)
        The solution.
    M : ndarray, shape (n_mels, n_frames)
        The mel spectrogram.
    bank : MelBank
        The bank.
    """
    filled(rough=rough)
    rough = array("rough", rough, (bank.stft.n_bins, M.shape[1]))
    expect(rough.min() >= 0, "rough has negative values. Start from positive ones.")
    expect(not np.any(rough[~bank.covered]), "Bins that no band sees should stay zero.")
    fit = spectral_convergence(M, bank.forward(rough.astype(M.dtype)))
    expect(fit < -30, f"The bands fit only to {fit:.0f} dB. Did EM take its 200 iterations?")
    smooth = bank.inverse(M, n_iter=200)
    expect(
        _roughness(rough, smooth, bank, M) > 0.02,
        "Neighbouring bins follow each other as smoothly as from the envelope. "
        "Start from random values, one for every bin.",
    )
    return "Both fit the bands; what the bands leave free is still as the start had it."


def _roughness(rough: Any, smooth: Any, bank: MelBank, M: Any) -> float:
    """How much the ratio of two solutions jumps from bin to bin, in the louder frames.

    EM multiplies by what the bands see, which is smooth over the bins, so the jumps of the start
    stay, however small they are beside the spectrum.
    """
    energy = np.sum(M**2, axis=0)
    cells = np.ix_(bank.covered, energy >= np.median(energy))
    tiny = 1e-12 * smooth.max()
    ratio = np.maximum(rough[cells], tiny) / np.maximum(smooth[cells], tiny)
    return float(np.median(np.abs(np.diff(np.log(ratio), n=2, axis=0))))


@exercise("4.4")
def check_4_4(overtakes: Any, hybrid: Any, x: Any, stft: STFT) -> str:
    """Check after how many iterations the hybrid that lost only the phase is the nearer one.

    Parameters
    ----------
    overtakes : float
        The first of 10, 20, 40, 60, 80, 100, 150, 200 iterations, or infinity if none is enough.
    hybrid, x : ndarray, shape (n_samples,)
        The sound that lost only the detail, and the original.
    stft : STFT
        The grid.
    """
    filled(overtakes=overtakes)
    tried = (10, 20, 40, 60, 80, 100, 150, 200, np.inf)
    overtakes = number("overtakes", overtakes, infinite=True)
    expect(overtakes in tried, "overtakes should be one of 10, 20, 40, 60, 80, 100, 150, 200, inf.")
    S = stft.magnitude(x)
    goal = spectral_convergence(S, stft.magnitude(hybrid))

    def nearer_after(n_iter: Any) -> bool:
        y = invert_spectrogram(
            S, stft, start="random", refine="griffin_lim", n_iter=n_iter, length=len(x), rng=0
        )
        return spectral_convergence(S, stft.magnitude(y)) < goal

    earlier = [n_iter for n_iter in tried if n_iter < overtakes]
    expect(
        overtakes == np.inf or nearer_after(int(overtakes)),
        f"After {overtakes} iterations the hybrid that lost the detail is still nearer.",
    )
    expect(
        not earlier or not nearer_after(earlier[-1]),
        "It is nearer by then, and was so before. Use griffin_lim, a random start, and rng=0.",
    )
    if overtakes == np.inf:
        return "With a method so slow the phase stays to blame, for 200 iterations at least."
    return "With a slow method the phase is to blame at first, and the bands later."


@exercise("4.5")
def check_4_5(distances: Any, S: Any, bank: MelBank) -> str:
    """Check the distance of the EM guess to the truth for several numbers of bands.

    Parameters
    ----------
    distances : dict of int to float
        For 20, 40, 80 and 160 bands, the spectral convergence in dB.
    S : ndarray, shape (n_bins, n_frames)
        The true magnitudes.
    bank : MelBank
        The bank of the chapter.
    """
    filled(distances=distances)
    for n_mels, distance in entries("distances", distances, (20, 40, 80, 160)).items():
        found = number(f"distances[{n_mels}]", distance)
        other = replace(bank, n_mels=n_mels)
        M = other.forward(S)
        S_hat = other.inverse(M, method="em")
        wanted = spectral_convergence(S, S_hat)
        fitted = spectral_convergence(M, other.forward(S_hat))
        expect(
            abs(found - fitted) > 0.5 or abs(found - wanted) < 0.5,
            f"distances[{n_mels}] compares the bands. Compare the spectrograms.",
        )
        if abs(found - wanted) < 0.5:
            continue
        seen = spectral_convergence(S[bank.covered], S_hat[bank.covered])
        expect(
            abs(found - seen) > 0.3,
            f"distances[{n_mels}] leaves out the bins above the bank. Compare all bins.",
        )
        expect(
            abs(found - _from_all_frequencies(other, S)) > 0.3,
            f"distances[{n_mels}] is that of a bank without fmax. Take the fmax of bank.",
        )
        raise NotYet(
            f"distances[{n_mels}] is off. Did forward and inverse use a bank of {n_mels} bands?",
        )
    return "With more bands the floor is lower, and a model has more numbers to predict."


def _from_all_frequencies(bank: MelBank, S: Any) -> float:
    """Distance of the EM guess to the truth with bands up to half the sampling rate."""
    wide = replace(bank, fmax=None)
    return spectral_convergence(S, wide.inverse(wide.forward(S), method="em"))
