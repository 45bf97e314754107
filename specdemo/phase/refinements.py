"""Refinements: what happens to the coefficients between two visits to the waveform.

The loop that applies them is `specdemo.phase.loop.refine`. In every iteration it makes a waveform
of the coefficients and analyses that again, which is the projection onto the consistent
spectrograms; a refinement says how the projected coefficients and the wanted magnitudes become the
next guess.
"""

from __future__ import annotations

import numpy as np


def griffin_lim(C, S, memory, momentum):
    """Keep the phase, put the wanted magnitude back (Griffin & Lim 1984).

    Parameters
    ----------
    C : ndarray, shape (n_frames, n_bins)
        Projected coefficients; changed in place into the next guess.
    S : ndarray, shape (n_frames, n_bins)
        Wanted magnitudes.
    memory : ndarray, shape (n_frames, n_bins)
        Kept from one iteration to the next, zero before the first; not used.
    momentum : float
        Not used.
    """
    impose_magnitude(C, S, out=C)


def fast_griffin_lim(C, S, memory, momentum):
    """Overshoot in the direction of the last change, then as `griffin_lim` (Perraudin et al. 2013).

    With `momentum` a, the phase is taken from `C + a (C - previous C)`, which has the phase of
    `C - a / (1 + a) * previous C`; the memory holds the second term.
    """
    memory += C
    momentum = C.real.dtype.type(momentum)
    overshoot = memory.copy()
    np.multiply(C, -momentum / (1 + momentum), out=memory)
    impose_magnitude(overshoot, S, out=C)


def impose_magnitude(C, S, out):
    """Write `S * C / |C|` into `out`; zero where `C` is."""
    size = np.abs(C)
    np.maximum(size, np.finfo(size.dtype).tiny, out=size)
    np.divide(S, size, out=size)
    np.multiply(C, size, out=out)
