"""Checks of arguments: every message names the argument, what came, and what is accepted.

Arrays come from many libraries. `ndarray` takes them all to NumPy, `signal` and `axis_length` tell
which axis is time, and all functions of the package ask these.
"""

from __future__ import annotations

from array import array as python_array
from collections import deque
from collections.abc import Collection
from dataclasses import fields
from typing import Any

import numpy as np

from specdemo._advice import advice, came, way_to_numpy
from specdemo._types import Array, Limit

# Numbers beyond these are mistakes, and would be waited for or allocated in vain.
MOST_ITERATIONS = 10**6
MOST_FRAMES = 10**8
MOST_BANDS = 2**16
MOST_SAMPLES = 2**40

# The longest window and hop, in samples.
LONGEST_FRAME = 2**24

# Sampling rates in Hz between which every time and frequency is a number with all its digits.
SLOWEST = 1e-6
FASTEST = 1e12

# More entries than this are not channels, but samples: common microphone arrays have at most 32
# channels, and 32 samples last about a millisecond. Interfaces have 64; of an array so wide, the other
# axis tells: 64 times as many signals are no batch of such short ones.
MOST_CHANNELS = 32
WIDEST = 64

# What arrays may consist of: NumPy's character of the dtype, and its name.
DTYPES = {
    "real": {"f": "float32", "d": "float64"},
    "complex": {"F": "complex64", "D": "complex128"},
}


class OutOfRange(ValueError):
    """A result that its dtype cannot store: the argument was too large."""


def scalar(value: Any) -> Any:
    """Return the Python number in a 0-d array, tensor or NumPy number; everything else as it is."""
    if getattr(value, "shape", None) != () or np.ma.is_masked(value):
        return value
    if isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, np.timedelta64):  # an integer, in units that only its dtype tells
        return value
    try:
        return value.item()
    except Exception:  # whatever another library raises, such as for a tensor without values
        return value


def settle(settings: Any) -> None:
    """Put Python numbers in the place of NumPy's and of 0-d arrays in a frozen dataclass.

    Arrays compare to arrays and have no hash: settings that held them could not be compared.
    """
    for field in fields(settings):
        value = getattr(settings, field.name)
        plain = tuple(map(scalar, value)) if isinstance(value, tuple) else scalar(value)
        object.__setattr__(settings, field.name, plain)


def integer(name: str, value: Any, minimum: int = 1, maximum: int | None = None) -> int:
    """Return `value` as an int inside the limits; a float is refused, even 128.0."""
    value = scalar(value)
    if not _is_number(value, int):
        raise TypeError(f"{name} must be an int; got {value!r} ({type(value).__name__})")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}; got {value}")
    if maximum is not None and value > maximum:
        raise ValueError(f"{name} must be at most {maximum}; got {value}")
    return int(value)


def number(
    name: str,
    value: Any,
    minimum: Limit = None,
    above: Limit = None,
    below: Limit = None,
    maximum: Limit = None,
) -> float:
    """Return `value` as a finite float inside the limits that are given."""
    value = scalar(value)
    if not _is_number(value, (int, float, np.floating)):
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


def _is_number(value: Any, kinds: type | tuple[type, ...]) -> bool:
    """Whether what `scalar` returned is of these kinds; truth values are not numbers."""
    return isinstance(value, kinds) and not isinstance(value, bool)


def rate(name: str, value: Any) -> float:
    """Return `value` as a sampling rate in Hz."""
    return number(name, value, minimum=SLOWEST, maximum=FASTEST)


def iterations(name: str, value: Any, minimum: int = 0) -> int:
    """Return `value` as a number of iterations that somebody would wait for."""
    return integer(name, value, minimum, MOST_ITERATIONS)


def generator(name: str, value: Any) -> np.random.Generator:
    """Return a random generator: `value` itself, one seeded with it, or for None a new one."""
    if value is not None and not isinstance(value, np.random.Generator):
        value = integer(name, value, minimum=0)
    return np.random.default_rng(value)


def flag(name: str, value: Any) -> bool:
    """Return `value` when it is True or False."""
    value = scalar(value)
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False; got {value!r}")
    return value


