"""Shorten and lengthen: geometric means, and cubic interpolation of the levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import for_every
from specdemo import lengthen, shorten

both_dtypes = for_every(dtype=[np.float32, np.float64])
factors = st.one_of(st.integers(1, 12), st.floats(1, 12))


def levels(shape, seed=0):
    """Amplitudes spread over 60 dB."""
    return 10 ** np.random.default_rng(seed).uniform(-3, 0, shape)


# --- shorten ---------------------------------------------------------------------------------


def test_whole_factors_take_the_geometric_mean():
    M = levels((4, 12))
    expected = np.exp(np.log(M).reshape(4, 4, 3).mean(axis=-1))
    np.testing.assert_allclose(shorten(M, 3), expected, rtol=1e-12)


def test_the_last_frame_may_cover_fewer():
    M = np.array([[1.0, 4.0, 9.0]])
    np.testing.assert_allclose(shorten(M, 2), [[2, 9]], rtol=1e-12)


def test_frames_covered_in_part_count_in_part():
    """By 1.5: frame 0 and half of 1; half of 1 and frame 2."""
    a, b, c = 2.0, 16.0, 0.5
    expected = [(a * b**0.5) ** (1 / 1.5), (b**0.5 * c) ** (1 / 1.5)]
    np.testing.assert_allclose(shorten(np.array([[a, b, c]]), 1.5), [expected], rtol=1e-12)


@given(st.integers(1, 60), factors, st.floats(1e-20, 1e20))
def test_a_constant_stays_constant(n, factor, level):
    short = shorten(np.full((2, n), level), factor)
    np.testing.assert_allclose(short, level, rtol=1e-9)
    np.testing.assert_allclose(lengthen(short, factor, n_frames=n), level, rtol=1e-9)


@given(st.integers(1, 60), st.integers(1, 12))
def test_every_frame_is_counted_once(n, factor):
    """The mean level, weighted by the frames that each long frame covers, is kept."""
    M = levels((1, n))
    covered = np.diff(np.minimum(np.arange(0, n + factor, factor), n))
    mean = np.log(shorten(M, factor)) @ covered / n
    np.testing.assert_allclose(mean, np.log(M).mean(axis=1), atol=1e-9)


@given(st.integers(1, 60), factors)
def test_shorten_gives_the_frames_announced(n, factor):
    assert shorten(np.ones((1, n)), factor).shape[1] == np.ceil(round(n / factor, 9))


def test_a_factor_beyond_the_length_leaves_one_frame():
    M = levels((2, 5))
    mean = np.exp(np.log(M).mean(axis=1, keepdims=True))
    for factor in (5, 100, 1e15):
        np.testing.assert_allclose(shorten(M, factor), mean, rtol=1e-12)


def test_logarithms_stop_100_db_below_the_loudest():
    np.testing.assert_allclose(shorten(np.array([[1.0, 0.0]]), 2), [[10**-2.5]], rtol=1e-12)


# --- lengthen --------------------------------------------------------------------------------


@given(st.integers(1, 60), factors)
def test_exactly_the_frames_that_went_in_come_out(n, factor):
    back = lengthen(shorten(levels((2, n)), factor), factor, n_frames=n)
    assert back.shape == (2, n)
    assert np.isfinite(back).all()


@pytest.mark.parametrize("factor", [2, 3, 2.5, 7.25])
def test_cubic_levels_are_interpolated_exactly(factor):
    """Between the first and the last centre of a long frame, and held constant outside."""
    n = 80
    edges = np.minimum(np.arange(np.ceil(n / factor) + 1) * factor, n)
    centers = (edges[1:] + edges[:-1]) / 2 - 0.5

    def level(t):
        t = np.clip(t, centers[0], centers[-1]) / n
        return np.exp(1 - 4 * t + 9 * t**2 - 7 * t**3)

    back = lengthen(level(centers)[np.newaxis], factor, n_frames=n)
    np.testing.assert_allclose(back[0], level(np.arange(n)), rtol=1e-10)


def test_a_sound_between_silences_comes_back_hardly_louder():
    """A cubic through the jump would rise by 17 dB."""
    short = np.array([[0, 0, 1.0, 1.0, 0, 0], [1.0, 0, 0, 0.5, 0, 1.0]])
    for factor in (2, 3.5, 10):
        back = lengthen(short, factor)
        assert 1 < back.max() <= 2 and back[1, : int(2 * factor)].max() <= 1.0001


@pytest.mark.parametrize("factor", [2, 3, 8])
def test_round_trip_of_levels_on_a_line(factor):
    """The mean of a line is its value at the centre, so nothing is lost between the centres."""
    t = np.arange(80)
    M = np.exp(0.1 * t)[np.newaxis]
    back = lengthen(shorten(M, factor), factor, n_frames=80)
    margin = (factor - 1) / 2
    inside = (t >= margin) & (t <= 79 - margin)
    np.testing.assert_allclose(back[:, inside], M[:, inside], rtol=1e-9)


@pytest.mark.parametrize("factor", [2, 3, 8])
def test_round_trip_of_cubic_levels_misses_by_their_curvature(factor):
    """A mean over f frames exceeds the value at the centre by (f^2 - 1) / 24 of the curvature.

    Of a cubic that is a line, which the spline carries over exactly.
    """
    t = np.arange(96) / 96
    log_M = 1 - 4 * t + 9 * t**2 - 7 * t**3
    excess = (factor**2 - 1) / 24 * (18 - 42 * t) / 96**2
    back = lengthen(shorten(np.exp(log_M)[np.newaxis], factor), factor, n_frames=96)[0]
    inside = slice(factor, -factor)
    np.testing.assert_allclose(np.log(back)[inside], (log_M + excess)[inside], atol=1e-10)


def test_factor_one_changes_nothing():
    M = levels((3, 9))
    np.testing.assert_array_equal(shorten(M, 1), M)
    np.testing.assert_array_equal(lengthen(M, 1), M)
    assert not np.shares_memory(shorten(M, 1), M)


@pytest.mark.parametrize("n_frames", [4, 40])
def test_frames_that_do_not_belong_to_the_factor_are_refused(n_frames):
    with pytest.raises(ValueError, match=f"n_frames = {n_frames} is not what 6 frames"):
        lengthen(levels((2, 6)), 2, n_frames=n_frames)


# --- both ------------------------------------------------------------------------------------


@both_dtypes
@pytest.mark.parametrize("factor", [1, 2, 2.5, 100])
@pytest.mark.parametrize("level", [0.0, 1e-30, 1e30])
def test_extreme_levels_are_finite_and_keep_their_precision(dtype, factor, level):
    M = (level * levels((3, 20))).astype(dtype)
    short = shorten(M, factor)
    back = lengthen(short, factor, n_frames=20)
    assert short.dtype == back.dtype == dtype
    assert np.isfinite(short).all() and np.isfinite(back).all()
    if level == 0:
        assert not short.any() and not back.any()


@pytest.mark.parametrize("factor", [1, 2, 2.5])
def test_channels_are_a_loop_over_channels(factor):
    """Also when one of them is far below the other, or silent."""
    M = levels((3, 4, 20)) * np.array([1, 1e-12, 0]).reshape(3, 1, 1)
    short = shorten(M, factor)
    back = lengthen(short, factor, n_frames=20)
    for i in range(3):
        np.testing.assert_array_equal(short[i], shorten(M[i], factor))
        np.testing.assert_allclose(back[i], lengthen(short[i], factor, n_frames=20), rtol=1e-12)


def test_read_only_inputs_stay_as_they_are():
    M = levels((3, 20))
    before = M.copy()
    M.setflags(write=False)
    for factor in (1, 2, 2.5):
        shorten(M, factor)
        lengthen(M, factor)
    np.testing.assert_array_equal(M, before)


def test_frames_first_is_told_where_the_number_of_frames_tells():
    """20 frames shortened by 4 are 5, which is the other axis."""
    with pytest.raises(ValueError, match=r"if Ms is frames first, pass Ms\.T$"):
        lengthen(np.ones((5, 8)), 4, n_frames=20)
    with pytest.raises(ValueError, match="that is about 32$"):
        lengthen(np.ones((6, 8)), 4, n_frames=20)
