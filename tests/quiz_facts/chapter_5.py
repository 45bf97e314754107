"""What the answers in the quiz of chapter 5 claim."""

import numpy as np

import specdemo as sd
from quiz_facts.common import SPEECH_SR, fact, loaded


@fact(5, 1)
def _peak_of_the_cepstrum():
    sr, peaks = 20000, {}
    for pitch in (100, 200):
        pulses = np.zeros(4000)
        pulses[:: sr // pitch] = 1
        S = np.abs(np.fft.rfft(pulses[:2000] * np.hanning(2000)))
        c = np.fft.irfft(np.log(np.maximum(S, 1e-4 * S.max())))
        shortest = sr // 500
        peaks[pitch] = 1000 * (shortest + np.argmax(c[shortest:300])) / sr
    assert peaks[100] == 10
    return [
        f"At {peaks[200]:.0f} ms",
        "200 Hz apart",
        "repeats every 200 Hz",
        "one over 200 Hz",
        f"at {peaks[100]:.0f} ms",
    ]


@fact(5, 2)
def _two_microphones():
    x, stft, bank = loaded()

    def coefficients(y):
        return sd.mfcc(sd.amplitude_to_db(bank.forward(stft.magnitude(y))), n_mfcc=40)

    def apart(A, B):
        return np.sqrt(np.mean((A - B) ** 2))

    one, other = coefficients(x), coefficients(np.append(x[:1], x[1:] - 0.9 * x[:-1]))
    centred = [C - C.mean(axis=1, keepdims=True) for C in (one[:13], other[:13])]
    first = [C - C[:, :1] for C in (one[:13], other[:13])]
    best = apart(*centred)
    assert best < apart(one[:13], other[:13]) / 2
    assert best < min(apart(one[1:13], other[1:13]), apart(*first), apart(one, other))
    return []


@fact(5, 3)
def _thirteen_waves():
    x, stft, bank = loaded()
    log_mel = sd.amplitude_to_db(bank.forward(stft.magnitude(x)))
    C = sd.mfcc(log_mel, n_mfcc=80)
    assert C.shape[0] == 80
    np.testing.assert_allclose(sd.inverse_mfcc(C, n_mels=80), log_mel, atol=1e-8)
    np.testing.assert_allclose(C[0], log_mel.mean(axis=0) * np.sqrt(80))
    return ["all 80 coefficients", "with all 80", "Coefficient 0", "13 slow waves"]


@fact(5, 4)
def _a_hill_of_factors():
    C = np.ones((80, 1))
    levels = sd.inverse_mfcc(C, n_mels=80)
    factors = (sd.mfcc(levels, n_mfcc=20, lifter=22) / C[:20])[:, 0]
    assert np.argmax(factors) == 10 and np.all(np.diff(factors[:11]) > 0)
    assert np.all(np.diff(factors[10:]) < 0)
    louder = sd.mfcc(levels + 6, n_mfcc=20) - C[:20]
    assert np.flatnonzero(np.abs(louder) > 1e-9).tolist() == [0]
    return [
        f"{factors[0]:.1f} for the first",
        f"{factors[10]:.0f} for the eleventh",
        "of 22",
        "coefficient 0 alone",
    ]


@fact(5, 5)
def _a_whistle():
    x, stft, bank = loaded()
    whistle = 0.1 * x.std() * np.sin(2 * np.pi * 1500 * np.arange(x.size) / SPEECH_SR)
    before, after = (sd.amplitude_to_db(bank.forward(stft.magnitude(y))) for y in (x, x + whistle))

    def moved(a, b):
        return np.sum(np.sqrt(np.mean((a - b) ** 2, axis=1)) > 1)

    coefficients = moved(sd.mfcc(before, n_mfcc=80), sd.mfcc(after, n_mfcc=80))
    return [f"{coefficients} of 80 coefficients have moved, and {moved(before, after)} of 80 bands"]
