"""What the tests know of the figure `probe`."""

import numpy as np

DRAGS = {"frequency": (-40, 0), "phase": (-30, -40)}


def expected(value, figure):
    """The sums of the frame's products with two waves."""
    frequency, phase = value("frequency"), np.radians(value("phase"))
    angle = 2 * np.pi * frequency * np.arange(len(figure.x)) / figure.sr
    x = figure.x.astype(float)
    return {
        "frequency": frequency,
        "sum": (np.sum(x * np.cos(angle + phase)), 0.0051),
        "size": (abs(np.sum(x * np.exp(-1j * angle))), 0.0051),
    }


def add(golden):
    """The spectrum of a frame."""
    frame = np.random.default_rng(4).standard_normal(600)
    golden.add("probe", {"sr": 8000}, x=frame, X=np.fft.rfft(frame))
