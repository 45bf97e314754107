"""Checks of arguments: every message names the argument, what came, and what is accepted."""

from __future__ import annotations

import numpy as np


def integer(name, value, minimum=1, maximum=None):
    """Return `value` as an int inside the limits; a float is refused, even 128.0."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an int; got {value!r} ({type(value).__name__})")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}; got {value}")
    if maximum is not None and value > maximum:
        raise ValueError(f"{name} must be at most {maximum}; got {value}")
    return int(value)


def number(name, value, minimum=None, above=None, below=None, maximum=None):
    """Return `value` as a finite float inside the limits that are given."""
    kinds = (int, float, np.integer, np.floating)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, kinds):
        raise TypeError(f"{name} must be a number; got {value!r} ({type(value).__name__})")
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    limits = [
        (minimum is not None and number < minimum, f"at least {minimum}"),
        (above is not None and number <= above, f"above {above}"),
        (below is not None and number >= below, f"below {below}"),
        (maximum is not None and number > maximum, f"at most {maximum}"),
    ]
    accepted = " and ".join(["finite"] + [text for bad, text in limits if bad])
    if not np.isfinite(number) or any(bad for bad, _ in limits):
        raise ValueError(f"{name} must be {accepted}; got {value!r}")
    return number


def flag(name, value):
    """Return `value` when it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {value!r}")
    return bool(value)


def choice(name, value, known):
    """Return `value` when it is one of the `known` words."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {', '.join(map(repr, known))}; got {value!r}")
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}; got {value!r}")
    return value


def array(name, value, ndim=1, kind="real", minimum=None, largest=None):
    """Return `value` as a finite float or complex array with at least `ndim` axes, none empty.

    Only float32, float64, complex64 and complex128 pass, so that the precision of the result is
    always the precision of the input. No real value may lie further from zero than `largest`.
    """
    value = np.asarray(value)
    _check_dtype(name, value, kind)
    if value.ndim < ndim:
        raise ValueError(f"{name} must have at least {ndim} axes; got shape {value.shape}")
    if value.size == 0:
        raise ValueError(f"{name} is empty: its shape is {value.shape}")
    bad = value.size - np.count_nonzero(np.isfinite(value))
    if bad:
        raise ValueError(f"{name} must be finite; {bad} of its {value.size} values are NaN or Inf")
    if minimum is not None and value.min() < minimum:
        raise ValueError(f"{name} must not go below {minimum}; its smallest value is {value.min()}")
    if largest is not None and (value.max() > largest or value.min() < -largest):
        raise ValueError(f"{name} must not go beyond {largest:.3g} in {value.dtype}; "
                         f"its smallest value is {value.min():.4g}, its largest {value.max():.4g}")
    return value


def in_range(name, value, result):
    """Return `result` when it is finite; otherwise the array `value` is too large for its dtype."""
    if not np.isfinite(result).all():
        largest = max(np.abs(value.real).max(), np.abs(value.imag).max())
        raise ValueError(f"{name} is too large for {value.dtype}: it reaches {largest:.4g}, "
                         "and the result goes beyond what can be stored")
    return result


def _check_dtype(name, value, kind):
    wanted = {"real": "float32 or float64", "complex": "complex64 or complex128"}[kind]
    accepted = {"real": "fd", "complex": "FD"}[kind]
    if value.dtype.char in accepted:
        return
    message = f"{name} must be an array of {wanted}; got {value.dtype}"
    if value.dtype.kind in "iu" and value.dtype.itemsize <= 4 and kind == "real":
        top = 2 ** (8 * value.dtype.itemsize - 1)
        message += f"; convert samples with x.astype(np.float32) / {top}"
    raise TypeError(message)


def axes(name, value, shape):
    """Raise unless `value` has as many axes as `shape`, such as "(n_bins, n_frames)", names."""
    if value.ndim != shape.count(",") + (not shape.endswith(",)")):
        raise ValueError(f"{name} must have shape {shape}; got {value.shape}")


def instance(name, value, kind):
    """Return `value` when it is a `kind`."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be of the type {kind.__name__}; got {value!r:.80}")
    return value


def axis_length(name, value, axis, length, what):
    """Raise unless `value.shape[axis]` is `length`."""
    if value.shape[axis] != length:
        raise ValueError(
            f"{name} must have {length} {what} along axis {axis}; got shape {value.shape}"
        )
