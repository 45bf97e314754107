"""The checks of starts and refinements, which may also be called by themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Array, Floats, Seed
from specdemo.stft import STFT

# Maxima of magnitudes that need no scaling, which would take a copy of the spectrogram.
COMFORTABLE = (1e-6, 1e6)


def start_arguments(S: ArrayLike, stft: STFT, rng: Seed) -> tuple[Array, np.random.Generator]:
    """Check the arguments of a start.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.
    rng : int, numpy.random.Generator or None
        Seed or source of random phases.

    Returns
    -------
    S : ndarray
        The same, scaled to a maximum of 1 if theirs is so small or large that squares would leave
        the range of numbers. Phases are the same at any level.
    rng : numpy.random.Generator
    """
    return comfortable(magnitudes(S, stft)), _checks.generator("rng", rng)


def magnitudes(S: ArrayLike, stft: STFT) -> Array:
    """Return `S` when it is a spectrogram on the grid `stft`."""
    _checks.instance("stft", stft, STFT)
    return _checks.spectrogram("S", S, stft.n_bins, "bins")


def comfortable(S: Floats) -> Array:
    """Return `S`, scaled to a maximum of 1 unless its maximum is comfortable, or zero."""
    loudest = S.max()
    if loudest == 0 or COMFORTABLE[0] <= loudest <= COMFORTABLE[1]:
        return S
    return np.divide(S.T, loudest, order="C").T


def refinement_arguments(n_iter: int, momentum: float, name: str = "n_iter") -> tuple[int, float]:
    """Return the number of iterations, called `name`, and the momentum after checking both."""
    momentum = _checks.number("momentum", momentum, minimum=0, below=1)
    return _checks.iterations(name, n_iter), momentum
