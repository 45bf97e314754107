"""What the answers in the quiz of chapter 3 claim."""

from dataclasses import replace

import numpy as np
import pytest

import specdemo as sd
from quiz_facts.common import SPEECH_SR, fact


@fact(3, 1)
def _bands_without_bins():
    stft = sd.STFT(SPEECH_SR, 256, 64)

    def empty(n_mels, fmin=0.0, norm="slaney", grid=stft):
        return sd.MelBank(grid, n_mels, fmin=fmin, fmax=8000, norm=norm).empty.size

    with pytest.warns(UserWarning, match="contain no bin"):
        assert empty(128) > 0 and empty(128, fmin=300) > 0 and empty(128, norm=None) > 0
    assert empty(40) == empty(128, grid=replace(stft, n_fft=1024)) == 0
    return []


@fact(3, 2)
def _white_noise():
    stft = sd.STFT(SPEECH_SR, 1024, 256)
    noise = stft.magnitude(np.random.default_rng(0).standard_normal(4 * SPEECH_SR))
    level = {}
    for norm in (None, "slaney"):
        bank = sd.MelBank(stft, 80, fmax=8000, norm=norm)
        level[norm] = 20 * np.log10(bank.forward(noise).mean(axis=1))
    tips = bank.center_frequencies
    above, below = level[None][tips > 1100], level[None][(tips > 100) & (tips < 900)]
    assert np.polyfit(np.arange(above.size), above, 1)[0] > 0.1
    assert np.ptp(below) < 2 and above[-1] > below.max() + 6
    assert np.ptp(level["slaney"][2:]) < 2
    return ["Above 1000 Hz"]


@fact(3, 3)
def _three_means():
    loud, soft = 1, 1e-4
    magnitude = 20 * np.log10((loud + soft) / 2)
    power = 10 * np.log10((loud**2 + soft**2) / 2)
    logs = (20 * np.log10(loud) + 20 * np.log10(soft)) / 2
    return [
        f"half of its magnitude is {magnitude:.0f} dB",
        f"the loud bin is {power:.0f} dB",
        f"the two levels is {logs:.0f} dB",
    ]


@fact(3, 4)
def _what_a_mel_spectrogram_can_tell():
    stft = sd.STFT(SPEECH_SR, 1024, 256)
    bank = sd.MelBank(stft, 20, fmax=8000)
    t = np.arange(SPEECH_SR) / SPEECH_SR

    def voice(pitch):
        return sum(np.sin(2 * np.pi * n * pitch * t) for n in range(1, 3000 // pitch))

    low, high = (bank.forward(stft.magnitude(voice(pitch))) for pitch in (150, 300))
    assert sd.spectral_convergence(low, high) > -10
    tips = bank.center_frequencies
    k = np.argmin(np.abs(tips - 2000))
    middle, gap = (tips[k] + tips[k + 1]) / 2, tips[k + 1] - tips[k]
    close, wide = (
        stft.magnitude(
            sum(np.sin(2 * np.pi * (middle + side * part * gap / 2) * t) for side in (-1, 1))
        )[:, 10:-10].mean(axis=1, keepdims=True)
        for part in (0.3, 0.6)
    )
    assert sd.spectral_convergence(close, wide) > 0
    assert sd.spectral_convergence(bank.forward(close), bank.forward(wide)) < -30
    return []


@fact(3, 5)
def _a_clap():
    group = sd.db_to_amplitude(np.array([[0.0, 0.0, 0.0, 0.0, 40.0]]))
    short = 20 * np.log10(sd.shorten(group, 5).item())
    return [f"At {short:.0f} dB", f"At about {20 * np.log10(group.mean()):.0f} dB", "At 40 dB"]
