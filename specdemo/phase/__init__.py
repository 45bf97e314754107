"""Phase retrieval: starting guesses, and refinements that bring them nearer to consistency.

`STARTS` maps a name to a function `start(S, stft, rng)` that returns phases in radians, and
`REFINEMENTS` a name to the step that `specdemo.phase.loop.refine` repeats.
"""

from specdemo.phase.pghi import pghi, phase_gradient, window_shape
from specdemo.phase.refinements import fast_griffin_lim, griffin_lim
from specdemo.phase.starts import random, zero

STARTS = {"zero": zero, "random": random, "pghi": pghi}
REFINEMENTS = {"griffin_lim": griffin_lim, "fast_griffin_lim": fast_griffin_lim}

__all__ = [
    "REFINEMENTS", "STARTS", "fast_griffin_lim", "griffin_lim", "pghi", "phase_gradient", "random",
    "window_shape", "zero",
]
