"""Banks that are not triangles over Hz or mel: the weights of three systems, each from its formula."""

from __future__ import annotations

import numpy as np

from specdemo._types import Floats
from specdemo.mel import hz_to_mel, mel_to_hz
from specdemo.stft import STFT


def floored_bins(stft: STFT, n_mels: int, fmin: float, fmax: float) -> Floats:
    """Triangles whose corners are bins, as in python_speech_features.

    The corners are rounded down to `floor((n_fft + 1) * f / sr)`; a power is divided by `n_fft`.

    Returns
    -------
    ndarray, shape (n_mels, n_bins)
    """
    corners = np.floor((stft.n_fft + 1) * _corners(n_mels, fmin, fmax) / stft.sr)
    bins = np.arange(stft.n_bins)
    low, tip, high = (corners[i : i + n_mels, np.newaxis] for i in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = np.where((bins >= low) & (bins < tip), (bins - low) / (tip - low), 0)
        falling = np.where((bins >= tip) & (bins < high), (high - bins) / (high - tip), 0)
    return (rising + falling) / stft.n_fft


def symmetric(stft: STFT, n_mels: int, fmin: float, fmax: float) -> Floats:
    """Triangles that fall as steeply as they rise, over Hz, as in SpeechBrain.

    Returns
    -------
    ndarray, shape (n_mels, n_bins)
    """
    corners = _corners(n_mels, fmin, fmax)
    tips, widths = corners[1:-1, np.newaxis], np.diff(corners)[:-1, np.newaxis]
    slopes = (stft.frequencies - tips) / widths
    return np.maximum(0, np.minimum(1 + slopes, 1 - slopes))


def widened(stft: STFT, n_mels: int, fmin: float, fmax: float) -> Floats:
    """Triangles over Hz that are nowhere narrower than one and a half bins, as in GANSynth.

    What is narrower is widened around its tip, one band after the other. The corners of a triangle
    are the tips of its neighbours, and move with it. Its bins are `n_bins - 1` places from 0 to
    Nyquist, the first without weight, which its transform fills without the bin of 0 Hz.

    Returns
    -------
    ndarray, shape (n_mels, n_bins)
    """
    n_places = stft.n_bins - 1
    least = 1.5 * stft.sr / 2 / n_places
    corners = _corners(n_mels, fmin, fmax) + HTK_BREAK_HZ  # in which mel are logarithms
    for band in range(n_mels):
        low, tip, high = corners[band : band + 3]
        if high - low < least:
            reach = np.arcsinh(least / 2 / tip)  # equal parts of a mel to both sides
            corners[[band, band + 2]] = tip * np.exp([-reach, reach])
    low, tip, high = (corners[i : i + n_mels, np.newaxis] - HTK_BREAK_HZ for i in range(3))
    places = np.linspace(0, stft.sr / 2, n_places)
    weights = np.minimum((places - low) / (tip - low), (high - places) / (high - tip))
    weights[:, 0] = 0
    return np.pad(np.maximum(weights, 0), [(0, 0), (1, 0)])


HTK_BREAK_HZ = 700.0  # mel = 2595 log10(1 + f / 700)


def _corners(n_mels: int, fmin: float, fmax: float) -> Floats:
    """Frequencies in Hz, evenly spaced in mel, shape (n_mels + 2,)."""
    low, high = hz_to_mel([fmin, fmax], scale="htk")
    return mel_to_hz(np.linspace(low, high, n_mels + 2), scale="htk")


BANKS = {"floored_bins": floored_bins, "symmetric": symmetric, "widened": widened}
