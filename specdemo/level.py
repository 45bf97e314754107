"""Decibels: amplitude on a logarithmic scale, with a threshold below which nothing is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from specdemo import _checks
from specdemo._types import Floats, Reference


def amplitude_to_db(
    S: ArrayLike, *, ref: Reference = 1.0, amin: float = 1e-5, top_db: float | None = 80.0
) -> Floats:
    """Convert amplitude to decibels, as `librosa.amplitude_to_db` does.

    Parameters
    ----------
    S : ndarray, any shape
        Amplitudes, not negative, float32 or float64.
    ref : float or callable
        The amplitude that becomes 0 dB, or a function that finds it in `S`, such as `numpy.max`.
    amin : float
        Smaller amplitudes, and a smaller `ref`, count as this.
    top_db : float or None
        Threshold: values more than this below the largest are raised to it. None: no threshold.

    Returns
    -------
    ndarray
        `20 log10(S / ref)` in dB, same shape and dtype as `S`.

    Raises
    ------
    TypeError, ValueError
        When `S` is negative, not finite or of integers, or a setting is out of range.

    Examples
    --------
    >>> amplitude_to_db(np.array([1.0, 0.1, 1e-9]))
    array([  0., -20., -80.])
    """
    return _to_db(20, S, ref, amin, top_db)


def power_to_db(
    S: ArrayLike, *, ref: Reference = 1.0, amin: float = 1e-10, top_db: float | None = 80.0
) -> Floats:
    """Convert power to decibels, as `librosa.power_to_db` does.

    Parameters
    ----------
    S : ndarray, any shape
        Powers, not negative, float32 or float64: squared magnitudes, or what a `MelBank` with
        `power=2` makes.
    ref, amin, top_db
        As for `amplitude_to_db`, `ref` and `amin` being powers.

    Returns
    -------
    ndarray
        `10 log10(S / ref)` in dB, same shape and dtype as `S`.

    Raises
    ------
    TypeError, ValueError
        As `amplitude_to_db`.

    Examples
    --------
    >>> power_to_db(np.array([1.0, 0.01, 1e-18]))
    array([  0., -20., -80.])
    """
    return _to_db(10, S, ref, amin, top_db)


def db_to_amplitude(D: ArrayLike, *, ref: float = 1.0) -> Floats:
    """Convert decibels back to amplitude: the inverse of `amplitude_to_db` above its threshold.

    Parameters
    ----------
    D : ndarray, any shape
        Levels in dB, float32 or float64.
    ref : float
        The amplitude of 0 dB.

    Returns
    -------
    ndarray
        `ref * 10**(D / 20)`, same shape and dtype as `D`.

    Raises
    ------
    TypeError, ValueError
        When `D` is not finite or of integers, or its result is more than its dtype holds.

    Examples
    --------
    >>> db_to_amplitude(np.array([0.0, -20.0]))
    array([1. , 0.1])
    """
    return _from_db(20, D, ref)


def db_to_power(D: ArrayLike, *, ref: float = 1.0) -> Floats:
    """Convert decibels back to power: the inverse of `power_to_db` above its threshold.

    Parameters
    ----------
    D : ndarray, any shape
        Levels in dB, float32 or float64.
    ref : float
        The power of 0 dB.

    Returns
    -------
    ndarray
        `ref * 10**(D / 10)`, same shape and dtype as `D`.

    Raises
    ------
    TypeError, ValueError
        When `D` is not finite or of integers, or its result is more than its dtype holds.

    Examples
    --------
    >>> db_to_power(np.array([0.0, -20.0]))
    array([1.  , 0.01])
    """
    return _from_db(10, D, ref)


def _to_db(factor: int, S: ArrayLike, ref: Reference, amin: float, top_db: float | None) -> Floats:
    """Levels in dB: `factor` is 20 for amplitudes, 10 for powers."""
    S = _checks.array("S", S, ndim=0, minimum=0)
    amin = _in_range("amin", amin, S.dtype)
    ref = _reference(ref, S)
    D = factor * np.log10(np.maximum(S, S.dtype.type(amin)))
    D -= D.dtype.type(factor * np.log10(max(amin, ref)))
    if top_db is None:
        return D
    top_db = _checks.number("top_db", top_db, minimum=0)
    # No threshold is lower than the lowest number.
    top_db = min(top_db, float(np.finfo(D.dtype).max) / 2)
    return np.maximum(D, D.max() - D.dtype.type(top_db))


def _from_db(factor: int, D: ArrayLike, ref: float) -> Floats:
    """The way back of `_to_db`."""
    D = _checks.array("D", D, ndim=0)
    ref = _in_range("ref", ref, D.dtype)
    loudest = factor * np.log10(np.finfo(D.dtype).max) - max(0.0, factor * np.log10(ref))
    if D.max() >= loudest:
        raise ValueError(f"D must stay below {loudest:.0f} dB in {D.dtype}; got {D.max():.4g} dB")
    return D.dtype.type(ref) * D.dtype.type(10) ** (D / D.dtype.type(factor))


def _in_range(name: str, value: float, dtype: DTypeLike) -> float:
    """Return `value` as a float that `dtype` can hold without becoming zero or infinite."""
    limits = np.finfo(dtype)
    return _checks.number(name, value, minimum=float(limits.tiny), maximum=float(limits.max))


def _reference(ref: Reference, S: Floats) -> float:
    value = ref(S) if callable(ref) else ref
    if callable(ref):  # of silence, the loudest is zero
        return _checks.number("ref", value, minimum=0)
    return _checks.number("ref", value, above=0)
