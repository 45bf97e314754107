"""Mel-frequency cepstral coefficients: the step that keeps the outline of a spectrum.

Chapter 5 goes down this step and comes back up. "Frequently asked" brings the coefficients of other
libraries into the form of this module.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from specdemo import _checks
from specdemo._types import Array, Floats


def mfcc(log_mel: ArrayLike, *, n_mfcc: int = 20, lifter: int = 0, lifter_start: int = 1) -> Floats:
    """Describe the outline of every mel spectrum by its first cepstral coefficients.

    Parameters
    ----------
    log_mel : ndarray, shape (..., n_mels, n_frames)
        Log-mel spectrogram in dB or another logarithm, float32 or float64, of any sign. Nothing
        tells it from one of shape (n_frames, n_mels), whose `log_mel.T` is what to pass.
    n_mfcc : int
        Coefficients to keep, at most `n_mels`.
    lifter : int
        When above 0, coefficient n is multiplied by `1 + lifter / 2 * sin(pi * n / lifter)`, which
        lifts the middle ones out of the shadow of the first.
    lifter_start : {1, 0}
        The n of the first coefficient: 1 as in librosa; 0, which leaves the first as it is, as in
        python_speech_features, Kaldi and HTK.

    Returns
    -------
    ndarray, shape (..., n_mfcc, n_frames)
        Orthonormal DCT-II along the mel axis, in the dtype of `log_mel`. The first row is the mean
        level times `sqrt(n_mels)`, unless `lifter` weighs it.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind or range, or `n_mfcc` is more than `n_mels`.

    See Also
    --------
    inverse_mfcc : The way back.

    References
    ----------
    Davis & Mermelstein 1980, eq. 1; Juang, Rabiner & Wilpon 1987 for the lifter.

    Examples
    --------
    >>> mfcc(np.full((4, 1), -30.0), n_mfcc=3)
    array([[-60.],
           [  0.],
           [  0.]])
    """
    log_mel = _checks.array("log_mel", log_mel, ndim=2)
    n_mfcc = _checks.integer("n_mfcc", n_mfcc)
    lifter, lifter_start = _lifter_arguments(lifter, lifter_start)
    n_mels, n_frames = log_mel.shape[-2:]
    if n_mfcc > n_mels:
        raise ValueError(
            f"n_mfcc must be at most {n_mels}, the bands of log_mel (second axis from the end); "
            f"got {n_mfcc}" + _if_frames_first("log_mel", log_mel, n_mfcc <= n_frames)
        )
    C = scipy.fft.dct(log_mel, axis=-2, norm="ortho")[..., :n_mfcc, :]
    with np.errstate(over="ignore", invalid="ignore"):
        C = C * lifter_weights(n_mfcc, lifter, lifter_start).astype(C.dtype)
    return _checks.in_range("log_mel", log_mel, C)


def inverse_mfcc(
    C: ArrayLike, *, n_mels: int = 80, lifter: int = 0, lifter_start: int = 1
) -> Floats:
    """Draw the smooth log-mel spectrum that cepstral coefficients describe.

    Parameters
    ----------
    C : ndarray, shape (..., n_mfcc, n_frames)
        Coefficients as `mfcc` returns them, float32 or float64.
    n_mels : int
        Bands of the spectrogram that they were made from, at least `n_mfcc`.
    lifter, lifter_start : int
        The lifter that they were made with, and the n of its first coefficient; see `mfcc`.

    Returns
    -------
    ndarray, shape (..., n_mels, n_frames)
        Log-mel spectrogram in the dtype of `C`, and in the logarithm that they were made of, dB or
        another. Coefficients beyond the last are taken as zero, which makes it the nearest log-mel
        spectrogram, in the least-squares sense, that has no finer detail.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind or range, `C` has more coefficients than `n_mels`, or
        `lifter` is 2 and `C` reaches up to n = 3, which is then multiplied by zero: 3 coefficients
        or more, 4 when `lifter_start` is 0.

    See Also
    --------
    mfcc : The way down.

    References
    ----------
    Davis & Mermelstein 1980.
    """
    C = _checks.array("C", C, ndim=2)
    n_mels = _checks.integer("n_mels", n_mels, 1, _checks.MOST_BANDS)
    lifter, lifter_start = _lifter_arguments(lifter, lifter_start)
    n_mfcc, n_frames = C.shape[-2:]
    if n_mfcc > n_mels:
        raise ValueError(
            f"n_mels must be at least {n_mfcc}, the coefficients of C (second axis from the end); "
            f"got {n_mels}" + _if_frames_first("C", C, n_frames <= n_mels)
        )
    weights = lifter_weights(n_mfcc, lifter, lifter_start)
    lost = np.flatnonzero(np.abs(weights) < 1e-6)
    if lost.size:
        raise ValueError(
            f"lifter = {lifter} cannot be undone: it multiplies coefficient {lost[0] + 1} of "
            f"{n_mfcc} by zero"
        )
    with np.errstate(over="ignore"):
        weighted = C / weights.astype(C.dtype)
    log_mel = scipy.fft.idct(weighted, n=n_mels, axis=-2, norm="ortho")
    return _checks.in_range("C", C, log_mel)


def lifter_weights(n_mfcc: int, lifter: int, lifter_start: int = 1) -> NDArray[np.float64]:
    """Factors of the lifter, float64 of shape (n_mfcc, 1); all ones when `lifter` is 0.

    Notes
    -----
    They are 1 or more up to n = lifter and may be negative beyond, but they are zero in one case
    only: lifter 2 and n = 3, 7, 11 ... A zero needs `sin(pi n / lifter) = -2 / lifter`; sines of
    rational angles are rational only if they are 0, 1/2 or 1 in magnitude (Niven 1956), and of
    lifter 4 and 2, which would give 1/2 and 1, only 2 has such an n. All others stay 0.29 or
    further away from zero. Where n starts only tells which coefficient has that n, and n = 0 has
    the weight 1.
    """
    n = np.arange(lifter_start, lifter_start + n_mfcc)[:, np.newaxis]
    if lifter == 0:
        return np.ones(n.shape)
    return 1 + lifter / 2 * np.sin(np.pi * n / lifter)


def _lifter_arguments(lifter: int, lifter_start: int) -> tuple[int, int]:
    lifter = _checks.integer("lifter", lifter, 0, _checks.MOST_BANDS)
    return lifter, _checks.integer("lifter_start", lifter_start, 0, 1)


def _if_frames_first(name: str, value: Array, fits: bool) -> str:
    """How to go on if `value` is frames first, which `fits`; or an empty text."""
    return f"; if {name} is frames first, pass {_checks.turned(name, value.shape)}" if fits else ""
