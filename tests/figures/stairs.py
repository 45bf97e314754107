"""What the tests know of the figure `stairs`."""

import numpy as np

import specdemo as sd

DRAGS = {"step": (130, 0), "mark": (130, 0)}
# The clip, and what comes back from each step.
N_SOUNDS = 6


def staircase(sr):
    """The staircase of the chapter."""
    n_fft = 2 ** round(np.log2(0.046 * sr))
    stft = sd.STFT(sr, n_fft, n_fft // 4)
    return sd.Staircase(stft, sd.MelBank(stft, 80, fmax=min(8000, sr / 2)), shorten=5, n_mfcc=20)


def measured(sounds, sr):
    """Numbers a second, and how many dB the bins and the bands of each sound are off."""
    stairs = staircase(sr)
    S = [stairs.stft.magnitude(y) for y in sounds]
    M = [stairs.bank.forward(one) for one in S]
    sizes = [value.size * sr / len(sounds[0]) for value in stairs.down(sounds[0]).values()]
    bins = [sd.log_spectral_distance(S[0], one) for one in S]
    bands = [sd.log_spectral_distance(M[0], one) for one in M]
    return sizes, bins, bands


def expected(value, figure):
    """A row of the loss budget."""
    sizes, bins, bands = measured(figure.x.reshape(N_SOUNDS, -1), figure.sr)
    i = int(value("step"))
    return {"numbers": (sizes[i], 0.51), "bins": bins[i], "bands": bands[i]}


def add(golden):
    """Rows of a budget, and the sounds that they are of."""
    sr = 8000
    x = np.random.default_rng(8).standard_normal(3000) * np.sin(np.arange(3000) / 400)
    budget = staircase(sr).budget(x, n_iter=3, rng=0)
    sounds = np.array([row.audio for row in budget]).astype(np.float32)
    sizes, bins, bands = measured(sounds, sr)
    np.testing.assert_allclose(sizes, [row.numbers_per_second for row in budget])
    np.testing.assert_allclose(bands, [row.log_mel_distance for row in budget], atol=1e-3)
    rows = {"sr": sr, "numbers": sizes, "bins": bins, "bands": bands}
    golden.add("stairs", rows, x=sounds.ravel().astype(float))
