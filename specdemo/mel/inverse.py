"""From bands back to bins: four ways, and the corrections in every iteration of `invert_mel`.

Chapter 4 comes up this step. The functions take a bank's matrices: `matrix`, (n_mels, n_bins), sums
bins into bands, and `back`, (n_bins, n_mels), is its transpose, every row divided by its sum. Bands
and bins are those of `magnitude**power`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from specdemo._types import Array, Complexes, Floats

METHODS = ("em", "nnls", "pinv", "transpose")

# The smallest part of the largest value that a ratio in the EM iteration may be divided by.
EM_FLOOR = 1e-10

# Corrections of the magnitudes in every iteration of `invert_mel`.
CORRECTIONS = 2

# The part of the loudest band below which a band is not divided by there.
CORRECTION_FLOOR = 1e-7


def em(M: Floats, matrix: Any, back: Any, S: Floats, n_iter: int) -> Floats:
    """Expectation maximisation from `S`, multiplied in place until its bands are `M`."""
    tiny = M.dtype.type(EM_FLOOR)
    for _ in range(n_iter):
        S *= product(back, M / np.maximum(product(matrix, S), tiny))
    return S


def nnls(M: Floats, matrix: Any, n_iter: int | None) -> Floats:
    """Non-negative least squares, solved exactly, frame by frame."""
    from scipy import optimize

    n_mels, n_bins = matrix.shape
    frames = M.astype(np.float64).swapaxes(-1, -2).reshape(-1, n_mels)
    try:
        solved = np.array([optimize.nnls(matrix, frame, maxiter=n_iter)[0] for frame in frames])
    except RuntimeError as error:
        raise ValueError(
            f"n_iter = {n_iter} is too small for 'nnls' to finish a frame: "
            "take more, or leave it out"
        ) from error
    shape = (*M.shape[:-2], M.shape[-1], n_bins)
    return solved.reshape(shape).swapaxes(-1, -2).astype(M.dtype)


def pinv(M: Floats, matrix: Any) -> Floats:
    """The pseudo-inverse, negative values set to zero."""
    return np.maximum(product(np.linalg.pinv(matrix), M), 0)


def transpose(M: Floats, matrix: Any, back: Any) -> Floats:
    """Every band spread over its bins, so that a flat spectrum stays flat."""
    S = product(back, M)
    flat = product(back, matrix.sum(axis=1, keepdims=True))
    S /= np.where(flat > 0, flat, 1)
    return S


@dataclass(frozen=True)
class MelCorrector:
    """What `specdemo.invert_mel` needs of a bank in every iteration: spectra are rows here.

    Parameters
    ----------
    forward, back : sparse array
        The bank's matrix, and its back-projection with rows that add up to 1.
    power : float
        The bank's exponent.
    """

    forward: Any
    back: Any
    power: float

    def bands(self, C: Complexes) -> Floats:
        """Bands of complex coefficients, shape (n_frames, n_mels)."""
        return (self.forward @ raised(np.abs(C), self.power).T).T

    def magnitudes(self, S: Floats, M: Floats) -> Floats:
        """Correct magnitudes, shape (n_frames, n_bins), towards bands, shape (n_frames, n_mels)."""
        S = np.ascontiguousarray(raised(S, self.power).T)
        for _ in range(CORRECTIONS):
            S *= self.back @ (M.T / np.maximum(self.forward @ S, CORRECTION_FLOOR))
        return raised(S.T, 1 / self.power)


def raised(S: Floats, power: float) -> Floats:
    """`S**power`, without work where there is none to do."""
    if power == 1:
        return S
    return np.square(S) if power == 2 else np.sqrt(S) if power == 0.5 else S ** S.dtype.type(power)


def product(matrix: Any, values: Array) -> Array:
    """`matrix @ values` over the last two axes, in the dtype of `values`."""
    matrix = matrix.astype(values.dtype)
    if values.ndim == 2:
        return matrix @ values
    flat = values.reshape(-1, *values.shape[-2:])
    products = np.array([matrix @ one for one in flat])
    return products.reshape(*values.shape[:-2], *products.shape[-2:])
