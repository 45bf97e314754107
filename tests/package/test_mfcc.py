"""Cepstral coefficients against closed forms, laws, SciPy and librosa."""

import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from specdemo import STFT, MelBank, amplitude_to_db, inverse_mfcc, mfcc
from specdemo.mfcc import lifter_weights

both_dtypes = for_every(dtype=[np.float32, np.float64])


def levels(shape=(40, 7), dtype=np.float64):
    """Noise where decibels are: from -80 to 0."""
    return np.random.default_rng(0).uniform(-80, 0, shape).astype(dtype)


def cosine(k, n_mels):
    """The k-th vector of the DCT-II: half a period for every k, read at the centres of bands."""
    return np.cos(np.pi * k * (np.arange(n_mels) + 0.5) / n_mels)[:, np.newaxis]


# --- closed forms ----------------------------------------------------------------------------


@for_every(value=[-37.5, 0.0, 12.0], n_mels=[1, 2, 41, 80])
def test_a_flat_spectrum_has_only_its_level(n_mels, value):
    C = mfcc(np.full((n_mels, 3), value), n_mfcc=n_mels)
    np.testing.assert_allclose(C[0], value * np.sqrt(n_mels), rtol=1e-14)
    np.testing.assert_allclose(C[1:], 0, atol=1e-12)


@for_every(n_mels=[40, 41], k=[1, 2, 13, 39])
def test_a_cosine_is_one_coefficient(n_mels, k):
    """Its height is the norm of the cosine, sqrt(n_mels / 2)."""
    expected = np.zeros((n_mels, 1))
    expected[k] = -6 * np.sqrt(n_mels / 2)
    np.testing.assert_allclose(mfcc(-6 * cosine(k, n_mels), n_mfcc=n_mels), expected, atol=1e-12)


def test_one_coefficient_is_a_cosine():
    C = np.zeros((5, 1))
    C[4] = 3 * np.sqrt(40 / 2)
    np.testing.assert_allclose(inverse_mfcc(C, n_mels=40), 3 * cosine(4, 40), atol=1e-13)


def test_louder_is_a_larger_first_coefficient_and_nothing_else():
    """Ten times the amplitude is 20 dB in every band."""
    expected = np.zeros((20, 7))
    expected[0] = 20 * np.sqrt(40)
    np.testing.assert_allclose(mfcc(levels() + 20) - mfcc(levels()), expected, atol=1e-11)


def test_the_lifter_is_its_formula():
    """Coefficients counted from 1: 1 at n = lifter, most at half of it, 1 + lifter / 2."""
    weights = lifter_weights(22, 22)[:, 0]
    assert weights[21] == pytest.approx(1)
    assert weights[10] == weights.max() == 1 + 22 / 2
    ratio = mfcc(levels(), n_mfcc=13, lifter=22) / mfcc(levels(), n_mfcc=13)
    expected = [1 + 11 * np.sin(np.pi * n / 22) for n in range(1, 14)]
    np.testing.assert_allclose(ratio, np.repeat(np.c_[expected], 7, axis=1), rtol=1e-12)


def test_a_lifter_counted_from_0_leaves_the_first_coefficient():
    """And gives the others what the one counted from 1 gives their neighbours before them."""
    from_0 = lifter_weights(23, 22, 0)[:, 0]
    assert from_0[0] == 1
    np.testing.assert_array_equal(from_0[1:], lifter_weights(22, 22)[:, 0])
    plain, lifted = mfcc(levels(), n_mfcc=13), mfcc(levels(), n_mfcc=13, lifter=22, lifter_start=0)
    np.testing.assert_array_equal(lifted[0], plain[0])
    np.testing.assert_allclose(lifted[11], plain[11] * (1 + 22 / 2), rtol=1e-12)


# --- laws ------------------------------------------------------------------------------------


@given(st.integers(1, 60), st.integers(0, 90), st.integers(0, 1))
def test_all_coefficients_are_the_spectrum(n_mels, lifter, lifter_start):
    log_mel = levels((n_mels, 3))
    if lifter == 2 and lifter_start + n_mels > 3:
        lifter = 3
    C = mfcc(log_mel, n_mfcc=n_mels, lifter=lifter, lifter_start=lifter_start)
    back = inverse_mfcc(C, n_mels=n_mels, lifter=lifter, lifter_start=lifter_start)
    np.testing.assert_allclose(back, log_mel, atol=1e-11)


