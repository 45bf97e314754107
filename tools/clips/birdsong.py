"""The clip of birdsong: two birds, and wind behind them."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from clips.blocks import PEAK, SR, add_at, attack, band_noise, oscillator, release, time_axis


def whistle(duration, points, vibrato=(0.0, 0.0), tremolo=(0.0, 0.0), overtones=(1.0,)):
    """One note of a bird: a sine, with overtones, along a smooth path of pitch.

    Parameters
    ----------
    duration : float
        Length in s.
    points : sequence of float
        Pitches in kHz, evenly spaced in time, joined by a monotone cubic.
    vibrato : (float, float)
        Rate in Hz and depth in kHz of the frequency modulation.
    tremolo : (float, float)
        Rate in Hz and depth (0 to 1) of the amplitude modulation.
    overtones : sequence of float
        Amplitudes of the fundamental and its harmonics; those above 10 kHz are left out.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(duration)
    path = PchipInterpolator(np.linspace(0, duration, len(points)), points)
    rate, depth = vibrato
    frequency = 1000 * (path(t) + depth * np.sin(2 * np.pi * rate * t))

    rate, depth = tremolo
    envelope = attack(t, 0.25 * duration) * release(t, 0.6 * duration, 0.4 * duration)
    envelope *= 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * rate * t))

    x = np.zeros_like(t)
    for k, amplitude in enumerate(overtones, start=1):
        below = attack(10_000 - k * frequency, 500)  # fades between 9.5 and 10 kHz
        x += amplitude * below * oscillator(k * frequency)
    return envelope * x


def thrush(rng):
    """The near, low bird: two slow whistles, a warble, and a falling run.

    Parameters
    ----------
    rng : numpy.random.Generator
        Varies each note of the run in pitch and loudness.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    voice = (1.0, 0.10, 0.04)
    x = np.zeros(round(1.5 * SR))
    add_at(x, whistle(0.24, (2.3, 2.9, 2.8, 3.3), overtones=voice), 0.00, 0.80)
    add_at(x, whistle(0.28, (3.6, 3.1, 2.5, 2.4), overtones=voice), 0.28, 1.00)
    warble = whistle(0.36, (2.8, 3.2, 3.0), vibrato=(28, 0.32), overtones=voice)
    add_at(x, warble, 0.60, 0.95)
    for i in range(6):
        top = 4.4 - 0.28 * i + rng.uniform(-0.05, 0.05)
        chirp = whistle(0.06, (top - 0.9, top, top - 0.5), overtones=voice)
        add_at(x, chirp, 1.00 + 0.075 * i, rng.uniform(0.6, 0.8))
    return x


def wren(rng):
    """The far, high bird: rising chirps, a fast trill that swells, and a buzz.

    Parameters
    ----------
    rng : numpy.random.Generator
        Varies each note of the trill in pitch and loudness.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    voice = (1.0, 0.05)
    x = np.zeros(round(1.4 * SR))
    for i in range(3):
        chirp = whistle(0.09, (4.2, 5.0 + 0.3 * i, 7.2), overtones=voice)
        add_at(x, chirp, 0.12 * i, 0.7)
    n_notes = 16
    for i in range(n_notes):
        swell = 0.35 + 0.65 * np.sin(np.pi * (i + 0.5) / n_notes)
        bend = rng.uniform(-0.1, 0.1)
        chirp = whistle(0.036, (6.9 + bend, 6.2 + bend, 4.8 + bend), overtones=voice)
        add_at(x, chirp, 0.40 + 0.042 * i, swell)
    buzz = whistle(0.22, (5.4, 5.9, 5.6), tremolo=(75, 0.9), overtones=voice)
    add_at(x, buzz, 1.12, 0.6)
    return x


def birdsong(rng):
    """Two birds answer one another; behind them, wind at about -60 dBFS.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    mix = np.zeros(round(4.6 * SR))
    add_at(mix, thrush(rng), 0.12, 1.00)
    add_at(mix, wren(rng), 1.50, 0.55)
    add_at(mix, thrush(rng)[: round(0.98 * SR)], 2.80, 0.90)
    add_at(mix, wren(rng)[round(0.38 * SR) :], 3.50, 0.50)
    dry = mix.copy()
    for delay, gain in ((0.031, 0.10), (0.053, 0.07), (0.089, 0.05)):  # trunks of trees
        add_at(mix, dry, delay, gain)
    mix *= PEAK / np.max(np.abs(mix))  # so that the noise is set in dB of full scale
    return mix + 10 ** (-60 / 20) * band_noise(len(mix), 150, 4000, rng)
