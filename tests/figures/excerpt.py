"""What the tests know of the figure `excerpt`."""

import numpy as np

import specdemo as sd

DRAGS = {"high": (0, -30), "low": (0, -8), "start": (30, 0), "end": (-30, 0)}


def inside(stft, shape, start, end, low, high):
    """Which cells have their centre in the piece."""
    times, hertz = stft.times(shape[1]), stft.frequencies
    # A place that is printed to four decimals may be rounded across the middle of a cell.
    return (
        (hertz >= low - 1e-3)[:, None]
        & (hertz <= high + 1e-3)[:, None]
        & ((times >= start - 1e-4) & (times <= end + 1e-4))
    )


def usual(sr):
    """The grid of the book."""
    n_fft = max(4, 2 ** round(np.log2(0.046 * sr)))
    return sd.STFT(sr, n_fft, n_fft // 4)


def expected(value, figure):
    """The part of the energy that lies in the piece."""
    stft = usual(figure.sr)
    E = stft.magnitude(figure.x.astype(float)) ** 2
    edges = [value(name) for name in ("start", "end", "low", "high")]
    return {"share": 100 * E[inside(stft, E.shape, *edges)].sum() / E.sum()}


def add(golden):
    """Pieces of a noise, and their sounds."""
    x, stft = np.random.default_rng(5).standard_normal(3000), usual(8000)
    X = stft.forward(x)
    for edges in ((0.05, 0.3, 500, 2000), (0, 0.375, 0, 4000), (0.1, 0.11, 3990, 4000)):
        held = inside(stft, X.shape, *edges)
        share = np.sum(np.abs(X[held]) ** 2) / np.sum(np.abs(X) ** 2)
        y = stft.inverse(X * held, length=len(x))
        settings = dict(zip(("start", "end", "low", "high"), edges, strict=True))
        golden.add("excerpt", {**settings, "sr": stft.sr, "share": share}, x=x, y=y)
