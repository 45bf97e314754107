"""The checks let good values through unchanged in value, and name the argument otherwise."""

import numpy as np
import pytest

from specdemo import _checks


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_integers_of_every_kind_become_int(value):
    assert type(_checks.integer("n", value)) is int


@pytest.mark.parametrize("value", [3, 3.5, np.float32(3.5), np.int16(3)])
def test_numbers_of_every_kind_become_float(value):
    assert type(_checks.number("f", value)) is float
    assert _checks.number("f", value) == value


def test_an_int_too_large_for_a_float_is_refused():
    with pytest.raises(ValueError, match="sr must be finite"):
        _checks.number("sr", 10**400)


@pytest.mark.parametrize(
    ("limit", "accepted", "refused"),
    [("minimum", 1, 0.5), ("maximum", 1, 1.5), ("above", 1.5, 1), ("below", 0.5, 1)],
)
def test_limits_are_open_or_closed_as_named(limit, accepted, refused):
    assert _checks.number("f", accepted, **{limit: 1}) == accepted
    with pytest.raises(ValueError, match=r"^f must be .* 1; got"):
        _checks.number("f", refused, **{limit: 1})


@pytest.mark.parametrize(
    ("dtype", "divisor"), [(np.int8, 2**7), (np.int16, 2**15), (np.int32, 2**31)]
)
def test_integer_samples_come_with_the_conversion(dtype, divisor):
    with pytest.raises(TypeError, match=rf"x\.astype\(np\.float32\) / {divisor}$"):
        _checks.array("x", np.zeros(4, dtype))


def test_the_number_of_bad_values_is_told():
    with pytest.raises(ValueError, match="2 of its 5 values are NaN or Inf"):
        _checks.array("x", np.array([0, np.nan, 1, -np.inf, 2]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_are_not_copied(dtype):
    x = np.zeros(4, dtype)
    assert _checks.array("x", x) is x


@pytest.mark.parametrize("shape", ["(n_samples,)", "(n_bins, n_frames)"])
def test_number_of_axes(shape):
    n_axes = len(shape.strip("(,)").split(","))
    _checks.axes("x", np.zeros((2,) * n_axes), shape)
    with pytest.raises(ValueError, match="x must have shape"):
        _checks.axes("x", np.zeros((2,) * (n_axes + 1)), shape)
