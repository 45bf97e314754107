"""Sampling rates converted block by block: tones stay, what lies above goes, nothing is cut."""

import numpy as np
import pytest

import specdemo as sd
from specdemo.audio.conversion import converted

RATES = [
    (16000, 22050), (44100, 16000), (48000, 16000), (8000, 16000), (22050, 24000), (44101, 16000),
    (16000, 8000), (11025, 48000),
]  # fmt: skip


def whole(x, sr, new_sr):
    return np.concatenate(list(converted([x], sr, new_sr)))


def test_a_tone_stays_a_tone():
    """To 100 dB, up to 0.89 of the lower Nyquist frequency, away from the ends."""
    for sr, new_sr in RATES:
        for part in (0.01, 0.5, 0.89):
            f = part * min(sr, new_sr) / 2
            y = whole(np.sin(2 * np.pi * f / sr * np.arange(2 * sr)), sr, new_sr)
            expected = np.sin(2 * np.pi * f / new_sr * np.arange(2 * new_sr))
            inside = slice(new_sr // 10, -new_sr // 10)
            error = np.abs(y - expected)[inside].max()
            assert error < 1.2e-5, (sr, new_sr, part)


def test_nothing_is_folded_back():
    for sr, new_sr in RATES:
        if new_sr < sr:
            f = 1.01 * new_sr / 2
            y = whole(np.sin(2 * np.pi * f / sr * np.arange(2 * sr)), sr, new_sr)
            assert np.abs(y)[new_sr // 10 : -new_sr // 10].max() < 1.2e-5, (sr, new_sr)


def test_lengths_are_rounded_up_and_pieces_make_no_difference(rng):
    for sr, new_sr in RATES:
        for n in (1, 2, 1000, 40001):
            x = rng.uniform(-1, 1, n).astype(np.float32)
            y = whole(x, sr, new_sr)
            assert len(y) == -(-n * new_sr // sr), (sr, new_sr, n)
            assert y.dtype == np.float32
            cut = np.split(x, np.unique(rng.integers(1, max(2, n), 5)))
            pieces = [piece for piece in cut if len(piece)]
            np.testing.assert_array_equal(np.concatenate(list(converted(pieces, sr, new_sr))), y)
    assert list(converted([], 8000, 16000)) == []


def test_rates_that_would_take_gigabytes_are_refused():
    for sr, new_sr in ((9_999_991, 16000), (4_000_037, 22050)):
        with pytest.raises(ValueError, match=f"{sr} Hz cannot be converted to {new_sr} Hz"):
            whole(np.zeros(10), sr, new_sr)
    assert len(whole(np.zeros(10000), 10_000_000, 16000)) == 16


def test_it_is_linear_in_phase_and_an_impulse_stays_where_it_was():
    for sr, new_sr in RATES:
        x = np.zeros(sr)
        x[sr // 2] = 1
        y = whole(x, sr, new_sr)
        assert abs(np.abs(y).argmax() - sr // 2 * new_sr / sr) <= 0.5, (sr, new_sr)
        assert y.sum() * sr / new_sr == pytest.approx(1, abs=1e-4)


def test_speech_is_as_resample_has_it():
    """Whose filter falls a little later: far below the Nyquist frequency they agree."""
    x, sr = sd.load("speech")
    y, z = whole(x, sr, 16000), sd.resample(x, sr, 16000)
    below = sd.bandpass(y - z, 16000, 50, 5000)
    assert np.abs(below).max() < 1e-4 * np.abs(z).max()
