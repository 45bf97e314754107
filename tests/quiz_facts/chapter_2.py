"""What the answers in the quiz of chapter 2 claim."""

from dataclasses import replace

import numpy as np

import specdemo as sd
from quiz_facts.common import fact, loaded


@fact(2, 1)
def _random_phases():
    x, stft, _ = loaded()
    S = stft.magnitude(x)
    y = sd.invert_spectrogram(S, stft, start="random", n_iter=0, length=x.size, rng=0)
    assert 0.5 < 10 ** (sd.spectral_convergence(S, stft.magnitude(y)) / 20) < 0.75
    exact = stft.inverse(stft.forward(x), length=x.size)
    assert sd.spectral_convergence(S, stft.magnitude(exact)) < -200
    return ["a good half of the spectrogram"]


@fact(2, 3)
def _hops_on_a_finer_grid():
    x, stft, _ = loaded()
    fine = replace(stft, hop_length=64)
    own, between = {}, {}
    for part in (2, 8):
        grid = replace(stft, hop_length=1024 // part)
        S = grid.magnitude(x)
        y = sd.invert_spectrogram(
            S, grid, start="random", refine="fast_griffin_lim", n_iter=32, length=x.size, rng=0
        )
        own[part] = sd.spectral_convergence(S, grid.magnitude(y))
        between[part] = sd.spectral_convergence(fine.magnitude(x), fine.magnitude(y))
    assert abs(own[2] - own[8]) < 2
    return [f"{between[2]:.0f} dB and {between[8]:.0f} dB"]


@fact(2, 4)
def _upside_down():
    x, stft, _ = loaded()
    np.testing.assert_array_equal(stft.magnitude(-x), stft.magnitude(x))
    return []
