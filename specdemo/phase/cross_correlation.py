"""Frames put down one after another, each shifted to where it fits best.

The method of the spectrogram inversion in Slaney's toolbox, which this project's predecessor used.

References
----------
Slaney, Naar & Lyon 1994, "Auditory model inversion for sound separation", ICASSP 1994.

Roucos & Wilgus 1985, "High quality time-scale modification for speech", ICASSP 1985.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from specdemo._types import Complexes, Floats, Seed
from specdemo.phase.arguments import start_arguments
from specdemo.phase.loop import waveform
from specdemo.phase.pghi import window_shape
from specdemo.stft import STFT


def cross_correlation(S: ArrayLike, stft: STFT, *, rng: Seed = None) -> Floats:
    """Shift every frame in time to where it agrees best with the frames before it.

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
        Phases in radians of the transform of the overlap-added frames, in the dtype of `S`.

    Notes
    -----
    Slaney et al. 1994. All partials of a frame start in step, as in a voice, whose partials are in
    step at every pulse of the glottis; random phases have no moment at which they fit the frames
    before, and are 5 to 10 dB worse on speech. The shift is a linear phase, so it moves the frame
    as a circle. It is at most half a hop: further out lies the place of the next frame. So partials
    slower than one period a hop cannot always be joined.
    """
    S, _ = start_arguments(S, stft, rng)
    n_frames = S.shape[1]
    x = waveform(_shifted(S, stft).T, stft, stft._longest(n_frames))
    # Cut, since with a hop of 1 not even a single sample is short enough for a single frame.
    return np.angle(stft.forward(x)[:, :n_frames])


def _shifted(S: Floats, stft: STFT) -> Complexes:
    """The frames' coefficients after their shifts, complex, in the shape of `S`."""
    n_fft, hop_length = stft.n_fft, stft.hop_length
    window = stft.window_array.astype(S.dtype)
    choices = _choices(stft)
    circle = np.exp(-2j * np.pi / n_fft * np.arange(n_fft))
    built = np.zeros((S.shape[1] - 1) * hop_length + n_fft, S.dtype)
    C = np.empty(S.shape, np.result_type(S.dtype, np.complex64))
    for m, magnitude in enumerate(S.T):
        here = built[m * hop_length : m * hop_length + n_fft]
        # Not divided by the window sum: what many frames have built counts more than the rim of
        # one. Dividing costs 2 to 6 dB.
        correlation = scipy.fft.irfft(scipy.fft.rfft(here * window) * magnitude, n_fft)
        delay = choices[correlation[choices].argmax()]
        here += window * np.roll(scipy.fft.irfft(magnitude, n_fft), delay)
        C[:, m] = magnitude * circle[delay * np.arange(stft.n_bins) % n_fft]
    return C


def _choices(stft: STFT) -> NDArray[np.intp]:
    """Delays within half a hop of the window's centre, the nearest first: it wins in silence."""
    center, _ = window_shape(stft)
    reach = stft.hop_length // 2
    shifts = sorted(range(-reach, reach + 1), key=abs)
    return (round(center) + np.array(shifts)) % stft.n_fft
