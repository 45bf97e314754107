"""A voice in parts: pitch, voicing, source and outline."""

import re

import numpy as np
import pytest

import specdemo as sd
from specdemo import voice

SR = 16000
GRID = sd.STFT(SR, 1024, 160)
BANK = sd.MelBank(sd.STFT(SR, 512, 160), 40)


def pulses(f0, seconds=1.0, sr=SR, fall=0):
    """All harmonics up to 4 kHz, as strong as each other, or falling with a power of their number."""
    t = np.arange(round(sr * seconds)) / sr
    ks = range(1, int(min(4000, sr / 2 - 1) / f0))
    return sum(np.cos(2 * np.pi * k * f0 * t) / k**fall for k in ks)


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


@pytest.mark.parametrize("sr", [8000, 16000, 22050, 48000])
def test_pulses_between_samples_are_not_taken_for_those_of_half_their_pitch(sr):
    """What the package sounds it hears, to within two hundredths of a semitone."""
    grid = sd.STFT(sr, 2 ** int(np.log2(0.07 * sr)), sr // 100)
    for f0 in range(62, 399, 8):
        for name, x in (
            ("buzz", voice.buzz_and_hiss(np.full(31, float(f0)), np.ones(31), grid)),
            ("falling", pulses(f0, 0.3, sr, fall=1)),
        ):
            found, _ = voice.pitch(x, grid)
            assert abs(12 * np.log2(found[15] / f0)) < (0.2 if name == "buzz" else 0.05), (name, f0)


def test_a_tone_is_read_between_the_samples():
    t = np.arange(SR) / SR
    for f0 in (70.3, 161.7, 289.1, 390.9):
        found, voicing = voice.pitch(np.sin(2 * np.pi * f0 * t), GRID)
        np.testing.assert_allclose(found[10:-10], f0, rtol=2e-3, err_msg=f"{f0}")
        assert voicing[10:-10].min() > 0.95


def test_noise_and_silence_are_not_voiced(rng):
    assert voice.pitch(rng.standard_normal(SR), GRID)[1].max() < 0.4
    f0, voicing = voice.pitch(np.zeros(SR), GRID)
    assert np.all((f0 >= 60) & (f0 <= 400)) and voicing.max() == 0


def test_what_hardly_changes_is_no_voice(rng):
    """An offset and a rumble are alike at all short lags, and have no period among them."""
    t = np.arange(SR) / SR
    hiss = 1e-4 * rng.standard_normal(SR)
    for name, below in (("offset", 1e-3), ("20 Hz", 1e-3 * np.sin(40 * np.pi * t))):
        voicing = voice.pitch(hiss + below, GRID)[1]
        assert np.median(voicing[10:-10]) < 0.25, name
        f0, voicing = voice.pitch(1e-3 * pulses(120) + below, GRID)
        assert np.median(voicing[10:-10]) > 0.8, name
        np.testing.assert_allclose(f0[10:-10], 120, rtol=0.01, err_msg=name)


def test_level_does_not_matter():
    x = pulses(120)
    for gain in (1e-150, 1e-3, 1e3, 1e150):
        for loud, scaled in zip(voice.pitch(x, GRID), voice.pitch(gain * x, GRID)):
            np.testing.assert_allclose(loud[10:-10], scaled[10:-10], rtol=1e-3)


def test_precision_is_that_of_what_comes():
    for dtype in (np.float32, np.float64):
        x = pulses(120).astype(dtype)
        found = [*voice.pitch(x, GRID)]
        found.append(voice.buzz_and_hiss(found[0], found[1], GRID, rng=0))
        found.append(voice.put_outline(x, np.zeros((40, 2)), BANK, n_mfcc=8))
        assert {values.dtype for values in found} == {np.dtype(dtype)}


def test_a_window_must_hold_two_periods():
    """What it holds counts, not the zeros around it; a window that is nearly shut holds less."""
    short = sd.STFT(SR, 1024, 160, win_length=400)
    with pytest.raises(ValueError, match="with stft's window of 400 samples at least 80 Hz"):
        voice.pitch(pulses(120), short)
    f0, voicing = voice.pitch(pulses(120), short, fmin=80)
    np.testing.assert_allclose(f0[10:-10], 120, rtol=0.01)
    assert voicing[10:-10].min() > 0.9
    voice.pitch(pulses(120), GRID, fmin=50)
    with pytest.raises(ValueError, match="with stft's window of 1024 samples at least"):
        voice.pitch(pulses(120), sd.STFT(SR, 1024, 160, window="flattop"), fmin=50)


@pytest.mark.parametrize("grid", [(22050, 512, 128), (16000, 512, 160), (44100, 1024, 256)])
def test_the_lowest_pitch_that_an_error_names_is_accepted(grid):
    stft = sd.STFT(*grid)
    with pytest.raises(ValueError, match="fmin must be below fmax, and with stft's") as refused:
        voice.pitch(pulses(100), stft, fmin=20)
    (lowest,) = re.findall(r"at least ([\d.]+) Hz", str(refused.value))
    voice.pitch(pulses(100), stft, fmin=float(lowest))


def test_errors_speak_of_what_was_given():
    with pytest.raises(ValueError, match="x must have at least 1024 samples|n_fft"):
        voice.pitch(np.zeros(100), sd.STFT(SR, 1024, 160, center=False))
    with pytest.raises(ValueError, match="n_mfcc must be at most 4; got 9"):
        voice.outline(np.ones((4, 3)), 9)


def test_pitch_refuses_what_it_cannot_find():
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
        (0 * ones, ones, "f0 must be between 0.001 and 8000 Hz"),
        (8001 * ones, ones, "f0 must be between 0.001 and 8000 Hz"),
        (ones, 2 * ones, "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=words):
            voice.buzz_and_hiss(f0, voicing, GRID)
    with pytest.raises(
        TypeError, match=r"pass np.asarray\(f0, np.float32\) if these are its values"
    ):
        voice.buzz_and_hiss([100] * 5, ones, GRID)
    with pytest.raises(ValueError, match=r"f0 must have shape \(n_frames,\)"):
        voice.buzz_and_hiss(np.full((1, 5), 100.0), ones, GRID)


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


@pytest.fixture
def formants():
    bands = np.arange(40)[:, np.newaxis] + np.zeros(51)
    return -60 + sum(40 * np.exp(-(((bands - centre) / 5) ** 2)) for centre in (10, 28))


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_an_outline_comes_nearer_whatever_power_the_bank_sums(formants, power):
    bank = sd.MelBank(BANK.stft, 40, power=power)
    source = voice.buzz_and_hiss(np.full(51, 120.0), np.ones(51), GRID)

    def off(n_iter):
        x = voice.put_outline(source, formants, bank, n_mfcc=16, n_iter=n_iter)
        bands = bank.forward(bank.stft.magnitude(x)) ** (1 / power)
        found = voice.outline(bands, 16)[:, 5:-5]
        smooth = sd.inverse_mfcc(sd.mfcc(formants, n_mfcc=16), n_mels=40)[:, 5:-5]
        return np.sqrt(np.mean((found - smooth) ** 2))

    assert off(2) < 1.5 and off(4) <= off(2)


def test_the_level_of_a_source_does_not_matter_and_that_of_an_outline_does(formants):
    source = voice.buzz_and_hiss(np.full(51, 120.0), np.ones(51), GRID)
    x = voice.put_outline(source, formants, BANK, n_mfcc=16)
    for gain in (1e-6, 1e6):
        y = voice.put_outline(gain * source, formants, BANK, n_mfcc=16)
        np.testing.assert_allclose(y, x, rtol=0, atol=1e-9 * np.abs(x).max())
    for shift in (-100, 60):
        y = voice.put_outline(source, formants + shift, BANK, n_mfcc=16)
        np.testing.assert_allclose(y, x * 10 ** (shift / 20), rtol=0, atol=1e-9 * np.abs(y).max())


def test_without_padding_what_no_frame_reaches_is_silent():
    bank = sd.MelBank(sd.STFT(SR, 512, 160, center=False), 40)
    for n_samples in (7872, 8000, 8031):
        x = voice.put_outline(pulses(120, 1)[:n_samples], np.zeros((40, 5)), bank, n_mfcc=8)
        reach = bank.stft._longest(bank.stft.n_frames(n_samples))
        assert (
            len(x) == n_samples and not x[reach:].any() and np.abs(x[reach - 200 : reach]).max() > 0
        )


@pytest.mark.parametrize("window", ["hann", "boxcar"])
def test_without_padding_the_ends_are_no_louder_than_the_rest(window, rng):
    """Windows hardly see them, and what is only an estimate must not be divided by that."""
    bank = sd.MelBank(sd.STFT(SR, 512, 128, window=window, center=False), 40)
    y = voice.put_outline(
        0.1 * rng.standard_normal(8000), np.full((40, 60), -30.0), bank, n_mfcc=20
    )
    assert np.abs(y).max() < 1.5 * np.abs(y[1000:-1000]).max()


def test_an_outline_of_other_bands_is_refused():
    with pytest.raises(ValueError, match="wanted must have 40 mels"):
        voice.put_outline(pulses(100), np.zeros((20, 10)), BANK, n_mfcc=8)
