"""Refinements: what becomes of the coefficients between two visits to the waveform.

The loop in `specdemo.phase.loop` makes a waveform of a guess and analyses that again, which is the
projection onto the consistent spectrograms. A refinement lists its iterations, each of which turns
the projected coefficients into the next guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from specdemo._types import Array, Complexes, Floats
from specdemo.phase.arguments import refinement_arguments

# RAAR and ADMM leave the last iterations to fast Griffin-Lim: four fifths of them, but at most as
# many as momentum has a use for before it stalls.
MOMENTUM_SHARE = 4 / 5
MOMENTUM_ENOUGH = 150

# RAAR: how far to relax; 1 does not, which is the method of Douglas and Rachford. Over 300
# iterations it was some dB better on polyphony than 0.9, and equal on speech.
RAAR_BETA = 1.0

# Added to magnitudes, so that none is zero when it divides: far below what is heard, and far enough
# above the smallest float32 that no quotient leaves its range.
ALMOST_ZERO = 1e-30

# ADMM: the weight of consistency against the wanted magnitudes. Larger weights were worse on
# polyphony, and equal on speech.
ADMM_RHO = 0.02


@dataclass(frozen=True)
class Iteration:
    """An iteration of a refinement.

    Parameters
    ----------
    next_guess : callable
        `next_guess(C, S)` returns the next guess, `C` being projected coefficients and `S` the
        wanted magnitudes, a frame a row; `next_guess(C, S, guess)` with the guess that was
        projected, if the iteration `remembers` it. It may overwrite `C` and `guess`.
    overshoot : float
        How far `C` lies beyond the projection, as a multiple of the projection's last move; 0 makes
        `C` the projection.
    remembers : bool
        Whether `next_guess` needs the last guess. That has to be stored, two numbers for every one
        in the spectrogram. Iterations that remember come before those that do not.
    """

    next_guess: Callable
    overshoot: float = 0.0
    remembers: bool = False


def griffin_lim(n_iter: int, *, momentum: float) -> list[Iteration]:
    """Keep the phase, put the wanted magnitude back.

    Parameters
    ----------
    n_iter : int
        Number of iterations.
    momentum : float
        Not used.

    Returns
    -------
    list of Iteration
        One for each iteration.

    Notes
    -----
    Griffin & Lim 1984: of all guesses with the wanted magnitudes, the nearest to `C`. The distance
    of the waveform's magnitudes from the wanted ones never grows.
    """
    n_iter, _ = refinement_arguments(n_iter, momentum)
    return n_iter * [Iteration(impose_magnitude)]


def fast_griffin_lim(n_iter: int, *, momentum: float) -> list[Iteration]:
    """Overshoot in the direction of the last change, then as `griffin_lim`.

    Parameters
    ----------
    n_iter : int
        Number of iterations.
    momentum : float
        How far to overshoot, as a part of the last change: in [0, 1).

    Returns
    -------
    list of Iteration
        One for each iteration.

    Notes
    -----
    Perraudin, Balazs & Sondergaard 2013: the phase of `C + a (C - previous C)`. In the first
    iteration there is no previous one, and it is that of `C`.
    """
    n_iter, momentum = refinement_arguments(n_iter, momentum)
    return n_iter * [Iteration(impose_magnitude, overshoot=momentum)]


def raar(n_iter: int, *, momentum: float) -> list[Iteration]:
    """Relaxed averaged alternating reflections, then `fast_griffin_lim`.

    Parameters
    ----------
    n_iter : int
        Number of iterations.
    momentum : float
        That of the last iterations, as for `fast_griffin_lim`.

    Returns
    -------
    list of Iteration
        One for each iteration.

    Notes
    -----
    Luke 2005, with the sets of the consistent spectrograms and of those with the wanted
    magnitudes: reflecting at both and averaging leaves the places where projections get
    stuck, which notes that beat against each other are full of. It wanders, so that the last part
    of the iterations belongs to momentum.
    """
    n_iter, momentum = refinement_arguments(n_iter, momentum)
    last = _left_to_momentum(n_iter)
    wandering = (n_iter - last) * [Iteration(_raar_guess, remembers=True)]
    return wandering + fast_griffin_lim(last, momentum=momentum)


def admm(n_iter: int, *, momentum: float) -> list[Iteration]:
    """Alternating direction method of multipliers, then `fast_griffin_lim`.

    Parameters
    ----------
    n_iter : int
        Number of iterations.
    momentum : float
        That of the last iterations, as for `fast_griffin_lim`.

    Returns
    -------
    list of Iteration
        One for each iteration.

    Notes
    -----
    Masuyama, Yatabe & Oikawa 2019, with the magnitudes weighted against consistency
    by `rho`. The sum of their x and u is the guess, and all that has to be remembered.
    """
    n_iter, momentum = refinement_arguments(n_iter, momentum)
    last = _left_to_momentum(n_iter)
    wandering = (n_iter - last) * [Iteration(_admm_guess, remembers=True)]
    return wandering + fast_griffin_lim(last, momentum=momentum)


def _left_to_momentum(n_iter: int) -> int:
    return min(round(MOMENTUM_SHARE * n_iter), MOMENTUM_ENOUGH)


def fast_mel_griffin_lim(
    n_iter: int, momentum: float, correct: Callable[[Array, Array], Array]
) -> list[Iteration]:
    """As `fast_griffin_lim`, but with magnitudes that mel bands correct.

    Parameters
    ----------
    n_iter : int
        Number of iterations.
    momentum : float
        How far to overshoot.
    correct : callable
        `correct(S, M)` returns the magnitudes `S`, corrected towards the bands `M`.

    Returns
    -------
    list of Iteration
        One for each iteration. In the place of the wanted magnitudes they take wanted mel bands.
    """
    return n_iter * [Iteration(partial(_mel_guess, correct=correct), overshoot=momentum)]


def _mel_guess(C: Complexes, M: Floats, correct: Callable[[Array, Array], Array]) -> Complexes:
    return impose_magnitude(C, correct(np.abs(C), M))


def _raar_guess(C: Complexes, S: Floats, guess: Complexes) -> Complexes:
    beta = RAAR_BETA
    reflected = _scale(C.copy(), 2)
    reflected -= guess
    next_guess = _scale(impose_magnitude(reflected, S), beta)
    next_guess += _scale(guess, beta)
    next_guess += _scale(C, 1 - 2 * beta)
    return next_guess


def _admm_guess(C: Complexes, S: Floats, guess: Complexes) -> Complexes:
    reflected = _scale(C.copy(), 2)
    reflected -= guess
    guess -= C
    wanted = (ADMM_RHO * np.abs(reflected) + S) / (1 + ADMM_RHO)
    guess += impose_magnitude(reflected, wanted)
    return guess


def polar(S: Floats, phase: Floats) -> Complexes:
    """`S * exp(1j * phase)`, many times quicker: NumPy has no fast complex exponential."""
    C = np.empty(S.shape, np.result_type(S.dtype, np.complex64))
    np.multiply(S, np.cos(phase), out=C.real)
    np.multiply(S, np.sin(phase), out=C.imag)
    return C


def impose_magnitude(C: Complexes, S: Floats) -> Complexes:
    """Change `C` in place to the magnitudes `S`, keeping its phases; zeros stay zero."""
    size = np.abs(C)
    # Not the maximum of the two, which takes NumPy six times as long.
    size += ALMOST_ZERO
    np.divide(S, size, out=size)
    np.multiply(C, size, out=C)
    return C


def _scale(C: Complexes, factor: float) -> Complexes:
    """Multiply `C` in place by a real number: half the work of a complex product."""
    C = np.ascontiguousarray(C)
    values = C.view(C.real.dtype)
    values *= values.dtype.type(factor)
    return C
