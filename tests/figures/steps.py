"""What the tests know of the figure `steps`."""

import numpy as np

import specdemo as sd

DRAGS = {"corner": (-60, 0), "tone": (60, 0), "n_tones": (30, 0)}


def tones(n, low, high, corner):
    """Frequencies at equal steps of a ruler, which for 700 Hz is the package's mel."""
    f = np.expm1(np.linspace(*np.log1p(np.array([low, high]) / corner), n)) * corner
    if corner == 700:
        mel = np.linspace(*sd.hz_to_mel(np.array([low, high]), scale="htk"), n)
        np.testing.assert_allclose(f, sd.mel_to_hz(mel, scale="htk"))
    return f


def expected(value, figure):
    """The steps at both ends, and the tone that sounds."""
    n = int(value("n_tones"))
    f = tones(n, 200, min(4000, 0.45 * figure.sr), value("corner"))
    apart = 12 * np.log2(f[1:] / f[:-1])
    i = int(value("tone") / 100 * (n - 1) + 0.5)
    return {"tone": (f[i], 0.51), "first": apart[0], "last": apart[-1]}


def add(golden):
    """Rows of tones."""
    for n, low, high, corner in ((9, 200, 4000, 700), (3, 200, 3000, 50), (17, 200, 4000, 12800)):
        golden.add(
            "ruler",
            {"n": n, "low": low, "high": high, "corner": corner},
            f=tones(n, low, high, corner),
        )
