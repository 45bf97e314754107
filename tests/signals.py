"""Signals, grids and pairs of cases that the tests of transforms and of inversions share."""

import numpy as np
from hypothesis import strategies as st

from cases import for_every
from specdemo import STFT
from specdemo._frames import one_over, window_sum

both_dtypes = for_every(dtype=[np.float32, np.float64])
both_centers = for_every(center=[True, False])


def noise(shape, seed=0, dtype=np.float64):
    """White noise of deviation 1."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def sound(n=2000, dtype=np.float64):
    """Two partials and a little noise."""
    t = np.arange(n) / 8000
    tones = np.sin(2 * np.pi * 440 * t) + 0.5 * np.sin(2 * np.pi * 1234 * t)
    return (tones + 0.01 * np.random.default_rng(0).standard_normal(n)).astype(dtype)


def harmonic_glide(n, sr, seed):
    """A short voiced segment that begins and ends in the middle of a sound."""
    rng = np.random.default_rng(seed)
    t = np.arange(n) / sr
    phase = 2 * np.pi * np.cumsum(120 + 40 * seed + 60 * t) / sr
    x = sum(np.cos(h * phase + rng.uniform(0, 6)) / h for h in range(1, 25))
    x = x * (0.6 + 0.4 * np.sin(10 * np.pi * t + seed)) + 0.05 * rng.standard_normal(n)
    return 0.3 * x / np.abs(x).max()


def skewed_window(n):
    """A window that has no symmetry, which could hide that it is turned round."""
    return np.linspace(0.2, 1.0, n) ** 2


def inverse_window_sum(stft, n_frames, dtype=np.float64):
    """What overlapped frames of a grid are multiplied by."""
    total = window_sum(stft.window_array, stft.hop_length, n_frames)
    return one_over(total, stft.window_array, dtype)


@st.composite
def grids(draw, **fixed):
    """Invertible grids, with odd n_fft and hops that do not divide it."""
    n_fft = draw(st.integers(4, 64))
    hop_length = draw(st.integers(1, n_fft // 2))
    window = draw(st.sampled_from(["hann", "hamming", tuple(skewed_window(n_fft))]))
    center = draw(st.booleans())
    return STFT(
        **{
            "sr": 8000,
            "n_fft": n_fft,
            "hop_length": hop_length,
            "window": window,
            "center": center,
            **fixed,
        }
    )


def chirp(n=8000):
    """From 200 to 3000 Hz, fading in."""
    t = np.arange(n) / 8000
    return t * np.sin(2 * np.pi * (200 * t + 1400 * t**2))
