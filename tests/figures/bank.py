"""What the tests know of the figure `bank`."""

import warnings

import numpy as np

import specdemo as sd

DRAGS = {
    "fmin": (30, 0),
    "fmax": (-30, 0),
    "n_mels": (-30, 0),
    "norm": (0, 30),
    "htk": (0, 40),
    "place": (40, 0),
}


def bands_of(x, sr, n_mels, fmin, fmax, norm, htk):
    """The package's bank between height one and area one, and the levels of a short frame."""
    n_fft = 2 ** round(np.log2(0.046 * sr)) // 4
    stft = sd.STFT(sr, n_fft, n_fft)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # empty bands are what the figure is about
        settings = {"fmin": fmin, "fmax": fmax, "scale": "htk" if htk else "slaney"}
        bank = sd.MelBank(stft, n_mels, norm=None, **settings)
        area = sd.MelBank(stft, n_mels, norm="slaney", **settings)
    scale = (2 / (bank.edges[2:] - bank.edges[:-2])) ** norm
    if norm in (0, 1):
        np.testing.assert_allclose(
            bank.matrix * scale[:, np.newaxis], (area if norm else bank).matrix
        )
    column = stft.magnitude(x.astype(float))[:, len(x) // 2 // n_fft]
    bands = scale * (bank.matrix @ column)
    flat = scale * bank.matrix.sum(axis=1)
    return bank, bands / bands.max(), flat / flat.max()


def expected(value, figure):
    """Of the band that is chosen: its centre, bins and level; and how many are empty."""
    n_mels = int(value("n_mels"))
    edges = value("fmin"), value("fmax")
    more = value("norm"), int(value("htk"))
    bank, bands, _ = bands_of(figure.x, figure.sr, n_mels, *edges, *more)
    chosen = min(n_mels - 1, int(value("place") / 100 * n_mels))
    numbers = {
        "bands": n_mels,
        "empty": bank.empty.size,
        "centre": (bank.center_frequencies[chosen], 0.51),
        "bins": np.sum(bank.matrix[chosen] > 0),
    }
    return numbers | ({"level": 20 * np.log10(bands[chosen])} if bands[chosen] else {})


def add(golden):
    """Banks between height and area one."""
    sr = 22050
    x = np.random.default_rng(6).standard_normal(1024)
    for n_mels, fmin, fmax, norm, htk in (
        (12, 0, 8000, 0, 0),
        (12, 0, 8000, 0, 1),
        (128, 0, 8000, 1, 0),
        (128, 50, 8000, 1, 1),
        (40, 300, 5000, 0.5, 0),
        (4, 1000, 4000, 0.3, 1),
    ):
        bank, bands, flat = bands_of(x, sr, n_mels, fmin, fmax, norm, htk)
        settings = {"sr": sr, "n_mels": n_mels, "fmin": fmin, "fmax": fmax}
        settings |= {"norm": norm, "htk": htk}
        golden.add(
            "bands",
            settings | {"empty": bank.empty.tolist()},
            x=x,
            bands=bands,
            flat=flat,
            edges=bank.edges,
            weights=bank.matrix,
        )
