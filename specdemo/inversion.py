"""From a magnitude spectrogram back to sound: a start for the phase, then a refinement."""

from __future__ import annotations

from functools import partial

import numpy as np

from specdemo import _checks
from specdemo.phase import REFINEMENTS, STARTS
from specdemo.phase.loop import refine as refine_phase
from specdemo.stft import STFT


def invert_spectrogram(S, stft, start="pghi", refine="fast_griffin_lim", n_iter=32,
                       momentum=0.99, length=None, rng=None, on_iteration=None):
    """Find a signal whose magnitude spectrogram is `S`.

    Parameters
    ----------
    S : ndarray, shape (..., n_bins, n_frames)
        Magnitudes, float32 or float64, not negative.
    stft : STFT
        The grid that `S` was made on.
    start : {"zero", "random", "pghi"} or ndarray
        First guess of the phase, or phases in radians, in the shape of `S`.
    refine : {"griffin_lim", "fast_griffin_lim", None}
        How to improve on it.
    n_iter : int
        Iterations; 0 leaves the start as it is.
    momentum : float
        Momentum of "fast_griffin_lim", in [0, 1); 0 makes it "griffin_lim".
    length : int, optional
        Samples to return; by default the shortest signal that has so many frames.
    rng : int or numpy.random.Generator, optional
        Seed or source of the random phases. Default: different ones at every call.
    on_iteration : callable, optional
        `on_iteration(i, convergence_db)` is called after each iteration, i counting from 1, with
        the spectral convergence reached; once a channel when there are several.

    Returns
    -------
    ndarray, shape (..., length)
        Signal in the dtype of `S`.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind, shape or range, or the grid cannot be inverted.

    References
    ----------
    Griffin & Lim 1984; Perraudin et al. 2013; Prusa et al. 2017.

    Examples
    --------
    >>> stft = STFT(sr=8000, n_fft=256, hop_length=64)
    >>> x = np.sin(2 * np.pi * 440 / 8000 * np.arange(2000))
    >>> x_hat = invert_spectrogram(stft.magnitude(x), stft, n_iter=10, length=2000, rng=0)
    >>> x_hat.shape
    (2000,)
    """
    S = _checks.array("S", S, ndim=2, minimum=0)
    _checks.instance("stft", stft, STFT)
    _checks.axis_length("S", S, -2, stft.n_bins, "bins")
    stft.check_invertible()
    # Without a length, the signal may be as long as so many frames allow, and its end is cut off.
    support = stft.longest(S.shape[-1]) if length is None else length
    length = stft.check_length(length, S.shape[-1])
    n_iter = _checks.integer("n_iter", n_iter, minimum=0)
    momentum = _checks.number("momentum", momentum, minimum=0, below=1)
    if on_iteration is not None and not callable(on_iteration):
        raise TypeError(f"on_iteration must be callable; got {on_iteration!r}")
    find_phase = _find_start(start, S)
    step = None if refine is None else REFINEMENTS[_checks.choice("refine", refine, REFINEMENTS)]
    rng = _generator(rng)

    x = np.empty((*S.shape[:-2], length), S.dtype)
    for channel in np.ndindex(S.shape[:-2]):
        loudest = S[channel].max()
        if loudest == 0:
            x[channel] = 0
            continue
        # Scaled to 1, so that the squares of very small and very large values stay in range.
        wanted = S[channel] / loudest
        X = wanted * np.exp(1j * find_phase(wanted, stft, rng, channel))
        if step is None or n_iter == 0:
            x[channel] = stft.inverse(X, length)
        else:
            frames = (np.ascontiguousarray(a.T) for a in (X, wanted))
            bound = partial(step, momentum=momentum)
            refined = refine_phase(*frames, stft, bound, n_iter, support, on_iteration)
            x[channel] = refined[:length]
        x[channel] *= loudest
    return x


def _find_start(start, S):
    if isinstance(start, str):
        function = STARTS[_checks.choice("start", start, STARTS)]
        return lambda wanted, stft, rng, channel: function(wanted, stft, rng)
    phase = _checks.array("start", start, ndim=2)
    if phase.shape != S.shape:
        raise ValueError(f"start must have the shape of S, {S.shape}; got {phase.shape}")
    return lambda wanted, stft, rng, channel: phase[channel].astype(wanted.dtype)


def _generator(rng):
    if rng is not None and not isinstance(rng, np.random.Generator):
        rng = _checks.integer("rng", rng, minimum=0)
    return np.random.default_rng(rng)
