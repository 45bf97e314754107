"""Refinements: what becomes of the coefficients between two visits to the waveform.

The loop in `specdemo.phase.loop` makes a waveform of a guess and analyses that again, which is the
projection onto the consistent spectrograms. A refinement lists the steps, one an iteration, that
turn the projected coefficients into the next guess:

    guess, memory = step(C, S, memory)

`C` holds projected coefficients and `S` the wanted magnitudes, a frame a row; `memory` is what the
step returned the last time, before the first iteration the start itself. A step may overwrite `C`
and `memory`, and may not keep them otherwise.
"""

from __future__ import annotations

from functools import partial

import numpy as np

# RAAR and ADMM leave the last iterations to fast Griffin-Lim: four fifths of them, but at most as
# many as momentum has a use for before it stalls.
MOMENTUM_SHARE = 4 / 5
MOMENTUM_ENOUGH = 150

# RAAR: how far to relax; 1 does not, which is the method of Douglas and Rachford. Over 300
# iterations it was some dB better on polyphony than 0.9, and equal on speech.
RAAR_BETA = 1.0

# ADMM: the weight of consistency against the wanted magnitudes. Larger weights were worse on
# polyphony, and equal on speech.
ADMM_RHO = 0.02


def griffin_lim(n_iter, momentum):
    """Keep the phase, put the wanted magnitude back.

    Parameters
    ----------
    n_iter : int
        Number of iterations.
    momentum : float
        Not used.

    Returns
    -------
    list of callable
        A step for each iteration.

    Notes
    -----
    Griffin & Lim 1984: of all guesses with the wanted magnitudes, the nearest to `C`. The distance
    of the waveform's magnitudes from the wanted ones never grows.
    """
    return n_iter * [_griffin_lim_step]


def fast_griffin_lim(n_iter, momentum):
    """Overshoot in the direction of the last change, then as `griffin_lim`.

    Parameters and result as for `griffin_lim`, with `momentum` used.

    Notes
    -----
    Perraudin, Balazs & Sondergaard 2013: the phase of `C + a (C - previous C)`, which
    is that of `C - a / (1 + a) * previous C`.
    """
    return n_iter * [partial(_fast_step, momentum=momentum)]


def raar(n_iter, momentum):
    """Relaxed averaged alternating reflections, then `fast_griffin_lim`.

    Parameters and result as for `fast_griffin_lim`.

    Notes
    -----
    Luke 2005, with the sets of the consistent spectrograms and of those with the wanted
    magnitudes: reflecting at both and averaging leaves the places where projections get
    stuck, which notes that beat against each other are full of. It wanders, so that the last part
    of the iterations belongs to momentum.
    """
    last = _left_to_momentum(n_iter)
    return (n_iter - last) * [_raar_step] + fast_griffin_lim(last, momentum)


def admm(n_iter, momentum):
    """Alternating direction method of multipliers, then `fast_griffin_lim`.

    Parameters and result as for `fast_griffin_lim`.

    Notes
    -----
    Masuyama, Yatabe & Oikawa 2019, with the magnitudes weighted against consistency
    by `rho`. The sum of their x and u is the guess, and all that has to be remembered.
    """
    last = _left_to_momentum(n_iter)
    return (n_iter - last) * [_admm_step] + fast_griffin_lim(last, momentum)


def _left_to_momentum(n_iter):
    return min(round(MOMENTUM_SHARE * n_iter), MOMENTUM_ENOUGH)


def _griffin_lim_step(C, S, memory):
    return impose_magnitude(C, S), memory


def _fast_step(C, S, memory, momentum):
    memory = _scale(memory, -momentum / (1 + momentum))
    memory += C
    return impose_magnitude(memory, S), C


def fast_mel_step(C, M, memory, correct, momentum):
    """As the step of `fast_griffin_lim`, but with magnitudes that mel bands correct.

    Parameters
    ----------
    C, memory : ndarray, shape (n_block, n_bins)
        As for every step.
    M : ndarray, shape (n_block, n_mels)
        Wanted mel bands.
    correct : callable
        `correct(S, M)` returns the magnitudes `S`, corrected towards the bands `M`.
    momentum : float
    """
    memory = _scale(memory, -momentum / (1 + momentum))
    memory += C
    # The overshoot C + a (C - previous C) is 1 + a times what is in the memory.
    wanted = correct((1 + momentum) * np.abs(memory), M)
    return impose_magnitude(memory, wanted), C


def _raar_step(C, S, guess):
    beta = RAAR_BETA
    reflected = _scale(C.copy(), 2)
    reflected -= guess
    next_guess = _scale(impose_magnitude(reflected, S), beta)
    next_guess += _scale(guess, beta)
    next_guess += _scale(C, 1 - 2 * beta)
    return next_guess, next_guess


def _admm_step(C, S, guess):
    reflected = _scale(C.copy(), 2)
    reflected -= guess
    guess -= C
    wanted = (ADMM_RHO * np.abs(reflected) + S) / (1 + ADMM_RHO)
    guess += impose_magnitude(reflected, wanted)
    return guess, guess


def impose_magnitude(C, S):
    """Change `C` in place to the magnitudes `S`, keeping its phases; zeros stay zero."""
    size = np.abs(C)
    np.maximum(size, np.finfo(size.dtype).tiny, out=size)
    np.divide(S, size, out=size)
    np.multiply(C, size, out=C)
    return C


def _scale(C, factor):
    """Multiply `C` in place by a real number: half the work of a complex product."""
    C = np.ascontiguousarray(C)
    values = C.view(C.real.dtype)
    values *= values.dtype.type(factor)
    return C
