"""Decibels against powers of ten, and librosa."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specdemo import amplitude_to_db, db_to_amplitude, db_to_power, power_to_db

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@both_dtypes
def test_powers_of_ten_are_multiples_of_20_db(dtype):
    S = np.array([1, 0.1, 1e-2, 1e-3, 1e3], dtype)
    D = amplitude_to_db(S, top_db=None)
    assert D.dtype == dtype
    np.testing.assert_allclose(D, [0, -20, -40, -60, 60], atol=100 * np.finfo(dtype).eps)


def test_twice_the_amplitude_is_6_db():
    assert amplitude_to_db(np.array([2.0]))[0] == pytest.approx(20 * np.log10(2))


def test_the_threshold_is_measured_from_the_loudest():
    D = amplitude_to_db(np.array([10.0, 1.0, 0.1, 0.0]), top_db=30)
    np.testing.assert_allclose(D, [20, 0, -10, -10])


def test_smaller_amplitudes_count_as_amin():
    D = amplitude_to_db(np.array([1.0, 1e-9, 0.0]), amin=1e-3, top_db=None)
    np.testing.assert_allclose(D, [0, -60, -60])


def test_ref_is_0_db_as_number_or_function():
    S = np.array([0.5, 4.0, 2.0])
    np.testing.assert_allclose(amplitude_to_db(S, ref=4.0)[1], 0, atol=1e-12)
    np.testing.assert_array_equal(amplitude_to_db(S, ref=np.max), amplitude_to_db(S, ref=4.0))


@both_dtypes
def test_silence_is_the_floor_over_a_silent_reference(dtype):
    silence = np.zeros((3, 4), dtype)
    np.testing.assert_allclose(amplitude_to_db(silence, ref=np.max), 0, atol=1e-5)
    np.testing.assert_allclose(amplitude_to_db(silence), -100)


@both_dtypes
@pytest.mark.parametrize("level", [1e-30, 1e30])
def test_extreme_amplitudes_are_finite(dtype, level):
    D = amplitude_to_db(np.array([level, 0], dtype), amin=1e-30, top_db=None)
    np.testing.assert_allclose(D, [20 * np.log10(level), -600], rtol=1e-6)
    np.testing.assert_allclose(db_to_amplitude(D), [level, 1e-30], rtol=1e-4)


@both_dtypes
def test_a_threshold_below_all_numbers_is_none(dtype):
    S = np.array([1, 1e-30], dtype)
    D = amplitude_to_db(S, amin=1e-30, top_db=1e308)
    np.testing.assert_array_equal(D, amplitude_to_db(S, amin=1e-30, top_db=None))


@given(st.floats(-90, 90), st.floats(1e-3, 1e3))
def test_round_trip(level, ref):
    D = np.array([level, 0.0])
    back = amplitude_to_db(db_to_amplitude(D, ref=ref), ref=ref, amin=1e-12, top_db=None)
    np.testing.assert_allclose(back, D, atol=1e-9)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 120))
def test_levels_stay_within_the_threshold(values, top_db):
    D = amplitude_to_db(np.array(values), top_db=top_db)
    assert D.max() - D.min() <= top_db + 1e-9


@both_dtypes
def test_levels_beyond_the_largest_number_are_refused(dtype):
    limit = 20 * np.log10(np.finfo(dtype).max)
    assert np.isfinite(db_to_amplitude(np.array([limit - 1], dtype))).all()
    for too_loud in (limit, limit + 1):
        with pytest.raises(ValueError, match=f"D must stay below {limit:.0f} dB in"):
            db_to_amplitude(np.array([too_loud], dtype))
    with pytest.raises(ValueError, match="D must stay below"):
        db_to_amplitude(np.array([limit - 1], dtype), ref=10.0)


def test_amin_and_ref_must_be_representable():
    """In float32, 1e-60 is zero, and the logarithm of zero infinite."""
    with pytest.raises(ValueError, match="amin"):
        amplitude_to_db(np.zeros(3, np.float32), amin=1e-60)
    with pytest.raises(ValueError, match="ref"):
        db_to_amplitude(np.full(3, -1000, np.float32), ref=1e60)


def test_read_only_inputs_stay_as_they_are():
    S = np.array([1.0, 0.5, 0.0])
    S.setflags(write=False)
    D = amplitude_to_db(S)
    D.setflags(write=False)
    db_to_amplitude(D)
    np.testing.assert_array_equal(S, [1.0, 0.5, 0.0])


@pytest.mark.parametrize(
    "settings", [{}, {"ref": np.max}, {"ref": 0.3, "amin": 1e-3}, {"top_db": None}, {"top_db": 20}]
)
def test_parity_with_librosa(rng, settings):
    librosa = pytest.importorskip("librosa")
    S = np.abs(rng.standard_normal((9, 20))) ** 6
    D = amplitude_to_db(S, **settings)
    np.testing.assert_allclose(D, librosa.amplitude_to_db(S, **settings), atol=1e-11)
    np.testing.assert_allclose(
        db_to_amplitude(D, ref=0.3), librosa.db_to_amplitude(D, ref=0.3), rtol=1e-12
    )


# --- powers ----------------------------------------------------------------------------------


@both_dtypes
def test_the_level_of_a_power_is_that_of_its_amplitude(dtype):
    S = np.array([1, 0.1, 3e-4, 20, 0], dtype)
    for settings in ({}, {"top_db": None}, {"top_db": 30.0}):
        D = power_to_db(S**2, **settings)
        assert D.dtype == dtype
        np.testing.assert_allclose(
            D, amplitude_to_db(S, **settings), atol=1e-3, err_msg=str(settings)
        )
    np.testing.assert_allclose(
        power_to_db(S**2, ref=4.0, amin=1e-6, top_db=None),
        amplitude_to_db(S, ref=2.0, amin=1e-3, top_db=None),
        atol=1e-4,
    )


@both_dtypes
def test_powers_come_back(dtype):
    D = np.array([0, -20, 13, -300], dtype)
    np.testing.assert_allclose(db_to_power(D, ref=2.0), 2 * 10 ** (D.astype(float) / 10), rtol=1e-5)
    with pytest.raises(ValueError, match="D must stay below 3"):
        db_to_power(np.array([4000.0]))


def test_levels_of_powers_are_librosas():
    librosa = pytest.importorskip("librosa")
    S = np.random.default_rng(0).random((5, 7)) ** 4
    np.testing.assert_allclose(power_to_db(S, ref=np.max), librosa.power_to_db(S, ref=np.max))
