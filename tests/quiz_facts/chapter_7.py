"""What the answers in the quiz of chapter 7 claim."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import specdemo as sd
from quiz_facts.common import SPEECH_SR, fact, loaded


@fact(7, 1)
def _columns_and_ends():
    grid = sd.STFT(SPEECH_SR, 1024, 256)
    n_samples = 392 * 256 + 89
    centred, vocoders = grid.n_frames(n_samples), replace(grid, pad=384).n_frames(n_samples)
    assert (vocoders, centred) == (392, 393)
    assert replace(grid, pad=384, hop_length=275).n_frames(n_samples) < 370
    return []


def read_wrongly(**changes):
    """The sound of HiFi-GAN's array of the speech, read by a bank with other settings."""
    x, _, _ = loaded()
    fmt = sd.mel_format("hifigan-v1")
    scale = changes.pop("scale_of_numbers", fmt.scale)
    # Without what is added to its powers: with another norm that alone would refuse the array.
    reading = replace(fmt, bank=replace(fmt.bank, **changes), scale=scale, eps=0.0)
    y = reading.inverse(fmt.forward(x), n_iter=20, rng=0)
    M, M_hat = (np.exp(fmt.forward(sound)) for sound in (x[: len(y)], y))
    gain = np.sqrt(np.mean(y**2) / np.mean(x**2))
    return 20 * np.log10(gain), sd.log_spectral_distance(M, M_hat / gain)


@fact(7, 2)
def _norm_and_level():
    level, off = read_wrongly(norm=None)
    assert -35 < level < -28
    others = (
        {"power": 2.0},
        {"scale_of_numbers": sd.LogScale(base="10", floor=1e-12)},
        {"fmax": 11025},
    )
    for other in others:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a sound that is too loud
            level, off_more = read_wrongly(**other)
        assert level > -20 and off_more > off + 3
    return []


@fact(7, 3)
def _still_normalised():
    x, _, _ = loaded()
    matcha, fmt = sd.mel_format("matcha-ljspeech"), sd.mel_format("hifigan-v1")
    A = matcha.forward(x)
    assert (round(A.min(), 1), round(A.max(), 1)) == (-2.4, 3.3)
    assert fmt.misfit(A) is None
    for n_iter in (20, 100):
        with pytest.warns(UserWarning, match="the sound reaches"):
            y = fmt.inverse(A, n_iter=n_iter, rng=0)
        assert np.abs(y).max() > 10
    assert np.abs(matcha.inverse(A, n_iter=20, rng=0)).max() < 1
    return []


@fact(7, 4)
def _half_of_the_fft():
    grid = sd.STFT(16000, 1024, 200, win_length=800, pad_mode="reflect")
    impulse = np.zeros(4000)
    impulse[512] = 1  # the frame whose middle it is in has the middle of the window there
    m = 512 / 200
    assert grid.window_array[:112].max() == 0 < grid.window_array[113]
    assert grid.times(4)[0] == 0 and grid.n_frames(4000) == 1 + 4000 // 200
    assert np.argmax(grid.magnitude(impulse).sum(axis=0)) == round(m)
    return []


@fact(7, 5)
def _a_slam():
    x, _ = sd.load("speech", sr=16000)
    whisper, slam = sd.mel_format("whisper-80"), np.zeros_like(x)
    slam[:320] = 0.5 * np.random.default_rng(0).choice([-1.0, 1.0], 320)
    on_the_floor = [
        np.mean(W < W.max() - 2 + 1e-3) for W in map(whisper.forward, (0.01 * x, 0.01 * x + slam))
    ]
    assert on_the_floor[0] < 0.3 < 0.6 < on_the_floor[1]
    return []
