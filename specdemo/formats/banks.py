"""Banks that are not triangles over Hz or mel: the weights of two systems, each from its formula."""

from __future__ import annotations

import numpy as np

from specdemo.mel import hz_to_mel, mel_to_hz


def floored_bins(stft, n_mels, fmin, fmax):
    """Triangles whose corners are bins, as python_speech_features has them.

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


def symmetric(stft, n_mels, fmin, fmax):
    """Triangles that fall as steeply as they rise, over Hz, as SpeechBrain has them.

    Returns
    -------
    ndarray, shape (n_mels, n_bins)
    """
    corners = _corners(n_mels, fmin, fmax)
    tips, widths = corners[1:-1, np.newaxis], np.diff(corners)[:-1, np.newaxis]
    slopes = (stft.frequencies - tips) / widths
    return np.maximum(0, np.minimum(1 + slopes, 1 - slopes))


def _corners(n_mels, fmin, fmax):
    """Frequencies in Hz, evenly spaced in mel, shape (n_mels + 2,)."""
    low, high = hz_to_mel([fmin, fmax], scale="htk")
    return mel_to_hz(np.linspace(low, high, n_mels + 2), scale="htk")


BANKS = {"floored_bins": floored_bins, "symmetric": symmetric}
