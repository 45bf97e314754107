"""What the tests know of the figure `em`."""

import numpy as np

import specdemo as sd
from figures.many import corrected, frame_of

DRAGS = {"n_iter": (40, 0), "way": (120, 0)}
METHODS = ("em", "transpose", "pinv", "nnls")
BEST_FIT = -100


def guess(bank, M, way, n_iter):
    """What the package makes of these bands."""
    column = M[:, np.newaxis]
    if way == 1:
        return corrected(bank, M, bank.envelope(column)[:, 0] * bank.covered, n_iter)
    return bank.inverse(column, method=METHODS[way - 1])[:, 0]


def expected(value, figure):
    """The fit of the bands, the distance from the frame, and the bins in use."""
    bank, true = frame_of(figure.x, figure.sr)
    M = bank.matrix @ true
    S = guess(bank, M, int(value("way")), int(value("n_iter")))
    return {
        "fit": max(BEST_FIT, sd.spectral_convergence(M, bank.matrix @ S)),
        "far": sd.spectral_convergence(true, S),
        "used": np.sum(S > 1e-9 * S.max()),
    }


def add(golden):
    """Guesses by all ways from the bands of a frame."""
    sr = 22050
    x = np.random.default_rng(7).standard_normal(1024) * np.sin(np.arange(1024) ** 2 / 3000)
    bank, true = frame_of(x.astype(np.float32), sr)
    M = bank.matrix @ true
    guesses = np.array([guess(bank, M, way, 20) for way in (1, 2, 3, 4)]).T
    golden.add("ways", {"sr": sr, "n_iter": 20}, x=x, guesses=guesses)
