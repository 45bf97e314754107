"""The clip of drums: two bars of a groove with a fill."""

import numpy as np
from scipy.signal import butter, sosfilt

from clips.blocks import SR, add_at, attack, band_noise, oscillator, release, time_axis

STEP = 0.125  # s; a sixteenth note at 120 beats a minute

# Two bars of sixteenths, and the first beat of a third. A digit is the loudness of the
# hit in ninths. The fill, from the third beat of the second bar, falls through the toms.
GROOVE = {
    #           1   2   3   4    1   2   3   4    1
    "kick": "9.....6.8.......9..5..6.7.......9",
    "snare": "....8..3.3..8..3....8..3468......",
    "hat": "7.5.7.5.7.5.7...7.5.7.5.6........",
    "open_hat": "..............6.................8",
    "wood_block": "..6..6....6..6....6..6...........",
    "high_tom": "...........................78....",
    "low_tom": ".............................778.",
}


def kick():
    """A drum head that is struck and relaxes: a sine that falls from 190 to 50 Hz."""
    t = time_axis(0.40)
    body = np.exp(-t / 0.11) * oscillator(50 + 140 * np.exp(-t / 0.022))
    click = 0.25 * np.exp(-t / 0.003) * oscillator(np.full_like(t, 1800.0))
    return attack(t, 0.001) * release(t, 0.32, 0.08) * (body + click)


def tom(frequency):
    """A tuned drum: its pitch falls by a third while it rings, with one inharmonic mode.

    Parameters
    ----------
    frequency : float
        Where the pitch comes to rest, in Hz.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(0.35)
    glide = frequency * (1 + 0.25 * np.exp(-t / 0.05))
    # 1.59 is the ratio of the first two modes of an ideal circular membrane.
    body = np.exp(-t / 0.08) * oscillator(glide)
    body += 0.35 * np.exp(-t / 0.05) * oscillator(1.59 * glide)
    stick = 0.25 * np.exp(-t / 0.004) * oscillator(np.full_like(t, 1300.0))
    return attack(t, 0.001) * release(t, 0.27, 0.08) * (body + stick)


def snare(rng):
    """Two modes of the head, and the noise of the wires.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(0.30)
    head = np.exp(-t / 0.045) * (
        oscillator(185 + 60 * np.exp(-t / 0.01)) + 0.6 * oscillator(np.full_like(t, 330.0))
    )
    wires = np.exp(-t / 0.065) * band_noise(len(t), 1200, 9500, rng)
    return attack(t, 0.0008) * release(t, 0.22, 0.08) * (0.55 * head + 0.30 * wires)


def hat(rng, decay):
    """Cymbal: six square waves with no common pitch, above 6 kHz, and a little noise.

    The classic circuit of analogue drum machines. The squares are built from their
    odd harmonics below the Nyquist frequency, so that nothing folds back.

    Parameters
    ----------
    rng : numpy.random.Generator
    decay : float
        Time in s in which it falls by a factor e: short is closed, long is open.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    t = time_axis(6 * decay)
    metal = np.zeros_like(t)
    for fundamental in (817.0, 1063.0, 1217.0, 1459.0, 1623.0, 2131.0):
        for k in range(1, int(0.49 * SR / fundamental) + 1, 2):
            phase = rng.uniform(0, 2 * np.pi)
            metal += np.sin(2 * np.pi * k * fundamental * t + phase) / k
    sos = butter(4, 6000, "highpass", fs=SR, output="sos")
    metal = sosfilt(sos, metal)
    metal /= np.sqrt(np.mean(metal**2))
    x = 0.6 * metal + 0.6 * band_noise(len(t), 6500, 10500, rng)
    return 0.25 * attack(t, 0.0008) * release(t, 5 * decay, decay) * np.exp(-t / decay) * x


def wood_block():
    """Three short, inharmonic modes of a hollow block."""
    t = time_axis(0.12)
    modes = ((1050.0, 1.0, 0.018), (1730.0, 0.6, 0.012), (2890.0, 0.3, 0.006))
    x = sum(a * np.exp(-t / d) * np.sin(2 * np.pi * f * t) for f, a, d in modes)
    return 0.6 * attack(t, 0.0005) * release(t, 0.09, 0.03) * x


def drums(rng):
    """Two bars of a groove with a fill, and the beat it leads to.

    Parameters
    ----------
    rng : numpy.random.Generator
        Noise of the snare and the cymbals, a different one at every hit.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    start = 0.05
    kit = {
        "kick": (kick, 1.00),
        "snare": (lambda: snare(rng), 0.85),
        "hat": (lambda: hat(rng, 0.035), 0.70),
        "open_hat": (lambda: hat(rng, 0.090), 0.70),
        "wood_block": (wood_block, 0.75),
        "high_tom": (lambda: tom(165.0), 0.70),
        "low_tom": (lambda: tom(110.0), 0.70),
    }
    mix = np.zeros(round((start + 32 * STEP + 0.60) * SR))
    for name, pattern in GROOVE.items():
        play, gain = kit[name]
        for i, hit in enumerate(pattern):
            if hit != ".":
                late = rng.uniform(0, 0.003)
                add_at(mix, play(), start + i * STEP + late, gain * int(hit) / 9)
    return mix
