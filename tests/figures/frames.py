"""What the tests know of the figure `frames`."""

import numpy as np

import specdemo as sd

DRAGS = {"time": (60, 0), "hop_length": (30, 0), "left": (-25, 0), "right": (25, 0)}


def expected(value, figure):
    """A column of the package's spectrogram."""
    n_fft, hop_length = int(value("left")), int(value("hop_length"))
    S = sd.STFT(figure.sr, n_fft, hop_length).magnitude(figure.x)
    m = min(S.shape[1] - 1, int(value("time") * figure.sr / hop_length + 0.5))
    return {
        "frame": m,
        "length": 1000 * n_fft / figure.sr,
        "hop": 1000 * hop_length / figure.sr,
        "bin": figure.sr / n_fft,
        "loudest": (np.argmax(S[:, m]) * figure.sr / n_fft, 0.51),
    }


def add(golden):
    """Columns of spectrograms."""
    x = np.random.default_rng(3).standard_normal(3000)
    for n_fft, hop_length in ((256, 64), (500, 500), (64, 640), (3000, 16)):
        S = sd.STFT(8000, n_fft, hop_length).magnitude(x)
        golden.add("lens", {"n_fft": n_fft, "hop_length": hop_length}, x=x, S=S)
