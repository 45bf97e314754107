"""What the answers in the quiz of chapter 4 claim."""

from dataclasses import replace

import numpy as np
import pytest

import specdemo as sd
from quiz_facts.common import SPEECH_SR, fact, loaded


@fact(4, 1)
def _spikes():
    x, stft, bank = loaded()
    M = bank.forward(stft.magnitude(x)[:, 150:170])
    S_hat = bank.inverse(M, method="nnls")
    assert sd.spectral_convergence(M, bank.forward(S_hat)) < -100
    assert 70 <= np.median(np.sum(S_hat > 0, axis=0)) <= 80
    tone = stft.magnitude(np.sin(2 * np.pi * 1000.3 * np.arange(SPEECH_SR) / SPEECH_SR))[:, 40]
    assert np.sum(tone > 0.1 * tone.max()) in (3, 4)
    return ["three or four bins"]


@fact(4, 2)
def _wrong_scale():
    _, stft, bank = loaded()
    htk = replace(bank, scale="htk").center_frequencies
    found = np.interp(200, bank.center_frequencies, htk)
    drop = 12 * np.log2(bank.center_frequencies / htk)
    assert 8 < drop[0] < 12 and np.all(np.abs(drop[40:]) < 2)
    return [
        f"{bank.n_mels} bands up to {bank.fmax:.0f} Hz, a voice of 200 Hz becomes one of "
        f"{found:.0f} Hz"
    ]


@fact(4, 3)
def _em_goes_on():
    x, stft, bank = loaded()
    S = stft.magnitude(x)
    M = bank.forward(S)
    few, many = (bank.inverse(M, method="em", n_iter=n_iter) for n_iter in (20, 200))
    fits = [sd.spectral_convergence(M, bank.forward(S_hat)) for S_hat in (few, many)]
    truths = [sd.spectral_convergence(S, S_hat) for S_hat in (few, many)]
    assert fits[1] < fits[0] - 20
    assert abs(truths[1] - truths[0]) < 0.2
    return []


@fact(4, 4)
def _waveforms_differ():
    x, stft, bank = loaded()
    y = sd.invert_mel(bank.forward(stft.magnitude(x)), bank, n_iter=20, length=x.size, rng=0)
    assert sd.spectral_convergence(x, y) > 0
    assert sd.spectral_convergence(x, -x) == pytest.approx(20 * np.log10(2))
    return ["twice its size", "twice their size"]


@fact(4, 5)
def _together():
    x, stft, bank = loaded()
    S = stft.magnitude(x)
    M = bank.forward(S)
    apart = sd.invert_spectrogram(bank.inverse(M), stft, n_iter=100, length=x.size, rng=0)
    joint = sd.invert_mel(M, bank, n_iter=100, length=x.size, rng=0)
    apart, joint = stft.magnitude(apart), stft.magnitude(joint)
    assert (
        sd.log_spectral_distance(M, bank.forward(joint))
        < sd.log_spectral_distance(M, bank.forward(apart)) / 2
    )
    assert abs(sd.spectral_convergence(S, joint) - sd.spectral_convergence(S, apart)) < 2
    return []
