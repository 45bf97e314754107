"""The values of a window, from its name or as they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo import _checks
from specdemo._types import Floats

# The least and, turned over, the largest peak of a window: others underflow or overflow in float32.
LEAST_WEIGHT = 1e-6

# Kaldi's "povey" window is Hann's, symmetric, to this power.
POVEY_EXPONENT = 0.85


def make_window(window: Any, width: int) -> Floats:
    """The `width` values of a window: a name, a name and its parameter, or the values themselves."""
    if window in ("hann", ("hann", "symmetric"), "povey"):
        # As in scipy.signal, without the 0.4 s that importing scipy.signal takes.
        period = width if window == "hann" else width - 1
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / period)
        return hann**POVEY_EXPONENT if window == "povey" else hann
    if isinstance(window, tuple) and not (window and isinstance(window[0], str)):
        return np.array(window_values(window, width))
    import scipy.signal

    try:
        # Digits, which older releases of SciPy take for the parameter of a Kaiser window.
        if isinstance(window, str) and not window[:1].isalpha():
            raise ValueError
        is_symmetric = isinstance(window, tuple) and window[1:][-1:] == ("symmetric",)
        name = (window[0] if len(window) == 2 else window[:-1]) if is_symmetric else window
        with np.errstate(all="ignore"):
            values = scipy.signal.get_window(name, width, fftbins=not is_symmetric)
    except (ValueError, TypeError) as error:
        raise ValueError(
            "window must be a name or a tuple that scipy.signal.get_window knows, a tuple that ends in "
            f"'symmetric', such as ('hann', 'symmetric'), 'povey', or {width} values; got {window!r}"
        ) from error
    return _finite_window(values)


def window_values(window: Any, width: int) -> tuple[float, ...]:
    """Return what stands for a window as a tuple of `width` floats."""
    values = _checks.ndarray("window", window)
    if values.dtype.kind not in "fiu":
        raise TypeError(f"window must be a name, a tuple or {width} numbers; got {window!r}")
    if values.shape != (width,):
        raise ValueError(
            f"window must have shape ({width},), as many values as win_length (or "
            f"n_fft) says; got {values.shape}"
        )
    return tuple(_finite_window(values.astype(np.float64)).tolist())


def _finite_window(values: Any) -> Floats:
    values = _checks.array("window", values)
    largest = np.abs(values).max()
    if not LEAST_WEIGHT <= largest <= 1 / LEAST_WEIGHT:
        raise ValueError(
            f"window must have a largest value between {LEAST_WEIGHT:g} and "
            f"{1 / LEAST_WEIGHT:g} in magnitude; got {largest:.4g}"
        )
    return values
