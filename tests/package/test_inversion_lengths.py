"""Inversion where the length of the sound is known, where it is not, and where it only cuts."""

import numpy as np
import pytest

from signals import harmonic_glide, sound
from specdemo import STFT, invert_spectrogram, spectral_convergence

GRID = STFT(sr=8000, n_fft=128, hop_length=32)


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", "symmetric", "edge"])
@pytest.mark.parametrize("length", [None, 1000, 2700, 3000])
def test_the_true_phase_gives_the_true_sound_whatever_is_known_of_its_length(pad_mode, length):
    stft = STFT(8000, 256, 64, pad_mode=pad_mode)
    x = harmonic_glide(3000, 8000, 0)
    X = stft.forward(x)
    y = invert_spectrogram(np.abs(X), stft, start=np.angle(X), n_iter=0, length=length)
    assert len(y) == (2944 if length is None else length)
    np.testing.assert_allclose(y, x[: len(y)], atol=1e-12)


def test_a_length_that_only_cuts_is_not_taken_for_the_end_of_the_sound():
    X = GRID.forward(sound())
    for length in (100, 1000, 1900):
        y = invert_spectrogram(np.abs(X), GRID, start=np.angle(X), n_iter=5, length=length)
        np.testing.assert_allclose(y, sound()[:length], atol=1e-12)


def test_a_mirror_whose_place_nobody_knows_is_not_put_in_a_wrong_one():
    """Half a hop off, it costs 10 dB in the last frames that lie within the sound."""
    stft = STFT(22050, 1024, 256, pad_mode="reflect")
    gains = []
    for seed in range(3):
        S = stft.magnitude(harmonic_glide(8192 + 128, 22050, seed))
        whole = slice((8192 - 512) // 256 - 3, (8192 - 512) // 256 + 1)
        fits = []
        for length in (None, 8192):
            y = invert_spectrogram(S, stft, rng=0, length=length)
            assert y.shape == (8192,)
            fits.append(spectral_convergence(S[:, whole], stft.magnitude(y)[:, whole]))
        gains.append(fits[1] - fits[0])
    assert np.mean(gains) > 6
