"""What all computed sounds are built of."""

import numpy as np
from scipy.signal import butter, sosfilt

SR = 22050  # Hz; enough for everything below 11 kHz, and half the size of a CD's rate
PEAK = 10 ** (-3 / 20)  # -3 dBFS: room for an inverse that overshoots


def time_axis(duration):
    """Sample times of a sound.

    Parameters
    ----------
    duration : float
        Length in s.

    Returns
    -------
    t : ndarray, shape (n_samples,)
        Times in s, one per sample.
    """
    return np.arange(round(duration * SR)) / SR


def midi_to_hz(note):
    """Frequency in Hz of a MIDI note number, in equal temperament; 69 is A4, 440 Hz."""
    return 440.0 * 2 ** ((note - 69) / 12)


def attack(t, seconds):
    """Raised-cosine rise from 0 to 1 in `seconds`, then 1.

    Parameters
    ----------
    t : ndarray, shape (n_samples,)
        Times in s, from 0.
    seconds : float
        Length of the rise.

    Returns
    -------
    envelope : ndarray, shape (n_samples,)
    """
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(t / seconds, 0, 1))


def release(t, hold, seconds):
    """1 until `hold`, then a raised-cosine fall to 0 in `seconds`.

    Parameters
    ----------
    t : ndarray, shape (n_samples,)
        Times in s, from 0.
    hold, seconds : float
        Start and length of the fall.

    Returns
    -------
    envelope : ndarray, shape (n_samples,)
    """
    return 0.5 + 0.5 * np.cos(np.pi * np.clip((t - hold) / seconds, 0, 1))


def oscillator(frequency, phase=0.0):
    """Sine whose frequency may change from sample to sample.

    The phase is 2 pi times the running sum of the frequency, so the sine stays
    smooth however the frequency moves.

    Parameters
    ----------
    frequency : ndarray, shape (n_samples,)
        Instantaneous frequency in Hz.
    phase : float
        Phase of the first sample in radians.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    cycles = np.cumsum(frequency) / SR
    return np.sin(2 * np.pi * (cycles - cycles[0]) + phase)


def band_noise(n_samples, low, high, rng):
    """White noise through a second-order Butterworth bandpass, with unit RMS.

    Parameters
    ----------
    n_samples : int
    low, high : float
        Edges of the band in Hz.
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    sos = butter(2, [low, high], "bandpass", fs=SR, output="sos")
    x = sosfilt(sos, rng.standard_normal(n_samples))
    return x / np.sqrt(np.mean(x**2))


def add_at(mix, x, onset, gain=1.0):
    """Add `x` to `mix`, in place, from `onset` seconds on; what overhangs is lost."""
    start = round(onset * SR)
    n = min(len(x), len(mix) - start)
    mix[start : start + n] += gain * x[:n]
