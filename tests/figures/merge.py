"""What the tests know of the figure `merge`."""

import numpy as np

import specdemo as sd
from specdemo.live.figures.merge import frames

DRAGS = {"factor": (40, 0), "band": (0, -20), "power": (100, 0)}
LOWEST = -80


def drawn_back(row, factor, power):
    """A band in groups, by the package where it has the mean, and drawn back by it."""
    if power == 0:
        short = sd.shorten(row[np.newaxis], factor)
    else:
        edges = np.arange(0, len(row), factor)
        sums, sizes = np.add.reduceat(row**power, edges), np.diff([*edges, len(row)])
        short = ((sums / sizes) ** (1 / power))[np.newaxis]
    return short[0], sd.lengthen(short, factor, n_frames=len(row))[0]


def loss(row, factor, power):
    """How many dB a band is off, and how much softer its loudest frame."""
    _, back = drawn_back(row, factor, power)
    levels, again = (
        np.maximum(LOWEST, 20 * np.log10(np.maximum(v / row.max(), 1e-30))) for v in (row, back)
    )
    at = np.argmax(levels)
    return np.sqrt(np.mean((levels - again) ** 2)), levels[at] - again[at]


def expected(value, figure):
    """The loss of the band that is shown."""
    row = frames(figure.x, figure.sr)[int(value("band"))]
    off, softer = loss(row, int(value("factor")), value("power"))
    hop_length = 2 ** round(np.log2(0.046 * figure.sr)) // 4
    return {
        "long": (1000 * value("factor") * hop_length / figure.sr, 0.51),
        "off": off,
        "softer": softer,
    }


def add(golden):
    """Bands of a sound, merged and drawn back by all means."""
    sr = 16000
    x = np.random.default_rng(9).standard_normal(12000) * (np.arange(12000) % 3000 > 1700)
    bands = frames(x, sr)
    golden.add("merge_frames", {"sr": sr}, x=x, M=bands)
    for b, factor, power in ((20, 5, 0), (20, 5, 1), (50, 7, 2), (3, 1, 0.5), (60, 20, 1.5)):
        short, back = drawn_back(bands[b], factor, power)
        off, softer = loss(bands[b], factor, power)
        settings = {"factor": factor, "power": power, "off": off, "softer": softer}
        golden.add("merge", settings, row=bands[b], short=short, back=back)
