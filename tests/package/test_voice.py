"""A voice in parts: pitch, voicing, source and outline."""

import numpy as np
import pytest

import specdemo as sd
from specdemo import voice

SR = 16000
GRID = sd.STFT(SR, 1024, 160)
BANK = sd.MelBank(sd.STFT(SR, 512, 160), 40)


def pulses(f0, seconds=1.0):
    """All harmonics up to 4 kHz, as strong as each other."""
    t = np.arange(round(SR * seconds)) / SR
    return sum(np.cos(2 * np.pi * k * f0 * t) for k in range(1, int(4000 / f0)))


def test_pitch_of_pulses_and_of_vowels():
    """To within a sample of the period, also where the fundamental is missing."""
    t = np.arange(SR) / SR
    for f0 in (65, 83, 110, 170, 233, 320, 390):
        missing = sum(np.cos(2 * np.pi * k * f0 * t + k * k) for k in (3, 4, 5, 6, 7))
        for name, x in (("pulses", pulses(f0)), ("without the fundamental", missing)):
            found, voicing = voice.pitch(x, GRID)
            middle = slice(10, -10)
            np.testing.assert_allclose(SR / found[middle], SR / f0, atol=1, err_msg=f"{name} {f0}")
            assert voicing[middle].min() > 0.9, (name, f0)


def test_noise_and_silence_are_not_voiced(rng):
    assert voice.pitch(rng.standard_normal(SR), GRID)[1].max() < 0.4
    f0, voicing = voice.pitch(np.zeros(SR), GRID)
    assert np.all(np.isfinite(f0)) and voicing.max() == 0


def test_level_does_not_matter():
    x = pulses(120)
    for gain in (1e-3, 1e3):
        for loud, scaled in zip(voice.pitch(x, GRID), voice.pitch(gain * x, GRID)):
            np.testing.assert_allclose(loud[10:-10], scaled[10:-10], rtol=1e-3)


def test_pitch_refuses_what_it_cannot_find():
    with pytest.raises(
        ValueError,
        match="fmin must be below fmax, and in frames of stft's 512 samples at least 62 Hz",
    ):
        voice.pitch(pulses(100), sd.STFT(SR, 512, 160), fmin=40)
    with pytest.raises(ValueError, match="fmin must be below fmax"):
        voice.pitch(pulses(100), GRID, fmin=300, fmax=200)
    with pytest.raises(ValueError, match="one channel"):
        voice.pitch(np.zeros((2, SR)), GRID)


def test_buzz_and_hiss_are_as_loud_as_each_other():
    for share in (0.0, 0.3, 1.0):
        x = voice.buzz_and_hiss(np.full(1001, 125.0), np.full(1001, share), GRID, rng=0)
        assert len(x) == 1000 * 160
        assert np.mean(x**2) == pytest.approx(1, rel=0.03), share


def test_a_glide_has_the_pitch_that_was_asked_for():
    wanted = np.geomspace(100, 200, 201)
    x = voice.buzz_and_hiss(wanted, np.ones(201), GRID)
    found, _ = voice.pitch(x, GRID)
    np.testing.assert_allclose(found[10:-10], wanted[10:-10], rtol=0.02)


def test_a_source_needs_numbers_that_mean_something():
    ones = np.ones(5)
    for f0, voicing, words in (
        (ones[:4], ones, "one number a frame each"),
        (ones[:1], ones[:1], "two frames or more"),
        (0 * ones, ones, "f0 must be between 0.001 and 16000 Hz"),
        (ones, 2 * ones, "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=words):
            voice.buzz_and_hiss(f0, voicing, GRID)


def test_an_outline_of_all_cosines_is_the_level(rng):
    M = rng.uniform(0.1, 1, (40, 6))
    np.testing.assert_allclose(voice.outline(M, 40), 20 * np.log10(M), atol=1e-9)
    np.testing.assert_allclose(
        voice.outline(M, 1), np.broadcast_to(20 * np.log10(M).mean(axis=0), (40, 6)), atol=1e-9
    )


def test_a_source_takes_the_outline_and_keeps_its_pitch():
    """Two formants that move; the sound, analysed again, has them, at the pitch of the source."""
    n_frames, bands = 101, np.arange(40)[:, np.newaxis]
    centres = np.linspace(8, 14, n_frames), np.linspace(28, 22, n_frames)
    wanted = -60 + sum(40 * np.exp(-(((bands - centre) / 5) ** 2)) for centre in centres)
    for name, share in (("buzz", 1.0), ("hiss", 0.0)):
        source = voice.buzz_and_hiss(
            np.full(n_frames, 130.0), np.full(n_frames, share), GRID, rng=0
        )
        x = voice.put_outline(source, wanted, BANK, n_mfcc=16)
        found = voice.outline(BANK.forward(BANK.stft.magnitude(x)), 16)[:, 5:-5]
        smooth = sd.inverse_mfcc(sd.mfcc(wanted, n_mfcc=16), n_mels=40)[:, 5:-5]
        assert np.sqrt(np.mean((found - smooth) ** 2)) < 3, name
        f0, voicing = voice.pitch(x, GRID)
        if share:
            np.testing.assert_allclose(f0[10:-10], 130, rtol=0.02)
            assert np.median(voicing) > 0.8
        else:
            assert np.median(voicing) < 0.4


def test_an_outline_of_other_bands_is_refused():
    with pytest.raises(ValueError, match="wanted must have 40 mels"):
        voice.put_outline(pulses(100), np.zeros((20, 10)), BANK, n_mfcc=8)
