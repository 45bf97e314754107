"""How far two spectrograms are apart, in dB: smaller is better for both measures."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Array

# Convergence is clipped here, so that a perfect match is a number and not minus infinity.
BEST_DB = -320.0

# The floor of `log_spectral_distance` stays within reach of the smallest number.
LOWEST_FLOOR_DB = -6000.0


def spectral_convergence(S: ArrayLike, S_hat: ArrayLike) -> float:
    """Distance of two spectrograms relative to the size of the first.

    Parameters
    ----------
    S, S_hat : ndarray, same shape
        Reference and estimate: magnitudes, mel spectrograms, or both complex.

    Returns
    -------
    float
        `20 log10(||S_hat - S|| / ||S||)` in dB, clipped to -320 ... 320 dB. -20 dB is an error of a
        tenth of the whole, -40 dB of a hundredth.

    References
    ----------
    Sturmel & Daudet 2011.

    Examples
    --------
    >>> S = np.ones((3, 4))
    >>> round(spectral_convergence(S, 1.1 * S), 6)
    -20.0
    """
    S, S_hat = _pair(S, S_hat)
    # Scaled first: squares of 1e-30 or 1e30 would leave the range of float32.
    scale = max(np.abs(part).max() for value in (S, S_hat) for part in _parts(value))
    if scale == 0:
        return BEST_DB
    pairs = [(S_hat / scale, S / scale) for S_hat, S in zip(_parts(S_hat), _parts(S), strict=True)]
    difference = np.hypot.reduce([float(np.linalg.norm((b - a).ravel())) for b, a in pairs])
    size = np.hypot.reduce([float(np.linalg.norm(a.ravel())) for _, a in pairs])
    tiny = np.finfo(np.float64).tiny
    ratio_db = 20 * (np.log10(max(difference, tiny)) - np.log10(max(size, tiny)))
    return float(np.clip(ratio_db, BEST_DB, -BEST_DB))


def log_spectral_distance(S: ArrayLike, S_hat: ArrayLike, *, floor_db: float = -60.0) -> float:
    """Root mean square difference of the levels of two spectrograms.

    Parameters
    ----------
    S, S_hat : ndarray, same shape
        Reference and estimate: magnitudes or mel spectrograms, not negative.
    floor_db : float
        Levels lower than this, relative to the largest value of `S`, are raised to it; cells in
        which both lie below are left out.

    Returns
    -------
    float
        Distance in dB; 0 when all cells above the floor are equal.

    Examples
    --------
    >>> S = np.ones((3, 4))
    >>> round(log_spectral_distance(S, 10 * S), 6)
    20.0
    """
    S, S_hat = (
        _checks.array(name, value, ndim=0, minimum=0)
        for name, value in (("S", S), ("S_hat", S_hat))
    )
    S, S_hat = _pair(S, S_hat)
    floor_db = _checks.number("floor_db", floor_db, below=0, minimum=LOWEST_FLOOR_DB)
    loudest = S.max() or S_hat.max()
    if loudest == 0:
        return 0.0
    floor = 10.0 ** (floor_db / 20)
    # The loudest of the estimate may be out of reach of a quiet reference: no error is larger.
    with np.errstate(over="ignore"):
        relative = S / np.float64(loudest)
        relative_hat = np.minimum(S_hat / np.float64(loudest), np.finfo(np.float64).max)
    heard = (relative > floor) | (relative_hat > floor)
    difference = 20 * (
        np.log10(np.maximum(relative_hat[heard], floor))
        - np.log10(np.maximum(relative[heard], floor))
    )
    return float(np.sqrt(np.mean(difference**2)))


def _parts(S: Array) -> tuple[Array, ...]:
    """The real and imaginary part of a complex array, or a real one: what can be divided safely."""
    return (S.real, S.imag) if np.iscomplexobj(S) else (S,)


def _pair(S: ArrayLike, S_hat: ArrayLike) -> tuple[Array, Array]:
    found, found_hat = _checks.ndarray("S", S), _checks.ndarray("S_hat", S_hat)
    if np.iscomplexobj(found) != np.iscomplexobj(found_hat):
        raise TypeError(
            f"S and S_hat must both be real or both complex; got {found.dtype} and "
            f"{found_hat.dtype}"
        )
    kind = "complex" if np.iscomplexobj(found) else "real"
    S = _checks.array("S", S, ndim=0, kind=kind)
    S_hat = _checks.array("S_hat", S_hat, ndim=0, kind=kind)
    _checks.same_shape("S_hat", S_hat, "S", S)
    return S, S_hat
