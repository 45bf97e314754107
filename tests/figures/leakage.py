"""What the tests know of the figure `leakage`."""

import numpy as np
from scipy import optimize

import specdemo as sd
from specdemo._windows import make_window

DRAGS = {"cycles": (25, 0), "wave": (6, 0), "shoulders": (0, 25)}
NAMES = ("boxcar", "hann", "blackman")


def expected(value, figure):
    """The worst leak, and the width of the peak."""
    n_fft, cycles = 2 ** round(np.log2(0.046 * figure.sr)), value("cycles")
    window = between(value("shoulders"), n_fft)
    levels = spectrum(window, cycles)
    leak = levels[np.abs(np.arange(len(levels)) - cycles) >= 3].max()
    return {"cycles": cycles, "leak": max(-120, leak), "peak": (width(window), 0.0051)}


def between(shape, n_fft):
    """A window on the way from the package's rectangular one to its Blackman."""
    windows = [make_window(name, n_fft) for name in NAMES]
    at = min(1, int(shape))
    return windows[at] + (shape - at) * (windows[at + 1] - windows[at])


def spectrum(window, cycles, finer=1):
    """Levels of a tone in dB; 0 is the top of its peak."""
    n = np.arange(len(window))
    frame = window * np.cos(2 * np.pi * cycles * n / len(window))
    size = np.abs(np.fft.rfft(frame, finer * len(window)))
    return sd.amplitude_to_db(size, ref=window.sum() / 2, amin=1e-30, top_db=None)


def width(window):
    """Bins between the places where the window's transform is half of its largest value."""
    n = np.arange(len(window))

    def above(u):
        return abs(np.sum(window * np.exp(-2j * np.pi * u * n / len(n)))) - window.sum() / 2

    return 2 * optimize.brentq(above, 0, 3)


def add(golden):
    """Spectra of tones, also between the bins."""
    for shape in (0, 0.5, 0.92, 1, 1.7, 2):
        for cycles in (8, 10.5, 12.15):
            window = between(shape, 256)
            golden.add(
                "leakage",
                {"shape": shape, "cycles": cycles, "width": width(window), "finer": 4},
                window=window,
                levels=spectrum(window, cycles, 4),
            )
