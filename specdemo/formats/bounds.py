"""How far the values of an array reach, and those of them that are strays."""

from __future__ import annotations

import numpy as np

from specdemo._types import Floats

# How far beyond the bounds of its format an array may go, as networks' outputs do: a part of the
# range, and a number for narrow ones.
SLACK = 0.05

# What a network predicts has strays: one value in a thousand may lie anywhere.
ONE_STRAY_IN = 1000


def reach(A: Floats) -> tuple[float, float]:
    """The least and the largest value of an array, but for its strays."""
    n_strays = A.size // ONE_STRAY_IN
    if not n_strays:
        return float(np.min(A)), float(np.max(A))
    values = np.partition(A, (n_strays, A.size - 1 - n_strays), axis=None)
    return float(values[n_strays]), float(values[-1 - n_strays])


def slack(low: float, high: float) -> float:
    """How far beyond the bounds of its format an array of this range may go."""
    return SLACK * max(1.0, high - low)


def without_strays(A: Floats, lowest: float, highest: float) -> tuple[Floats, int]:
    """An array with its strays moved into the reach of its other values, and how many there were."""
    if np.min(A) >= lowest and np.max(A) <= highest:
        return A, 0
    low, high = reach(A)
    beyond = slack(low, high)
    is_stray = (lowest - beyond > A) | (highest + beyond < A)
    n_strays = int(np.count_nonzero(is_stray))
    return (np.where(is_stray, A.clip(low, high), A) if n_strays else A), n_strays
