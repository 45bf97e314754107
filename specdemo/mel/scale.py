"""Mel scales: from Hz to mel, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Array

SCALES = ("slaney", "htk")

# Slaney's scale: linear below 1 kHz, 15 mel; above it 27 mel for every factor of 6.4.
BREAK_HZ = 1000.0
BREAK_MEL = 15.0
LINEAR_HZ_PER_MEL = BREAK_HZ / BREAK_MEL
LOG_STEP = np.log(6.4) / 27


def hz_to_mel(f: ArrayLike, *, scale: str = "slaney") -> Any:
    """Convert frequencies in Hz to mel.

    Parameters
    ----------
    f : float or array_like
        Frequencies in Hz, not negative.
    scale : {"slaney", "htk"}
        "htk": `2595 log10(1 + f / 700)` (O'Shaughnessy 1987). "slaney": linear below 1 kHz and
        logarithmic above (Slaney 1998), librosa's default.

    Returns
    -------
    float64 scalar or ndarray
        Mel, in the shape of `f`.

    Raises
    ------
    TypeError, ValueError
        When `f` is not of numbers, negative or not finite, or `scale` is unknown.

    Examples
    --------
    >>> float(hz_to_mel(1000.0))
    15.0
    >>> round(float(hz_to_mel(1000.0, scale="htk")))
    1000
    """
    f = _scalar_or_array("f", f)
    if _checks.choice("scale", scale, SCALES) == "htk":
        return 2595.0 * np.log10(1.0 + f / 700.0)
    above = BREAK_MEL + np.log(np.maximum(f, BREAK_HZ) / BREAK_HZ) / LOG_STEP
    return np.where(f < BREAK_HZ, f / LINEAR_HZ_PER_MEL, above)[()]


def mel_to_hz(m: ArrayLike, *, scale: str = "slaney") -> Any:
    """Convert mel to frequencies in Hz: the inverse of `hz_to_mel`.

    Parameters
    ----------
    m : float or array_like
        Mel values, not negative.
    scale : {"slaney", "htk"}

    Returns
    -------
    float64 scalar or ndarray
        Hz, in the shape of `m`.

    Raises
    ------
    TypeError, ValueError
        As `hz_to_mel`, and when a frequency would not be finite.
    """
    m = _scalar_or_array("m", m)
    _checks.choice("scale", scale, SCALES)
    with np.errstate(over="ignore"):
        if scale == "htk":
            f = 700.0 * (10.0 ** (m / 2595.0) - 1.0)
        else:
            above = BREAK_HZ * np.exp(LOG_STEP * (np.maximum(m, BREAK_MEL) - BREAK_MEL))
            f = np.where(m < BREAK_MEL, m * LINEAR_HZ_PER_MEL, above)[()]
    if not np.all(np.isfinite(f)):
        raise ValueError(f"m must be the mel of a finite frequency; got {np.max(m):g}")
    return f


def _scalar_or_array(name: str, value: ArrayLike) -> Array:
    """A number comes back as one, which for NumPy is as good as an array without axes."""
    value = _checks.ndarray(name, value)
    if value.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be real numbers; got {value.dtype}")
    return _checks.array(name, value.astype(np.float64), ndim=0, minimum=0)[()]
