"""The loop of all refinements: waveform, analysis, step, overlap-add, block by block."""

from __future__ import annotations

import numpy as np
import scipy

from specdemo.stft import blocks, frames_first, n_hops, overlap_add


def refine(start, target, stft, steps, length, measure=np.abs, on_iteration=None):
    """Alternate between the waveform and its coefficients.

    Parameters
    ----------
    start : callable
        `start(block)` returns the complex coefficients to start from for a slice of the frames,
        shape (n_block, n_bins).
    target : ndarray, shape (n_frames, n_rows)
        What the coefficients shall become: magnitudes, or mel bands; a frame a row.
    stft : STFT
        The grid.
    steps : sequence of callable
        A step for each iteration, as `specdemo.phase.refinements` describes.
    length : int
        Samples of the waveform. Outside, it is held at zero: the padding is known, too.
    measure : callable
        What of a block of coefficients is compared with the target.
    on_iteration : callable, optional
        `on_iteration(i, convergence_db)` after every iteration, i counting from 1.

    Returns
    -------
    ndarray, shape (length,)
        The waveform.

    Notes
    -----
    A block of frames is cut from the waveform, transformed, stepped, transformed back and added to
    the next waveform before the next block is touched. So everything but the waveforms, the target
    and the memory of the step stays in the processor's cache.
    """
    window = stft.window_array.astype(target.dtype)
    support = _support(stft, len(target), length, target.dtype)
    parts = blocks(len(target))
    memory = [start(part) for part in parts]
    del start  # and with it phases that are as large as the target
    x = _overlap_add(stft, window, parts, memory)
    x *= support
    for i, step in enumerate(steps, 1):
        x = _overlap_add(stft, window, parts, _stepped(x, target, stft, window, parts, step, memory))
        x *= support
        if on_iteration is not None:
            on_iteration(i, _convergence(x, target, stft, window, measure))
    return x[stft.padding : stft.padding + length].copy()


def _stepped(x, target, stft, window, parts, step, memory):
    """Yield the next guess of every block, and change `memory` to what its step remembers."""
    for i, C in enumerate(_analyse(x, stft, window, parts)):
        guess, memory[i] = step(C, target[parts[i]], memory[i])
        yield guess


def _analyse(x, stft, window, parts):
    """Yield the coefficients of the waveform, block by block."""
    frames = frames_first(x, stft.n_fft, stft.hop_length)
    for part in parts:
        yield scipy.fft.rfft(frames[part] * window, overwrite_x=True)


def _overlap_add(stft, window, parts, guesses):
    """The waveform of blocks of coefficients, not yet divided by the window sum."""
    rows = n_hops(parts[-1].stop, stft.n_fft, stft.hop_length)
    hops = np.zeros((rows, stft.hop_length), window.dtype)
    for part, guess in zip(parts, guesses, strict=True):
        frames = scipy.fft.irfft(guess, stft.n_fft)
        frames *= window
        overlap_add(hops, frames, part.start)
    return hops.reshape(-1)


def _support(stft, n_frames, length, dtype):
    """One over the window sum inside the signal, zero outside it."""
    support = stft.inverse_window_sum(n_frames, dtype)
    support[: stft.padding] = 0
    support[stft.padding + length :] = 0
    return support


def _convergence(x, target, stft, window, measure):
    """Spectral convergence of the waveform, block by block; see `metrics.spectral_convergence`."""
    parts = blocks(len(target))
    error = size = 0.0
    for part, C in zip(parts, _analyse(x, stft, window, parts), strict=True):
        difference = measure(C) - target[part]
        error += float(np.vdot(difference, difference))
        size += float(np.vdot(target[part], target[part]))
    return 10 * np.log10(max(error, np.finfo(float).tiny) / size)