def choice(name: str, value: Any, known: Collection[str], beside: str = "") -> str:
    """Return `value` when it is one of the `known` words; `beside` them, the caller takes that."""
    value = scalar(value)
    if isinstance(value, str) and value in known:
        return value
    words = ("one of " if len(known) > 1 else "") + ", ".join(map(repr, known))
    accepted = f"{words}, or {beside}" if beside else words
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, {accepted}; got {value!r} ({type(value).__name__})")
    raise ValueError(f"{name} must be {accepted}; got {value!r}")


def ndarray(name: str, value: Any) -> Array:
    """Return `value`, whatever library it comes from, as a plain array that NumPy computes with.

    Never a subclass, always aligned and in native byte order; the same object if it is all that.
    """
    n_masked = _n_masked(value)
    if n_masked:
        is_one = isinstance(value, np.ma.MaskedArray)
        filled = f"{name}.filled(0)" if is_one else f"[np.ma.filled(part, 0) for part in {name}]"
        raise ValueError(
            f"{name} has {n_masked} masked values; fill them first, for instance with {filled}"
        )
    try:
        found = np.from_dlpack(value) if _speaks_only_dlpack(value) else np.asarray(value)
    except Exception as error:  # whatever another library raises
        raise TypeError(
            f"{name} cannot be read as an array of numbers"
            f"{way_to_numpy(name, value) or f': {error}'}"
        ) from error
    if not found.dtype.isnative:
        found = found.astype(found.dtype.newbyteorder("="))
    return found if found.flags.aligned else found.copy()


def _n_masked(value: Any) -> int:
    """Masked values in an array, or in lists of arrays, of which NumPy would drop the masks."""
    if isinstance(value, np.ma.MaskedArray):
        return int(np.ma.count_masked(value))
    # Lists of numbers are long: few types in them are quicker to see than each of their values.
    if not isinstance(value, (list, tuple, deque)) or not any(
        map(_may_hold, set(map(type, value)))
    ):
        return 0
    return sum(map(_n_masked, value))


def _may_hold(kind: type) -> bool:
    """Whether values of this type can be masked, or hold what is."""
    return issubclass(kind, (np.ma.MaskedArray, list, tuple, deque))


def is_array(value: Any) -> bool:
    """Whether `value` is an array of whatever library, and not a list or iterator of arrays."""
    return (
        isinstance(value, (memoryview, python_array))
        or hasattr(value, "__array__")
        or hasattr(value, "__array_interface__")
        or hasattr(value, "__dlpack__")
    )


def array(
    name: str,
    value: Any,
    ndim: int = 1,
    kind: str = "real",
    minimum: Limit = None,
    headroom: float = 1.0,
    samples: bool = False,
) -> Array:
    """Return `value` as a finite float or complex array with at least `ndim` axes, none empty.

    Only float32, float64, complex64 and complex128 pass, so that the precision of the result is
    always the precision of the input. Of real values none may leave the dtype when it is multiplied
    by `headroom`. What is said of integers depends on whether they would be `samples`.
    """
    given, value = value, ndarray(name, value)
    if value.dtype.char not in DTYPES[kind]:
        hint = advice(name, given, value, kind, minimum, samples)
        raise TypeError(
            f"{name} must be an array of {' or '.join(DTYPES[kind].values())}; "
            f"got {came(value)}" + (f"; {hint}" if hint else "")
        )
    if value.ndim < ndim:
        axes = "1 axis" if ndim == 1 else f"{ndim} axes"
        raise ValueError(f"{name} must have at least {axes}; got shape {value.shape}")
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
            raise ValueError(
                f"{name} must stay within {limit:.3g} in {value.dtype}; it reaches {peak:.4g}"
            )
    return value


def signal(name: str, value: Any, headroom: float = 1.0) -> Array:
    """Return `value` as an array of shape (..., n_samples); see `time_is_last` for its axes."""
    value = array(name, value, headroom=headroom, samples=True)
    time_is_last(name, value.shape)
    return value


def one_channel(name: str, value: Any) -> Array:
    """Return `value` as an array of shape (n_samples,)."""
    value = array(name, value, samples=True)
    axes(name, value, "(n_samples,)")
    return value


