"""Inversion where the length of the sound is known, where it is not, and where it only cuts."""

import numpy as np
import pytest

from signals import harmonic_glide, sound
from specdemo import STFT, invert_spectrogram, phase, spectral_convergence

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


# The frames behind the mirrors of the first and of the last sample, as indices. With half a frame of
# padding the first frame has its middle on the mirror; with a hop less, a hop behind it, and the
# nearest frame stands for that on the mirror. With a hop of 1 one frame more lies behind the last.
BEHIND = [
    (256, 64, 128, [4, 3, 2, 1], [-2, -3, -4, -5]),
    (256, 64, 64, [2, 1, 0, 0], [-1, -1, -2, -3]),
    (16, 1, 8, range(16, 0, -1), range(-4, -20, -1)),
]


@pytest.mark.parametrize(("n_fft", "hop_length", "pad", "before", "after"), BEHIND)
def test_a_start_sees_what_lies_behind_the_mirrors(n_fft, hop_length, pad, before, after):
    stft = STFT(8000, n_fft, hop_length, pad=pad, pad_mode="reflect")
    length = 30 * hop_length + 1
    S = stft.magnitude(harmonic_glide(length, 8000, 0))
    angles = phase.pghi(np.hstack([S[:, before], S, S[:, after]]), stft, rng=0)
    starts = ("pghi", angles[:, len(before) : -len(after)])
    heard, expected = (
        invert_spectrogram(S, stft, start=start, n_iter=0, length=length, rng=0) for start in starts
    )
    np.testing.assert_allclose(heard, expected, atol=1e-9)


def test_channels_with_mirrors_are_started_as_each_alone():
    stft = STFT(8000, 256, 64, pad_mode="reflect")
    S = np.stack([stft.magnitude(harmonic_glide(3000, 8000, seed)) for seed in (0, 1)])
    alone = [invert_spectrogram(one, stft, start="spsi", n_iter=0) for one in S]
    both = invert_spectrogram(S, stft, start="spsi", n_iter=0)
    np.testing.assert_allclose(both, alone, atol=1e-12)


def test_a_random_start_with_mirrors_can_be_had_again():
    stft = STFT(8000, 256, 64, pad_mode="reflect")
    S = stft.magnitude(harmonic_glide(3000, 8000, 0))
    one, again = (invert_spectrogram(S, stft, start="random", n_iter=0, rng=7) for _ in range(2))
    np.testing.assert_array_equal(one, again)


def test_without_a_length_silence_begins_behind_the_last_sample_there_can_be(rng):
    """One step of Griffin and Lim, by the transforms themselves."""
    n_frames = 40
    longest = max(n for n in range(1200, 1400) if GRID.n_frames(n) == n_frames)
    S = GRID.magnitude(sound(longest))
    angles = rng.uniform(-np.pi, np.pi, S.shape)
    x = GRID.inverse(S * np.exp(1j * angles), length=longest)
    x = GRID.inverse(S * np.exp(1j * np.angle(GRID.forward(x))), length=longest)
    y = invert_spectrogram(S, GRID, start=angles, refine="griffin_lim", n_iter=1)
    np.testing.assert_allclose(y, x[: len(y)], atol=1e-12)


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
