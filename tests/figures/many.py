"""What the tests know of the figure `many`."""

import numpy as np

import specdemo as sd
from specdemo.mel.inverse import em

DRAGS = {"mixed": (60, 0), "which": (40, 0), "frequency": (30, 0), "pull": (0, -25)}
N_EM = 200


def frame_of(x, sr):
    """The middle frame of a sound, as far as the bank sees it, and the bank."""
    n_fft = 2 ** round(np.log2(0.046 * sr))
    stft = sd.STFT(sr, n_fft, n_fft // 2)
    bank = sd.MelBank(stft, 80, fmax=min(8000, sr / 2))
    return bank, stft.magnitude(x.astype(float))[:, 1] * bank.covered


def random_numbers(seed, n):
    """The numbers of the generator in `loops.js`."""
    found, state = [], seed
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        found.append(state / 2**32)
    return np.array(found)


def corrected(bank, M, S, n_iter):
    """The package's EM from a start."""
    back = bank.matrix.T / np.where(bank.covered, bank.matrix.sum(axis=0), 1)[:, np.newaxis]
    scale = M.max()
    column = S[:, np.newaxis] / scale
    return em((M / scale)[:, np.newaxis], bank.matrix, back, column, n_iter)[:, 0] * scale


def another(bank, M, seed, n_iter=N_EM):
    """A spectrum with these bands from a start that looks random."""
    weights = np.log(1 - random_numbers(seed, bank.stft.n_bins)) ** 2
    return corrected(bank, M, weights * bank.envelope(M[:, np.newaxis])[:, 0], n_iter)


def expected(value, figure):
    """How far a mixture is from the frame, and how far its bands are."""
    bank, true = frame_of(figure.x, figure.sr)
    M, part = bank.matrix @ true, value("mixed") / 100
    S = (1 - part) * true + part * another(bank, M, int(value("which")))
    if value("pull"):
        k = int(value("frequency") / (figure.sr / bank.stft.n_fft) + 0.5)
        S[k] *= 10 ** (value("pull") / 20)
        S = corrected(bank, M, S, N_EM)
    return {
        "differ": (100 * np.linalg.norm(S - true) / np.linalg.norm(true), 0.51),
        "off": 100 * np.linalg.norm(bank.matrix @ S - M) / np.linalg.norm(M),
    }


def add(golden):
    """A frame, its bands, and spectra on the way from random starts."""
    sr = 22050
    x = np.random.default_rng(7).standard_normal(1024) * np.sin(np.arange(1024) ** 2 / 3000)
    bank, true = frame_of(x.astype(np.float32), sr)
    M = bank.matrix @ true
    spectra = np.array([another(bank, M, seed, n) for seed, n in ((1, 1), (2, 20), (9, 200))]).T
    settings = {"sr": sr, "seeds": [1, 2, 9], "n_iter": [1, 20, 200]}
    golden.add("many", settings, x=x, size=true, M=M, spectra=spectra)
