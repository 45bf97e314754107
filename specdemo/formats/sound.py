"""What formats do to a sound around its transform: pre-emphasis and its inverse, zeros behind it."""

from __future__ import annotations

import numpy as np

from specdemo._types import Floats


def emphasised(x: Floats, preemphasis: float) -> Floats:
    """Each sample less a part of the one before it."""
    if not preemphasis:
        return x
    y = x.copy()
    y[..., 1:] -= x.dtype.type(preemphasis) * x[..., :-1]
    return y


def deemphasised(y: Floats, preemphasis: float) -> Floats:
    """The way back of `emphasised`."""
    if not preemphasis:
        return y
    from scipy.signal import lfilter

    return lfilter([1.0], [1.0, -preemphasis], y, axis=-1).astype(y.dtype)


def followed_by_zeros(x: Floats, count: int) -> Floats:
    """A sound with zeros behind it."""
    return np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, count)])
