"""Real-time iterative spectrogram inversion with look-ahead: Griffin-Lim on a few frames at a time.

References
----------
Zhu, Beauregard & Wyse 2007, "Real-time signal estimation from modified short-time Fourier transform
magnitude spectra", IEEE TASLP 15(5).

Perraudin, Balazs & Sondergaard 2013, "A fast Griffin-Lim algorithm", WASPAA 2013.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._frames import frames_first, one_over_enough
from specdemo._types import Array, Complexes, Floats, Seed
from specdemo.phase.arguments import refinement_arguments, start_arguments
from specdemo.phase.pghi import window_shape
from specdemo.phase.refinements import impose_magnitude
from specdemo.stft import STFT

# Frames that must follow before the phase of a frame is settled. Zhu et al. take 3 for a hop of n_fft / 4.
LOOK_AHEAD = 3

# The longest look-ahead, in frames: beyond it the method waits for the whole sound.
MOST_LOOK_AHEAD = 1000

# Iterations for each new frame, so LOOK_AHEAD + 1 times as many until it is settled.
INNER_ITERATIONS = 16

# Zhu et al. iterate without momentum, as 0 does. This value of Perraudin et al. gains 3 to 6 dB.
MOMENTUM = 0.99


def rtisi_la(
    S: ArrayLike,
    stft: STFT,
    *,
    rng: Seed = None,
    look_ahead: int = LOOK_AHEAD,
    n_inner: int = INNER_ITERATIONS,
    momentum: float = MOMENTUM,
) -> Floats:
    """Settle the phases frame by frame, each after some iterations with the frames that follow it.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.
    rng : int or numpy.random.Generator, optional
        Not used.
    look_ahead : int
        Frames behind the one to be settled that are estimated along with it.
    n_inner : int
        Iterations each time a frame is added.
    momentum : float
        As in "fast_griffin_lim", in [0, 1).

    Returns
    -------
    ndarray, shape (n_bins, n_frames)
        Phases in radians, in the dtype of `S`.

    Notes
    -----
    Zhu et al. 2007. `look_ahead + 1` frames are open. In an iteration they are overlap-added onto
    the settled past, analysed, and given their magnitudes back; after the last, the oldest of them
    is settled and a new one opened. Its first phases come from analysing what the others have
    already put in its place: see `_first_guess`.
    """
    S, _ = start_arguments(S, stft, rng)
    look_ahead = _checks.integer("look_ahead", look_ahead, 0, MOST_LOOK_AHEAD)
    n_inner, momentum = refinement_arguments(n_inner, momentum, "n_inner")
    n_bins, n_frames = S.shape
    window = stft.window_array.astype(S.dtype)
    hop_length = stft.hop_length
    past = np.zeros((n_frames - 1) * hop_length + stft.n_fft, S.dtype)
    weight = np.zeros(past.shape)
    impulse = _impulse(stft).astype(np.result_type(S.dtype, np.complex64))
    phase = np.empty_like(S)
    C = np.zeros((0, n_bins), impulse.dtype)
    previous = C
    for newest in range(n_frames + look_ahead):
        oldest = max(newest - look_ahead, 0)
        wanted = np.ascontiguousarray(S[:, oldest : newest + 1].T)
        here = slice(oldest * hop_length, (oldest + len(wanted) - 1) * hop_length + stft.n_fft)
        if newest < n_frames:
            built = _add_frames(past[here], C, window, hop_length)[-stft.n_fft :]
            guess = _first_guess(built * window, wanted[-1], impulse)
            C, previous = np.vstack([C, guess]), np.vstack([previous, np.zeros_like(guess)])
            weight[here][-stft.n_fft :] += window**2
        scale = one_over_enough(weight[here], window.dtype)
        for _ in range(n_inner):
            projected = _project(C, past[here], scale, window, hop_length)
            C = impose_magnitude(projected + momentum * (projected - previous), wanted)
            previous = projected
        if newest >= look_ahead:
            phase[:, oldest] = np.angle(C[0])
            past[here] = _add_frames(past[here], C[:1], window, hop_length)
            C, previous = C[1:], previous[1:]
    return phase


def _impulse(stft: STFT) -> Complexes:
    """Spectrum of an impulse at the window's centre."""
    center, _ = window_shape(stft)
    return np.exp(-2j * np.pi * center / stft.n_fft * np.arange(stft.n_bins))


def _first_guess(built: Floats, S: Floats, impulse: Complexes) -> Complexes:
    """Coefficients of a new frame from what older frames have put in its place.

    The overlap-added frames are not divided by the sum of their windows, so that what several of
    them agree on weighs more than the rims of a single one. That makes the analysis window of the
    newest frame asymmetric, as in Zhu et al. 2007. Dividing costs 3 to 6 dB.

    Behind digital silence there is nothing to analyse. A bin without a phase would stay at zero and
    hand its silence on to the next frame, so it begins as in an impulse at the window's centre.
    """
    C = scipy.fft.rfft(built)
    nothing = np.abs(C) <= np.finfo(S.dtype).eps * S
    C[nothing] = impulse[nothing]
    return impose_magnitude(C, S)


def _project(C: Complexes, past: Floats, scale: Array, window: Array, hop_length: int) -> Complexes:
    """Analyse the waveform of the open frames `C` on the past; `scale` is one over its window sum."""
    x = _add_frames(past, C, window, hop_length)
    x *= scale
    return scipy.fft.rfft(frames_first(x, len(window), hop_length) * window)


def _add_frames(past: Floats, C: Complexes, window: Array, hop_length: int) -> Floats:
    """The past and the windowed frames `C` on it, a hop apart, as a new array.

    There are so few frames that adding them one by one is quicker than `_frames.overlap_add`.
    """
    x = past.copy()
    if len(C):
        frames = scipy.fft.irfft(C, len(window))
        frames *= window
        for m, frame in enumerate(frames):
            x[m * hop_length : m * hop_length + len(window)] += frame
    return x
