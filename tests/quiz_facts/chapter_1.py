"""What the answers in the quiz of chapter 1 claim."""

import numpy as np

import specdemo as sd
from quiz_facts.common import SPEECH_SR, fact, loaded


@fact(1, 1)
def _longer_frames():
    short, long = sd.STFT(SPEECH_SR, 1024, 256), sd.STFT(SPEECH_SR, 4096, 1024)
    assert short.frequencies[1] == 4 * long.frequencies[1]
    return ["four times closer", "four times as long"]


@fact(1, 2)
def _leakage_counted_in_bins():
    def level(n_fft, window):
        tone = np.sin(2 * np.pi * 40.5 * np.arange(n_fft) / n_fft) * window(n_fft)
        spectrum = np.abs(np.fft.rfft(tone))
        return 20 * np.log10(spectrum[60] / spectrum.max())

    short, long = (level(n_fft, np.ones) for n_fft in (1024, 4096))
    assert abs(short - long) < 0.1
    assert level(1024, lambda n: np.hanning(n + 1)[:-1]) < short - 40
    return [f"at {60 - 40} bins away it is still at {short:.0f} dB"]


@fact(1, 3)
def _decibels():
    return [
        f"{10 ** (26 / 20):.0f} times",
        f"{round(10 ** (26 / 10), -1):.0f} times",
        f"{20 * np.log10(10):.0f} dB are a factor of ten and {20 * np.log10(2):.0f} dB a factor "
        "of two",
        f"each {20 * np.log10(10):.0f} dB",
        "The 20 in the formula",
    ]


@fact(1, 4)
def _hop_of_a_frame():
    for n_fft in (1024, 4096):
        assert not sd.STFT(SPEECH_SR, n_fft, n_fft, window="hann").is_invertible
    assert sd.STFT(SPEECH_SR, 1024, 1024, window="boxcar").is_invertible
    return []


@fact(1, 5)
def _share_of_cells():
    x, stft, _ = loaded()
    S = stft.magnitude(x)
    kept = S >= S.max() / 100
    energy = np.sum(S[kept] ** 2) / np.sum(S**2)
    return [f"{100 * kept.mean():.1f} % of the cells", f"{100 * energy:.0f} % of the energy"]