def time_is_last(name: str, shape: tuple[int, ...]) -> None:
    """Raise when an array of this shape looks samples first, as soundfile and SciPy return it.

    It does when the last axis can be channels, at most 32 of them, and the axis before it cannot;
    or if it can be 64 and the axis before it is 64 times as long. So a batch of more than 32 signals
    which are no longer than 32 samples is refused, too.
    """
    if _looks_samples_first(shape):
        raise ValueError(
            f"{name} must have shape (n_samples,) or (..., n_samples), with time along"
            f" the last axis; got {tuple(shape)}, which looks samples first: "
            f"pass {turned(name, shape)}"
        )


def _looks_samples_first(shape: tuple[int, ...]) -> bool:
    if len(shape) < 2:
        return False
    *_, n, last = shape
    return 0 < last <= MOST_CHANNELS < n or 0 < last <= WIDEST <= n / last


def turned(name: str, shape: tuple[int, ...]) -> str:
    """How the last two axes of an array of this shape change places."""
    return f"{name}.T" if len(shape) == 2 else f"np.swapaxes({name}, -1, -2)"


def spectrogram(name: str, value: Any, rows: int, what: str, minimum: Limit = 0) -> Array:
    """Return `value` as an array of shape (`rows`, n_frames), not negative."""
    value = array(name, value, ndim=2, minimum=minimum)
    axes(name, value, f"(n_{what}, n_frames)")
    axis_length(name, value, 0, rows, what)
    return value


def in_range(name: str, value: Array, result: Array) -> Array:
    """Return `result` when it is finite; otherwise the array `value` is too large for its dtype."""
    if not np.isfinite(result).all():
        peak = max(np.abs(value.real).max(), np.abs(value.imag).max())
        raise OutOfRange(
            f"{name} is too large for {value.dtype}: it reaches {peak:.4g}, "
            "and the result goes beyond what can be stored"
        )
    return result


def _speaks_only_dlpack(value: Any) -> bool:
    others = ("__array__", "__array_interface__", "__array_struct__")
    return hasattr(value, "__dlpack__") and not any(hasattr(value, name) for name in others)


def axes(name: str, value: Array, shape: str) -> None:
    """Raise unless `value` has as many axes as `shape`, such as "(n_bins, n_frames)", names."""
    if value.ndim == shape.count(",") + (not shape.endswith(",)")):
        return
    hint = ""
    if value.ndim == 2 and shape == "(n_samples,)":
        first = _looks_samples_first(value.shape)
        channel = f"{name}[:, 0]" if first else f"{name}[0]"
        hint = f"; pass one channel, {channel}, or their mean, {name}.mean(axis={int(first)})"
    raise ValueError(f"{name} must have shape {shape}; got {value.shape}{hint}")


def instance(name: str, value: Any, kind: type) -> Any:
    """Return `value` when it is a `kind`."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be of the type {kind.__name__}; got {value!r:.80}")
    return value


def text_or_none(name: str, value: Any) -> str | None:
    """Return `value` when it is text or None."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be text or None; got {value!r:.80}")
    return value


def no_array(name: str, value: Any, way: str) -> Any:
    """Return `value` unless it is samples, for which there is another way."""
    is_file = isinstance(value, memoryview)  # the bytes of one
    if not is_file and (is_array(value) or isinstance(value, (list, tuple))):
        raise TypeError(f"{name} must be a name, a path or an open file, and no samples: {way}")
    return value


def axis_length(name: str, value: Array, axis: int, length: int | None, what: str) -> None:
    """Raise unless `value.shape[axis]`, one of the last two axes, is `length`."""
    if value.shape[axis] == length:
        return
    other_fits = value.ndim > 1 and value.shape[-1] == length
    raise ValueError(
        f"{name} must have {length} {what} along axis {axis}; got shape {value.shape}"
        + (_frames_first(name, value) if other_fits else "")
    )


def same_shape(name: str, value: Array, other: str, wanted: Array) -> None:
    """Raise unless `value` has the shape of the array `wanted`, called `other`."""
    if value.shape == wanted.shape:
        return
    other_fits = value.ndim > 1 and value.swapaxes(-1, -2).shape == wanted.shape
    raise ValueError(
        f"{name} must have the shape of {other}, {wanted.shape}; got {value.shape}"
        + (_frames_first(name, value) if other_fits else "")
    )


def _frames_first(name: str, value: Array) -> str:
    """What to do about a spectrogram whose last two axes would fit the other way round."""
    return f", which looks frames first: pass {turned(name, value.shape)}"
