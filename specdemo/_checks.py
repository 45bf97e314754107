"""Checks of arguments: every message names the argument, what came, and what is accepted."""

from __future__ import annotations

import numpy as np

# A number of iterations, bands or frames beyond these is a mistake, and would be waited for or
# allocated in vain.
MOST_ITERATIONS, MOST_FRAMES, MOST_BANDS, MOST_SAMPLES = 10**6, 10**8, 2**16, 2**40

# The longest window and hop in samples, and the sampling rates in Hz at which every time and
# frequency is a number with all its digits.
LONGEST_FRAME, SLOWEST, FASTEST = 2**24, 1e-6, 1e12


class OutOfRange(ValueError):
    """A result that its dtype cannot store: the argument was too large."""


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


def rate(name, value):
    """Return `value` as a sampling rate in Hz."""
    return number(name, value, minimum=SLOWEST, maximum=FASTEST)


def iterations(name, value, minimum=0):
    """Return `value` as a number of iterations that somebody would wait for."""
    return integer(name, value, minimum, MOST_ITERATIONS)


def generator(name, value):
    """Return a random generator: `value` itself, one seeded with it, or for None a new one."""
    if value is not None and not isinstance(value, np.random.Generator):
        value = integer(name, value, minimum=0)
    return np.random.default_rng(value)


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


def array(name, value, ndim=1, kind="real", minimum=None, headroom=1.0):
    """Return `value` as a finite float or complex array with at least `ndim` axes, none empty.

    Only float32, float64, complex64 and complex128 pass, so that the precision of the result is
    always the precision of the input. Of real values none may leave the dtype when it is multiplied
    by `headroom`.
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
    if headroom > 1:
        limit = float(np.finfo(value.dtype).max) / headroom
        peak = max(float(value.max()), -float(value.min()))
        if peak > limit:
            raise ValueError(f"{name} must stay within {limit:.3g} in {value.dtype}; "
                             f"it reaches {peak:.4g}")
    return value


def spectrogram(name, value, rows, what, minimum=0):
    """Return `value` as an array of shape (`rows`, n_frames), not negative."""
    value = array(name, value, ndim=2, minimum=minimum)
    axes(name, value, f"(n_{what}, n_frames)")
    axis_length(name, value, 0, rows, what)
    return value


def in_range(name, value, result):
    """Return `result` when it is finite; otherwise the array `value` is too large for its dtype."""
    if not np.isfinite(result).all():
        peak = max(np.abs(value.real).max(), np.abs(value.imag).max())
        raise OutOfRange(f"{name} is too large for {value.dtype}: it reaches {peak:.4g}, "
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


def real_dtype(name, value):
    """Return `value` as the dtype float32 or float64."""
    try:
        found = np.dtype(value) if value is not None else None
    except (TypeError, ValueError):
        found = None
    # None would be taken for float64.
    if found is None or found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"{name} must be float32 or float64; got {value!r:.80}")
    return found


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