@given(st.integers(1, 60))
def test_parseval(n_mels):
    log_mel = levels((n_mels, 3))
    energy = np.sum(mfcc(log_mel, n_mfcc=n_mels) ** 2, axis=0)
    np.testing.assert_allclose(energy, np.sum(log_mel**2, axis=0), rtol=1e-12)


@given(st.integers(1, 40))
def test_fewer_coefficients_are_a_projection(n_mfcc):
    """On the first cosines: what is left over is orthogonal to them, so nothing is nearer."""
    log_mel = levels()
    basis = np.hstack([cosine(k, 40) for k in range(n_mfcc)])
    solved = np.linalg.lstsq(basis, log_mel, rcond=None)[0]
    smooth = inverse_mfcc(mfcc(log_mel, n_mfcc=n_mfcc), n_mels=40)
    np.testing.assert_allclose(smooth, basis @ solved, atol=1e-10)
    np.testing.assert_allclose(basis.T @ (log_mel - smooth), 0, atol=1e-9)
    np.testing.assert_allclose(
        inverse_mfcc(mfcc(smooth, n_mfcc=n_mfcc), n_mels=40), smooth, atol=1e-10
    )


def test_fewer_coefficients_are_the_first_of_all():
    np.testing.assert_array_equal(mfcc(levels(), n_mfcc=13), mfcc(levels(), n_mfcc=40)[:13])


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_linearity(a, b):
    x, y = levels((2, 40, 3))
    expected = a * mfcc(x, lifter=22) + b * mfcc(y, lifter=22)
    np.testing.assert_allclose(mfcc(a * x + b * y, lifter=22), expected, atol=1e-9)


@both_dtypes
def test_precision_and_leading_axes(dtype):
    log_mel = levels((2, 3, 40, 7), dtype)
    C = mfcc(log_mel, n_mfcc=13, lifter=22)
    back = inverse_mfcc(C, n_mels=40, lifter=22)
    assert C.dtype == back.dtype == dtype
    assert C.shape == (2, 3, 13, 7)
    assert back.shape == log_mel.shape
    # Alone or among others, a column may be rounded differently.
    tolerance = 1e-3 if dtype == np.float32 else 1e-11
    for channel in np.ndindex(2, 3):
        np.testing.assert_allclose(
            C[channel], mfcc(log_mel[channel], n_mfcc=13, lifter=22), atol=tolerance
        )
        np.testing.assert_allclose(
            back[channel], inverse_mfcc(C[channel], n_mels=40, lifter=22), atol=tolerance
        )


def test_read_only_inputs_stay_as_they_are():
    for function in (mfcc, inverse_mfcc):
        value = levels()
        value.setflags(write=False)
        result = function(value)
        np.testing.assert_array_equal(value, levels())
        assert not np.shares_memory(result, value)


@both_dtypes
@for_every(level=[0.0, 1e-30, 1e30])
def test_extreme_levels_are_finite(dtype, level):
    C = mfcc((level * levels()).astype(dtype), lifter=22)
    assert np.isfinite(C).all()
    assert np.isfinite(inverse_mfcc(C, n_mels=40, lifter=22)).all()


# --- lifters that cannot be undone -----------------------------------------------------------


@for_every(lifter=range(1, 200))
def test_only_lifter_2_loses_a_coefficient(lifter):
    """Weights repeat after 2 * lifter. Up to n = lifter they are 1 or more."""
    weights = lifter_weights(2 * lifter + 1, lifter)[:, 0]
    assert (weights[:lifter] >= 1 - 1e-12).all()
    assert (np.abs(weights).min() < 0.29) == (lifter == 2)


