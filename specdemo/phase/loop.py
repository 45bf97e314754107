"""The loop of all refinements: waveform, analysis, next guess, overlap-add, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy
from numpy.typing import DTypeLike

from specdemo._frames import (
    blocks,
    frames_first,
    n_hops,
    one_over_enough,
    overlap_add,
    window_sum,
)
from specdemo._padding import Ends
from specdemo._types import Array, Complexes, Floats, OnIteration
from specdemo.phase.refinements import Iteration
from specdemo.stft import STFT


def refine(
    start: Iterable[Array],
    target: Floats,
    stft: STFT,
    iterations: Sequence[Iteration],
    length: int | None,
    measure: Callable[[Array], Array] = np.abs,
    on_iteration: OnIteration = None,
) -> Floats:
    """Alternate between the waveform and its coefficients.

    Parameters
    ----------
    start : iterator of ndarray, shape (n_block, n_bins)
        Complex coefficients to start from, in the blocks of `specdemo._frames.blocks`.
    target : ndarray, shape (n_frames, n_rows)
        What the coefficients shall become: magnitudes, or mel bands; a frame a row.
    stft : STFT
        The grid.
    iterations : sequence of specdemo.phase.refinements.Iteration
        What each of them does.
    length : int or None
        Samples of the waveform. Outside, it is held at what the grid says: the padding is known,
        too, be it zeros or a mirror. None: nobody knows where the padding behind begins, and the
        waveform goes on as far as the frames reach.
    measure : callable
        What of a block of coefficients is compared with the target.
    on_iteration : callable, optional
        `on_iteration(i, convergence_db)` after every iteration, i counting from 1.

    Returns
    -------
    ndarray, shape (length,)
        The waveform; without a length, all that the frames see of it.

    Notes
    -----
    A block of frames is cut from the waveform, transformed, stepped, transformed back and added to
    the next waveform before the next block is touched. So everything but the waveforms and the
    target stays in the processor's cache, and nothing of the size of the spectrogram is stored,
    unless an iteration asks for its last guess.

    The coefficients are guesses, so where hardly any window sees the waveform it is kept small: see
    `specdemo._frames.ESTIMATE_FLOOR`. That is the least-squares waveform beside one more frame, known
    to be silent, whose squared window is what the window sum lacks there. So Griffin-Lim stays
    monotone in the distance that counts this frame along.

    Momentum works on the waveform: analysis is linear, so the coefficients overshoot their last
    change when the waveform does, and a waveform has far fewer numbers.
    """
    grid = _Grid(stft, len(target), length, target.dtype)
    kept = list(start) if iterations and iterations[0].remembers else None
    x = grid.waveform()
    grid.synthesise(start if kept is None else kept, out=x)
    before, spare = None, grid.waveform()
    for i, iteration in enumerate(iterations, 1):
        ahead = x if before is None else _overshoot(x, before, iteration.overshoot)
        kept = kept if iteration.remembers else None
        grid.synthesise(
            _next_guesses(iteration, grid.analyse(ahead), target, grid.parts, kept), out=spare
        )
        if iteration.overshoot:
            x, before, spare = spare, x, grid.waveform() if before is None else before
        else:
            x, before, spare = spare, None, x
        if on_iteration is not None:
            on_iteration(i, _convergence(grid, x, target, measure))
    return x[grid.ends.inside]


def waveform(C: Complexes, stft: STFT, length: int) -> Floats:
    """The waveform of `length` samples nearest to guessed coefficients, (n_frames, n_bins)."""
    guesses = (C[part] for part in blocks(len(C)))
    return refine(guesses, C.real, stft, [], length)


def _overshoot(x: Floats, before: Floats, factor: float) -> Floats:
    """`x + factor * (x - before)`, in the place of `before`, which is not needed again."""
    np.subtract(x, before, out=before)
    before *= factor
    before += x
    return before


def _next_guesses(
    iteration: Iteration, analysed: Iterator[Array], target: Floats, parts: list[slice], kept: Any
) -> Iterator[Array]:
    """Yield the next guess of every block; `kept` holds the last ones if the iteration remembers."""
    for i, (C, part) in enumerate(zip(analysed, parts, strict=True)):
        if iteration.remembers:
            kept[i] = iteration.next_guess(C, target[part], kept[i])
            yield kept[i]
        else:
            yield iteration.next_guess(C, target[part])


class _Grid:
    """Analysis and synthesis of a waveform and its padding."""

    def __init__(self, stft: STFT, n_frames: int, length: int | None, dtype: DTypeLike) -> None:
        self.n_fft, self.hop_length = stft.n_fft, stft.hop_length
        self.window = stft.window_array.astype(dtype)
        self.parts = blocks(n_frames)
        self.n_hops = n_hops(n_frames, stft.n_fft, stft.hop_length)
        n_samples = self.n_hops * stft.hop_length
        if length is None:
            self.ends = stft._padding.open_ends(stft._shortest(n_frames), n_samples)
        else:
            self.ends = stft._padding.ends(length, n_samples)
        self.weights = list(_weights(stft, n_frames, dtype, self.ends))

    def waveform(self) -> Floats:
        """A silent waveform, with its padding."""
        return np.zeros(self.n_hops * self.hop_length, self.window.dtype)

    def analyse(self, x: Floats) -> Iterator[Array]:
        """Yield the coefficients of the waveform, block by block."""
        frames = frames_first(x, self.n_fft, self.hop_length)
        windowed = np.empty((self.parts[0].stop, self.n_fft), x.dtype)
        for part in self.parts:
            block = frames[part]
            yield scipy.fft.rfft(np.multiply(block, self.window, out=windowed[: len(block)]))

    def synthesise(self, guesses: Iterable[Array], out: Floats) -> None:
        """Fill `out` with the waveform nearest to the coefficients, which come block by block."""
        out[:] = 0
        hops = out.reshape(-1, self.hop_length)
        for part, guess in zip(self.parts, guesses, strict=True):
            frames = scipy.fft.irfft(guess, self.n_fft)
            frames *= self.window
            overlap_add(hops, frames, part.start)
        self.ends.fold(out)
        for rows, weight in self.weights:
            hops[rows] *= weight
        self.ends.extend(out)


def _weights(
    stft: STFT, n_frames: int, dtype: DTypeLike, ends: Ends
) -> Iterator[tuple[slice, Array]]:
    """Yield rows of a waveform, a hop a row, and one over the window sum in them, or its floor.

    Between the ends, where every sample lies in equally many frames, all rows have the same.
    """
    if len(ends.places):
        total = window_sum(stft.window_array, stft.hop_length, n_frames)
        largest = total.max()
        ends.fold(total)
        yield slice(None), one_over_enough(total, dtype, largest).reshape(-1, stft.hop_length)
        return
    overlap = n_hops(1, stft.n_fft, stft.hop_length)
    few = min(n_frames, overlap)
    total = window_sum(stft.window_array, stft.hop_length, few)
    weights = one_over_enough(total, dtype).reshape(-1, stft.hop_length)
    yield slice(0, few), weights[:few]
    yield slice(few, n_frames), weights[few - 1]
    yield slice(n_frames, None), weights[few:]


def _convergence(
    grid: _Grid, x: Floats, target: Floats, measure: Callable[[Array], Array]
) -> float:
    """Spectral convergence of the waveform, block by block; see `metrics.spectral_convergence`."""
    error = size = 0.0
    for part, C in zip(grid.parts, grid.analyse(x), strict=True):
        difference = measure(C) - target[part]
        error += float(np.vdot(difference, difference))
        size += float(np.vdot(target[part], target[part]))
    return 10 * np.log10(max(error, np.finfo(float).tiny) / size)
