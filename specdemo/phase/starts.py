"""Starting guesses that do not look at the magnitudes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from specdemo._types import Floats, Seed
from specdemo.phase.arguments import start_arguments
from specdemo.stft import STFT


def zero(S: ArrayLike, stft: STFT, *, rng: Seed = None) -> Floats:
    """Every phase zero: every partial starts anew in every frame.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.
    rng : int or numpy.random.Generator, optional
        Not used.

    Returns
    -------
    ndarray, shape (n_bins, n_frames)
        Phases in radians, in the dtype of `S`.
    """
    S, _ = start_arguments(S, stft, rng)
    return np.zeros_like(S)


def random(S: ArrayLike, stft: STFT, *, rng: Seed = None) -> Floats:
    """Every phase drawn from the whole circle: no two frames agree on anything.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.
    rng : int or numpy.random.Generator, optional
        Seed or source of the phases. Default: different ones at every call.

    Returns
    -------
    ndarray, shape (n_bins, n_frames)
        Phases in radians from -pi to pi, in the dtype of `S`.

    Notes
    -----
    At 0 Hz the phase is zero: there the transform of a real signal is real, and an offset, which
    lies in all frames alike, would otherwise be torn apart.
    """
    S, rng = start_arguments(S, stft, rng)
    phase = rng.random(S.shape, S.dtype)
    phase *= 2 * np.pi
    phase -= np.pi
    phase[0] = 0
    return phase