def test_counted_from_0_lifter_2_loses_the_fourth_coefficient():
    with pytest.raises(ValueError, match="lifter = 2 cannot be undone: .* coefficient 4 of 13"):
        inverse_mfcc(
            mfcc(levels(), n_mfcc=13, lifter=2, lifter_start=0), n_mels=40, lifter=2, lifter_start=0
        )
    three = inverse_mfcc(
        mfcc(levels(), n_mfcc=3, lifter=2, lifter_start=0), n_mels=40, lifter=2, lifter_start=0
    )
    np.testing.assert_allclose(three, inverse_mfcc(mfcc(levels(), n_mfcc=3), n_mels=40), atol=1e-12)


def test_a_lifter_that_multiplies_by_zero_is_refused():
    with pytest.raises(ValueError, match="lifter = 2 cannot be undone: .* coefficient 3 of 13"):
        inverse_mfcc(mfcc(levels(), n_mfcc=13, lifter=2), n_mels=40, lifter=2)
    two = mfcc(levels(), n_mfcc=2)
    np.testing.assert_allclose(
        inverse_mfcc(mfcc(levels(), n_mfcc=2, lifter=2), n_mels=40, lifter=2),
        inverse_mfcc(two, n_mels=40),
        atol=1e-12,
    )


def test_more_coefficients_than_bands_are_refused():
    with pytest.raises(ValueError, match="n_mfcc must be at most 40, the bands of log_mel"):
        mfcc(levels(), n_mfcc=41)
    with pytest.raises(ValueError, match="n_mels must be at least 20, the coefficients of C"):
        inverse_mfcc(mfcc(levels()), n_mels=19)


def test_what_may_be_frames_first_is_said_to_be_so():
    """Only where the other axis would fit: one of 7 frames cannot have 41 coefficients."""
    with pytest.raises(ValueError, match=r"got 8; if log_mel is frames first, pass log_mel\.T$"):
        mfcc(levels((7, 40)), n_mfcc=8)
    with pytest.raises(ValueError, match=r"got 41$"):
        mfcc(levels((40, 7)), n_mfcc=41)
    with pytest.raises(ValueError, match=r"got 80; if C is frames first, pass C\.T$"):
        inverse_mfcc(levels((300, 13)), n_mels=80)
    with pytest.raises(ValueError, match=r"pass np\.swapaxes\(C, -1, -2\)$"):
        inverse_mfcc(levels((2, 300, 13)), n_mels=80)
    with pytest.raises(ValueError, match=r"got 80$"):
        inverse_mfcc(levels((300, 81)), n_mels=80)


# --- parity ----------------------------------------------------------------------------------


def log_mel_of_noise():
    bank = MelBank(STFT(sr=8000, n_fft=512, hop_length=128), 40)
    x = np.random.default_rng(1).standard_normal(4000)
    return amplitude_to_db(bank.forward(bank.stft.magnitude(x)))


def test_it_is_scipys_dct():
    peer = scipy.fft.dct(log_mel_of_noise(), type=2, axis=0, norm="ortho")
    np.testing.assert_allclose(mfcc(log_mel_of_noise(), n_mfcc=40), peer, rtol=0, atol=1e-12)


@for_every(n_mfcc=[1, 13, 20, 40], lifter=[0, 1, 2, 5, 22, 40])
def test_it_is_librosas_mfcc(n_mfcc, lifter):
    librosa = pytest.importorskip("librosa")
    peer = librosa.feature.mfcc(S=log_mel_of_noise(), n_mfcc=n_mfcc, lifter=lifter)
    C = mfcc(log_mel_of_noise(), n_mfcc=n_mfcc, lifter=lifter)
    np.testing.assert_allclose(C, peer, rtol=0, atol=1e-9)


@pytest.mark.parametrize("lifter", [0, 22])
def test_the_way_back_is_librosas(lifter):
    """Which goes on to power."""
    librosa = pytest.importorskip("librosa")
    C = mfcc(log_mel_of_noise(), n_mfcc=13, lifter=lifter)
    peer = librosa.feature.inverse.mfcc_to_mel(C, n_mels=40, lifter=lifter)
    back = inverse_mfcc(C, n_mels=40, lifter=lifter)
    np.testing.assert_allclose(back, 10 * np.log10(peer), rtol=0, atol=1e-9)
