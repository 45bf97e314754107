"""What the tests know of the figure `cepstrum`."""

from functools import cache

import numpy as np

import specdemo as sd
from specdemo.live.figures.cepstrum import columns, heights, sounds

N_MELS, N_MFCC = 80, 13
BARS = {f"c{n}": (0, -20 if n else 20) for n in range(N_MFCC)}
DRAGS = {"sound": (-100, 0), "moment": (-30, 0), **BARS, "pitch": (40, 0)}


def curve(values):
    """The package's curve of such cosines, in dB."""
    scale = np.sqrt(N_MELS / np.where(np.arange(N_MFCC), 2, 1))
    return sd.inverse_mfcc((np.array(values) * scale)[:, np.newaxis], n_mels=N_MELS)[:, 0]


@cache
def levels_of(figure):
    """The mel levels of what a figure shows."""
    return columns(figure.x, figure.sr)


def expected(value, figure):
    """The sum of the cosines, and how far it is from the column."""
    total = curve([value(f"c{n}") for n in range(N_MFCC)])
    levels = levels_of(figure)
    rate = figure.sr / (2 ** round(np.log2(0.046 * figure.sr)) // 4)
    m = min(levels.shape[1] - 1, int(value("moment") * rate + 0.5))
    return {
        "span": np.ptp(total),
        "miss": np.sqrt(np.mean((total - levels[:, m]) ** 2)),
    }


def add(golden):
    """Columns of a sound, their cosines, and the amplitudes that a voice takes from them."""
    sr = 16000
    t = np.arange(4000) / sr
    x = np.sin(2 * np.pi * 300 * t) + 0.01 * np.random.default_rng(5).standard_normal(4000)
    levels = columns(x, sr)
    stft = sd.STFT(sr, 1024, 256)
    bank = sd.MelBank(stft, N_MELS, fmax=8000)
    curves = np.array([curve(heights(levels[:, [m]])) for m in range(levels.shape[1])]).T
    golden.add(
        "outline",
        {"sr": sr, "n_fft": 1024},
        x=x,
        levels=levels,
        heights=np.array([heights(levels[:, [m]]) for m in range(levels.shape[1])]).T,
        curves=curves,
        amplitudes=bank.envelope(sd.db_to_amplitude(curves)),
    )
    for clip in ("speech", "speech2", "music", "birdsong", "drums"):
        found = levels_of(sd.Figure("cepstrum", clip))
        golden.add("sounds", {"clip": clip, "frames": sounds(found)}, levels=found)
