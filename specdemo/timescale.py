"""Fewer frames a second, and back: the step that keeps pitch and blurs timing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Array, Floats

# Where logarithms stop: 100 dB below the largest amplitude, so that digital silence between two
# sounds does not outweigh them in a mean of levels.
LOG_FLOOR = 1e-5

# How far a curve may rise above the louder of the two frames that it joins, as a natural logarithm of
# amplitude: 6 dB. Curves of recordings seldom do; between silence and a short sound, a cubic rose by 17 dB.
MOST_ABOVE = np.log(2)


def shorten(M: ArrayLike, factor: float) -> Floats:
    """Average the levels of neighbouring frames.

    Parameters
    ----------
    M : ndarray, shape (..., n_rows, n_frames)
        Amplitudes, float32 or float64, not negative. Nothing tells them from those of shape
        (n_frames, n_rows), whose `M.T` is what to pass.
    factor : float
        Frames that become one, at least 1, not necessarily whole.

    Returns
    -------
    ndarray, shape (..., n_rows, ceil(n_frames / factor))
        Geometric means: the mean of the logarithms of the frames that each long frame covers,
        frames that it covers in part counting in part. Amplitudes below 1e-5 of the largest count
        as that, unless `factor` is 1.

    Raises
    ------
    TypeError, ValueError
        When `M` is negative, not finite or of integers, or `factor` is below 1.

    Examples
    --------
    >>> shorten(np.array([[1.0, 100.0, 3.0, 3.0]]), 2)
    array([[10.,  3.]])
    """
    M = _checks.array("M", M, ndim=2, minimum=0)
    factor = _checks.number("factor", factor, minimum=1)
    if factor == 1:
        return M.copy()
    log_M, loudest = _relative_logs(M)
    n_frames = M.shape[-1]
    edges = np.minimum(np.arange(frames_left(n_frames, factor) + 1) * factor, n_frames)
    # The running integral of the levels, read off at the edges of the long frames.
    integral = np.concatenate([np.zeros_like(log_M[..., :1]), np.cumsum(log_M, axis=-1)], axis=-1)
    means = np.diff(_interpolate(integral, edges), axis=-1) / np.diff(edges)
    return (loudest * np.exp(means)).astype(M.dtype)


def lengthen(Ms: ArrayLike, factor: float, *, n_frames: int | None = None) -> Floats:
    """Bring a shortened spectrogram back to its frames, by cubic interpolation of the levels.

    Parameters
    ----------
    Ms : ndarray, shape (..., n_rows, n_short)
        What `shorten` returned.
    factor : float
        The factor that it was shortened by.
    n_frames : int, optional
        Frames to return. Default: `round(n_short * factor)`; the exact number is known only to
        whoever shortened, so pass it when you have it.

    Returns
    -------
    ndarray, shape (..., n_rows, n_frames)
        Amplitudes in the dtype of `Ms`; constant before the first and after the last centre, and
        never more than 6 dB above the louder of the two short frames around. Unless nothing was
        shortened, or all to one frame, those below 1e-5 of the largest count as that.

    Raises
    ------
    TypeError, ValueError
        As `shorten`, and when no `n_frames` frames become those of `Ms`.

    Examples
    --------
    >>> Ms = shorten(np.array([[1.0, 1.0, 100.0, 100.0, 1.0]]), 2)
    >>> lengthen(Ms, 2, n_frames=5).shape
    (1, 5)
    """
    Ms = _checks.array("Ms", Ms, ndim=2, minimum=0)
    factor = _checks.number("factor", factor, minimum=1)
    n_short = Ms.shape[-1]
    if n_frames is None:
        if n_short * factor > _checks.MOST_FRAMES:
            raise ValueError(
                f"factor must make at most {_checks.MOST_FRAMES} frames of the "
                f"{n_short} of Ms; got {factor:g}"
            )
        n_frames = round(n_short * factor)
    n_frames = _checks.integer("n_frames", n_frames, 1, _checks.MOST_FRAMES)
    if not _come_from(n_short, n_frames, factor):
        hint = ""
        if _come_from(Ms.shape[-2], n_frames, factor):
            hint = f"; if Ms is frames first, pass {_checks.turned('Ms', Ms.shape)}"
        raise ValueError(
            f"n_frames = {n_frames} is not what {n_short} frames shortened by "
            f"{factor:g} come from: that is about {n_short * factor:g}{hint}"
        )
    if n_short == 1:
        return np.repeat(Ms[..., :1], n_frames, axis=-1)
    if factor == 1:
        return Ms.copy()
    edges = np.minimum(np.arange(n_short + 1) * factor, n_frames)
    centers = (edges[1:] + edges[:-1]) / 2 - 0.5
    positions = np.clip(np.arange(n_frames), centers[0], centers[-1])
    log_Ms, loudest = _relative_logs(Ms)
    with np.errstate(over="ignore"):
        M = (loudest * np.exp(_curve(centers, log_Ms, positions))).astype(Ms.dtype)
    return _checks.in_range("Ms", Ms, M)


def frames_left(n_frames: int, factor: float) -> int:
    """Frames that `shorten` makes of `n_frames`."""
    # Rounded first: 3 * 1.1 frames shortened by 1.1 are 3, not 4.
    return max(1, int(np.ceil(round(n_frames / factor, 9))))


def _come_from(n_short: int, n_frames: int, factor: float) -> bool:
    """Whether `n_frames` frames shortened by `factor` can be `n_short`."""
    return frames_left(n_frames, factor) == n_short or abs(n_short * factor - n_frames) <= 0.5


def _relative_logs(M: Floats) -> tuple[Array, Array]:
    """Logarithms relative to the loudest cell of every channel, and the amplitude of that cell."""
    loudest = M.max(axis=(-2, -1), keepdims=True).astype(np.float64)
    relative = np.divide(M, loudest, out=np.zeros(M.shape), where=loudest > 0)
    return np.log(np.maximum(relative, LOG_FLOOR)), loudest


def _interpolate(values: Array, positions: Floats) -> Array:
    """Linear interpolation along the last axis at fractional indices."""
    left = np.minimum(positions.astype(int), values.shape[-1] - 2)
    part = positions - left
    return values[..., left] * (1 - part) + values[..., left + 1] * part


def _curve(knots: Floats, values: Array, positions: Array) -> Array:
    """The cubic spline through the values, held near them where they jump."""
    from scipy.interpolate import make_interp_spline

    spline = make_interp_spline(knots, values, k=min(3, len(knots) - 1), axis=-1)
    after = np.clip(np.searchsorted(knots, positions), 1, len(knots) - 1)
    louder = np.maximum(values[..., after - 1], values[..., after])
    return np.minimum(spline(positions), louder + MOST_ABOVE)
