"""The two measures in closed form."""

import numpy as np
import pytest

from cases import for_every
from specdemo import log_spectral_distance, spectral_convergence

both_dtypes = for_every(dtype=[np.float32, np.float64])


@both_dtypes
@pytest.mark.parametrize("level", [1e-30, 1.0, 1e30])
@pytest.mark.parametrize(("gain", "expected"), [(1.1, -20), (0.99, -40), (2.0, 0), (0.0, 0)])
def test_convergence_of_a_gain(rng, dtype, level, gain, expected):
    """||g S - S|| / ||S|| = |g - 1|; float32 knows 0.99 to 7 digits, g - 1 so to 5: 1e-4 dB."""
    S = level * np.abs(rng.standard_normal((5, 7))).astype(dtype)
    S_hat = dtype(gain) * S
    assert spectral_convergence(S, S_hat) == pytest.approx(expected, abs=1e-3)


def test_convergence_is_the_formula(rng):
    S, S_hat = rng.random((2, 5, 7))
    expected = 20 * np.log10(np.linalg.norm(S_hat - S) / np.linalg.norm(S))
    assert spectral_convergence(S, S_hat) == pytest.approx(expected, abs=1e-12)


def test_convergence_of_complex_spectra_sees_the_phase(rng):
    X = rng.standard_normal((5, 7)) + 1j * rng.standard_normal((5, 7))
    assert spectral_convergence(X, -X) == pytest.approx(20 * np.log10(2))
    assert spectral_convergence(X, 1j * X) == pytest.approx(10 * np.log10(2))


@both_dtypes
def test_convergence_is_finite_for_equal_and_for_silent(dtype):
    S, silence = np.ones((3, 4), dtype), np.zeros((3, 4), dtype)
    assert spectral_convergence(S, S) == -320
    assert spectral_convergence(silence, silence) == -320
    assert spectral_convergence(S, silence) == 0
    assert spectral_convergence(silence, S) == 320


@both_dtypes
@pytest.mark.parametrize("level", [1e-30, 1.0, 1e30])
@pytest.mark.parametrize("gain_db", [-20.0, -1.0, 6.0])
def test_distance_of_a_gain_is_the_gain(dtype, level, gain_db):
    S = np.full((3, 4), level, dtype)
    S_hat = (S * 10 ** (gain_db / 20)).astype(dtype)
    assert log_spectral_distance(S, S_hat) == pytest.approx(abs(gain_db), abs=1e-5)


def test_distance_is_the_rms_over_cells():
    """Differences of 3 and 4 dB: sqrt((9 + 16) / 2)."""
    S = np.array([1.0, 1.0])
    S_hat = 10 ** (np.array([3.0, -4.0]) / 20)
    assert log_spectral_distance(S, S_hat) == pytest.approx(np.sqrt(12.5))


def test_cells_below_the_floor_are_left_out_or_raised_to_it():
    """Cell 2 is under the floor in both. Cell 3 is so in one only: 20 dB lie above the floor."""
    S = np.array([1.0, 1e-5, 1e-2])
    S_hat = np.array([1.0, 1e-4, 1e-9])
    assert log_spectral_distance(S, S_hat) == pytest.approx(np.sqrt((0 + 20**2) / 2))
    assert log_spectral_distance(S, S_hat, floor_db=-40.5) == pytest.approx(np.sqrt(0.25 / 2))


@both_dtypes
def test_distance_is_finite_for_equal_and_for_silent(dtype):
    S, silence = np.ones((3, 4), dtype), np.zeros((3, 4), dtype)
    assert log_spectral_distance(S, S) == 0
    assert log_spectral_distance(silence, silence) == 0
    assert log_spectral_distance(S, silence) == pytest.approx(60)
    assert log_spectral_distance(silence, S) == pytest.approx(60)


@pytest.mark.parametrize("measure", [spectral_convergence, log_spectral_distance])
def test_read_only_inputs_stay_as_they_are(rng, measure):
    S, S_hat = rng.random((2, 5, 7))
    before = S.copy(), S_hat.copy()
    S.setflags(write=False)
    S_hat.setflags(write=False)
    measure(S, S_hat)
    np.testing.assert_array_equal([S, S_hat], before)


@pytest.mark.parametrize("measure", [spectral_convergence, log_spectral_distance])
def test_shapes_must_agree(measure):
    with pytest.raises(ValueError, match="S_hat must have the shape of S"):
        measure(np.ones((2, 3)), np.ones((3, 2)))
