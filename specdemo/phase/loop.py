"""The loop of all refinements: waveform, analysis, step, overlap-add, block by block."""

from __future__ import annotations

import numpy as np
import scipy

from specdemo.stft import blocks, frames_first, n_hops, overlap_add


def refine(C, S, stft, step, n_iter, length, on_iteration=None):
    """Alternate between the waveform and its coefficients.

    Parameters
    ----------
    C : ndarray, shape (n_frames, n_bins)
        Complex coefficients to start from, a frame a row.
    S : ndarray, shape (n_frames, n_bins)
        Wanted magnitudes.
    stft : STFT
        The grid.
    step : callable
        `step(C, S, memory)` changes a block of projected coefficients in place into the next guess.
    n_iter : int
        Iterations.
    length : int
        Samples of the waveform. Outside, it is held at zero: the padding is known, too.
    on_iteration : callable, optional
        `on_iteration(i, convergence_db)` after every iteration, i counting from 1.

    Returns
    -------
    ndarray, shape (length,)
        The waveform.

    Notes
    -----
    A block of frames is cut from the waveform, transformed, stepped, transformed back and added to
    the next waveform before the next block is touched. So everything but the waveforms, `S` and the
    memory of the step stays in the processor's cache.
    """
    n_frames = S.shape[0]
    dtype = S.dtype
    window = stft.window_array.astype(dtype)
    support = _support(stft, n_frames, length, dtype)
    memory = np.zeros_like(C)
    rows = n_hops(n_frames, stft.n_fft, stft.hop_length)
    x = _synthesise(C, window, stft, rows)
    x *= support
    for i in range(n_iter):
        hops = np.zeros((rows, stft.hop_length), dtype)
        frames = frames_first(x, stft.n_fft, stft.hop_length)
        for block in blocks(n_frames):
            projected = scipy.fft.rfft(frames[block] * window, overwrite_x=True)
            step(projected, S[block], memory[block])
            _add_block(hops, projected, window, stft, block)
        x = hops.reshape(-1)
        x *= support
        if on_iteration is not None:
            on_iteration(i + 1, _convergence(x, S, stft, window))
    return x[stft.padding : stft.padding + length].copy()


def _support(stft, n_frames, length, dtype):
    """One over the window sum inside the signal, zero outside it."""
    support = stft.inverse_window_sum(n_frames, dtype)
    support[: stft.padding] = 0
    support[stft.padding + length :] = 0
    return support


def _synthesise(C, window, stft, rows):
    hops = np.zeros((rows, stft.hop_length), window.dtype)
    for block in blocks(len(C)):
        _add_block(hops, C[block], window, stft, block)
    return hops.reshape(-1)


def _add_block(hops, C, window, stft, block):
    frames = scipy.fft.irfft(C, stft.n_fft)
    frames *= window
    overlap_add(hops, frames, block.start)


def _convergence(x, S, stft, window):
    """Spectral convergence of the waveform, block by block; see `metrics.spectral_convergence`."""
    frames = frames_first(x, stft.n_fft, stft.hop_length)
    error = size = 0.0
    for block in blocks(len(S)):
        difference = np.abs(scipy.fft.rfft(frames[block] * window)) - S[block]
        error += float(np.vdot(difference, difference))
        size += float(np.vdot(S[block], S[block]))
    return 10 * np.log10(max(error, np.finfo(float).tiny) / size)
