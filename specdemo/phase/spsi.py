"""Single pass spectrogram inversion: every peak of a frame is a partial that goes on from the last.

References
----------
Beauregard, Harish & Wyse 2015, "Single pass spectrogram inversion", IEEE DSP 2015.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from specdemo._frames import blocks
from specdemo._types import Array, Floats, Seed
from specdemo.phase.arguments import start_arguments
from specdemo.phase.pghi import window_shape
from specdemo.stft import STFT

# Magnitudes under this part of the largest, -140 dB, count as equal: no peaks among rounding errors.
FLOOR = 1e-7


def spsi(S: ArrayLike, stft: STFT, *, rng: Seed = None) -> Floats:
    """Turn the phase of every spectral peak by its frequency, and lock the bins around it.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.
    rng : int or numpy.random.Generator, optional
        Not used.

    Returns
    -------
    ndarray, shape (n_bins, n_frames)
        Phases in radians, in the dtype of `S`.

    Notes
    -----
    After Beauregard et al. 2015: in every frame the peaks are found, their frequencies interpolated
    with a parabola, and the phase that the bin of the peak had in the frame before is advanced by
    that frequency. All bins down to the valleys on both sides take the phase of their peak.

    A partial of frequency `f` (in bins) and phase `psi` at the window's centre has, referred to the
    first sample of the frame, the phase `psi - 2 pi center k / n_fft` in all bins `k` of its main
    lobe, when the window is symmetric. So `psi` is what is advanced and shared; for a centre of
    `n_fft / 2`, the rest is the sign that alternates from bin to bin.

    Where the paper advances by the frequency in the new frame, this advances by the mean of the
    old and the new: a partial that glides is then followed exactly, which gains 1 to 2 dB on
    speech.
    """
    S, _ = start_arguments(S, stft, rng)
    n_bins, n_frames = S.shape
    floor = FLOOR * S.max()
    half_hop = np.pi * stft.hop_length / stft.n_fft
    center, _ = window_shape(stft)
    delay = 2 * np.pi * center / stft.n_fft * np.arange(n_bins)
    phase = np.empty_like(S)
    psi, old_frequency = np.zeros(n_bins), np.zeros(n_bins)
    for block in blocks(n_frames):
        peak, frequency = _partials(S[:, block].T, floor)
        for m in range(len(peak)):
            psi = (psi + half_hop * (old_frequency + frequency[m]))[peak[m]]
            old_frequency = frequency[m]
            # Wrapped, since float32 keeps too few digits of the hundreds of circles in a second.
            phase[:, block.start + m] = np.angle(np.exp(1j * (psi - delay)))
    return phase


def _partials(S: Floats, floor: Any) -> tuple[Array, Array]:
    """For every bin of every frame, the bin of the peak it belongs to, and that peak's frequency.

    Parameters
    ----------
    S : ndarray, shape (n_frames, n_bins)
    floor : float

    Returns
    -------
    peak : ndarray of int, shape (n_frames, n_bins)
    frequency : ndarray, shape (n_frames, n_bins)
        In bins.
    """
    n_bins = S.shape[1]
    log_S = np.log(np.maximum(S, max(floor, np.finfo(S.dtype).tiny)).astype(np.float64))
    rises = np.ones(log_S.shape, bool)
    rises[:, 1:] = log_S[:, 1:] > log_S[:, :-1]
    # From valley to valley, bins rise and then fall; the last that rises is the peak.
    begins, is_peak = rises.copy(), rises.copy()
    begins[:, 1:] &= ~rises[:, :-1]
    is_peak[:, :-1] &= ~rises[:, 1:]
    region = np.cumsum(begins).reshape(log_S.shape) - 1
    peak = np.flatnonzero(is_peak)[region]
    return peak % n_bins, (np.arange(n_bins) + _vertex(log_S, is_peak)).reshape(-1)[peak]


def _vertex(log_S: Floats, is_peak: NDArray[np.bool_]) -> Array:
    """How far the vertex of the parabola through a peak and its neighbours lies from the peak.

    At other bins, and at peaks with a single neighbour, 0.
    """
    offset = np.zeros_like(log_S)
    inner = is_peak[:, 1:-1]
    left, middle, right = log_S[:, :-2][inner], log_S[:, 1:-1][inner], log_S[:, 2:][inner]
    offset[:, 1:-1][inner] = 0.5 * (left - right) / (left - 2 * middle + right)
    return offset
