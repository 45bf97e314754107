"""Phase retrieval: starting guesses, and refinements that bring them nearer to consistency.

`STARTS` maps a name to a function `start(S, stft, *, rng=None)` that returns phases in radians, and
`REFINEMENTS` a name to a function `refinement(n_iter, *, momentum)` that lists the iterations for
`specdemo.phase.loop.refine`. Called by themselves, they check their arguments as all functions do.
"""

from specdemo.phase.cross_correlation import cross_correlation
from specdemo.phase.pghi import pghi, phase_gradient, window_shape
from specdemo.phase.refinements import admm, fast_griffin_lim, griffin_lim, raar
from specdemo.phase.rtisi_la import rtisi_la
from specdemo.phase.spsi import spsi
from specdemo.phase.starts import random, zero

STARTS = {
    "zero": zero,
    "random": random,
    "cross_correlation": cross_correlation,
    "spsi": spsi,
    "pghi": pghi,
    "rtisi_la": rtisi_la,
}
REFINEMENTS = {
    "griffin_lim": griffin_lim,
    "fast_griffin_lim": fast_griffin_lim,
    "raar": raar,
    "admm": admm,
}

__all__ = [
    "REFINEMENTS",
    "STARTS",
    "admm",
    "cross_correlation",
    "fast_griffin_lim",
    "griffin_lim",
    "pghi",
    "phase_gradient",
    "raar",
    "random",
    "rtisi_la",
    "spsi",
    "window_shape",
    "zero",
]
