"""From mel spectrograms back to sound."""

from dataclasses import replace

import numpy as np
import pytest

from cases import for_every
from signals import both_dtypes, sound
from specdemo import (
    STFT,
    MelBank,
    inversion,
    invert_mel,
    invert_spectrogram,
    load,
    phase,
    spectral_convergence,
)
from specdemo.phase.loop import refine as refine_frames
from specdemo.phase.refinements import fast_mel_griffin_lim

# --- from mel --------------------------------------------------------------------------------------


def mel_bank(power=1, n_fft=256):
    return MelBank(STFT(8000, n_fft, n_fft // 4), 20, power=power)


def mel_error(bank, M, x):
    return spectral_convergence(M, bank.forward(bank.stft.magnitude(x)))


@for_every(power=[1, 2])
def test_magnitude_and_phase_together_fit_the_bands_better(power):
    """The start imposes magnitudes that no sound has; correcting them instead gains 10 dB."""
    bank, x = mel_bank(power), sound()
    M = bank.forward(bank.stft.magnitude(x))
    S = bank.inverse(M)
    apart = invert_spectrogram(S, bank.stft, n_iter=60, length=len(x), rng=0)
    together = invert_mel(M, bank, n_iter=60, length=len(x), rng=0)
    assert mel_error(bank, M, together) < mel_error(bank, M, apart) - 10


def test_momentum_helps_mel_inversion(monkeypatch):
    """After ten iterations on speech by 2 dB, later by less."""
    x, sr = load("speech", offset=0.5, duration=1.5)
    bank = MelBank(STFT(sr), 80, fmax=8000)
    M = bank.forward(bank.stft.magnitude(x))
    fast = mel_error(bank, M, invert_mel(M, bank, n_iter=10, length=len(x), rng=0))
    monkeypatch.setattr(
        "specdemo.inversion.fast_mel_griffin_lim",
        lambda n, momentum, correct: fast_mel_griffin_lim(n, 0.0, correct),
    )
    assert fast < mel_error(bank, M, invert_mel(M, bank, n_iter=10, length=len(x), rng=0)) - 1


def test_mel_inversion_takes_100_iterations():
    bank = mel_bank()
    told = []
    invert_mel(np.ones((20, 3)), bank, rng=0, on_iteration=lambda i, db: told.append(i))
    assert told == list(range(1, 101))


@pytest.mark.filterwarnings("ignore:.*mel bands contain no bin")
@both_dtypes
def test_bands_without_bins_give_silence(dtype):
    bank = MelBank(STFT(8000, 64, 16), 4, fmin=130, fmax=240)
    y = invert_mel(np.ones((2, 4, 9), dtype), bank, n_iter=3, length=100, rng=0)
    assert y.shape == (2, 100)
    assert y.dtype == dtype
    assert not y.any()


def test_a_wrong_number_of_bands_is_named():
    message = r"^M must have 20 bands along axis -2; got shape \(7, 3\)$"
    with pytest.raises(ValueError, match=message):
        invert_mel(np.ones((7, 3)), mel_bank())


def test_a_start_that_sees_beyond_mirrored_ends_fits_them_better(monkeypatch):
    """It takes their magnitudes for those of a sound that goes on, and runs backwards."""
    stft = STFT(8000, 256, 64, pad_mode="reflect")
    bank = MelBank(stft, 30)
    t = np.arange(8000) / 8000
    x = np.sin(2 * np.pi * (300 + 200 * t) * t) + 0.3 * np.sin(2 * np.pi * 900 * t)
    M = bank.forward(stft.magnitude(x))

    def misfit(mirror):
        monkeypatch.setattr(inversion, "_mirror", mirror)
        y = invert_mel(M, bank, n_iter=20, length=len(x))
        return spectral_convergence(M[:, -6:], bank.forward(stft.magnitude(y))[:, -6:])

    real = inversion._mirror
    of_unknown_length = misfit(lambda stft, n_frames, _: real(stft, n_frames, None))
    assert misfit(real) < of_unknown_length - 0.5
    assert of_unknown_length < misfit(lambda *_: None) - 0.5


def test_no_iteration_is_the_inverse_of_the_bank_with_the_phase_of_pghi():
    """Save at 0 Hz and at the Nyquist frequency, where the bank sees nothing."""
    bank, x = mel_bank(), sound()
    M = bank.forward(bank.stft.magnitude(x))
    S = bank.inverse(M)
    angles = phase.pghi(S, bank.stft, rng=3)
    S[0], S[-1] = S[1], S[-2]
    expected = invert_spectrogram(S, bank.stft, start=angles, n_iter=0, length=len(x))
    np.testing.assert_allclose(
        invert_mel(M, bank, n_iter=0, length=len(x), rng=3), expected, atol=1e-12
    )


def test_mel_iterations_tell_their_convergence():
    bank, x = mel_bank(), sound(8000)
    M = bank.forward(bank.stft.magnitude(x))
    told = []
    y = invert_mel(
        M, bank, n_iter=5, length=len(x), rng=0, on_iteration=lambda i, db: told.append((i, db))
    )
    assert [i for i, _ in told] == [1, 2, 3, 4, 5]
    assert told[-1][1] == pytest.approx(mel_error(bank, M, y), abs=1e-9)


@both_dtypes
@for_every(power=[1, 2])
@for_every(level=[0.0, 1e-15, 1e15])
def test_mel_inversion_scales_and_keeps_the_precision(dtype, power, level):
    bank, x = mel_bank(power), sound(dtype=dtype)
    M = bank.forward(bank.stft.magnitude(x))
    one = invert_mel(M, bank, n_iter=3, length=len(x), rng=0)
    other = invert_mel((M * level**power).astype(dtype), bank, n_iter=3, length=len(x), rng=0)
    assert other.dtype == dtype
    # The phases of a few bins at the tolerance of PGHI may fall on its other side.
    assert np.abs(other - level * one).max() <= 0.05 * level


@both_dtypes
@for_every(n_frames=[1, 2])
def test_mel_inversion_of_few_frames_is_finite(dtype, n_frames):
    bank = mel_bank()
    assert np.isfinite(invert_mel(np.ones((20, n_frames), dtype), bank, n_iter=3, rng=0)).all()


def test_mel_channels_are_a_loop_over_channels():
    bank, x = mel_bank(), sound()
    M = np.stack([bank.forward(bank.stft.magnitude(y)) for y in (x, 0.1 * x[::-1].copy())])
    rng = np.random.default_rng(0)
    single = [invert_mel(one, bank, n_iter=4, length=len(x), rng=rng) for one in M]
    np.testing.assert_allclose(
        invert_mel(M, bank, n_iter=4, length=len(x), rng=0), single, atol=1e-12
    )


def test_silence_in_the_middle_of_a_mel_spectrogram_stays_finite():
    bank, x = mel_bank(), sound(4000)
    M = bank.forward(bank.stft.magnitude(x))
    M[:, 20:40] = 0
    y = invert_mel(M, bank, n_iter=20, length=len(x), rng=0)
    middle = slice(24 * 64, 36 * 64)
    assert np.isfinite(y).all()
    assert np.abs(y[middle]).max() < 1e-3 * np.abs(y).max()


# --- at 0 Hz, where no band looks ------------------------------------------------------------------


@both_dtypes
@for_every(power=[1, 2])
def test_a_sound_with_rumble_and_an_offset_is_a_fixed_point(dtype, power):
    """Its bands match already, so that they demand nothing, whatever lies in bin 0 and Nyquist's.

    With the bank from 0 Hz, or from below the first bin, to the Nyquist frequency all bins but these two
    are in some band.
    """
    t = np.arange(4000) / 8000
    x = sound(4000) + 0.5 + np.sin(2 * np.pi * 10 * t) + 0.3 * np.cos(np.pi * np.arange(4000))
    x = x.astype(dtype)
    for scale, norm, n_fft, edges in (
        ("slaney", "slaney", 256, {}),
        ("htk", None, 256, {}),
        ("htk", "slaney", 255, {}),
        ("slaney", "slaney", 256, {"fmin": 20}),
        ("htk", None, 256, {"fmin": 20}),
    ):
        stft = STFT(8000, n_fft, n_fft // 4)
        bank = MelBank(stft, 20, scale=scale, norm=norm, power=power, **edges)
        X = np.ascontiguousarray(bank.stft.forward(x).T)
        correct = bank._corrector(dtype)
        bands = correct.bands(X)
        y = refine_frames(
            iter([X]),
            bands,
            bank.stft,
            fast_mel_griffin_lim(4, 0.99, correct.magnitudes),
            len(x),
            correct.bands,
        )
        np.testing.assert_allclose(
            y, x, atol=1e4 * np.finfo(dtype).eps, err_msg=f"{scale} {n_fft} {edges}"
        )


@for_every(power=[1, 2])
@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_rumble_and_offset_do_not_keep_the_bands_from_fitting(scale, power):
    """With bin 0 held at zero, as in `MelBank.inverse`, they stay 14 to 30 dB further away."""
    t = np.arange(8000) / 8000
    tone = np.sin(2 * np.pi * 440 * t)
    bank = MelBank(STFT(8000, 256, 64), 40, scale=scale, power=power)
    for name, x in {"rumble": tone + np.sin(2 * np.pi * 10 * t), "offset": tone + 0.5}.items():
        M = bank.forward(bank.stft.magnitude(x))
        deaf = replace(bank)
        vars(deaf)["nearest_seen"] = np.arange(bank.stft.n_bins)
        found, without = (
            mel_error(bank, M, invert_mel(M, one, n_iter=100, length=len(x), rng=0))
            for one in (bank, deaf)
        )
        assert found < -30, name
        assert found < without - 10, name


def test_a_sound_without_an_offset_comes_back_without_one():
    bank, x = mel_bank(), sound(8000)
    y = invert_mel(bank.forward(bank.stft.magnitude(x)), bank, n_iter=50, length=len(x), rng=0)
    assert abs(y.mean()) < 0.01 * np.abs(x).max()
