"""Frames: cutting a signal, adding it up again, and streams of blocks.

They know the window and the hop that they are given, and nothing of the grid, `specdemo.STFT`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, DTypeLike, NDArray

from specdemo import _checks
from specdemo._types import Array, Floats

# Frames are transformed in blocks that stay in the processor's cache: 64 to 128 are equally good.
BLOCK = 96

# The least sum of squared windows, relative to the largest, that an estimate is divided by. Errors
# of frames that know nothing of each other add up in squares, so that under the sum t they come
# back 1 / sqrt(t) as loud: at this floor 10 times, or 20 dB louder than where the sum is largest,
# and without one 10^5 times at the rim of a Hann window. Samples below it come back too soft. With
# 0.1, spectrograms of speech and music without centring were fitted 1 dB worse; 0.001 let peaks of
# three to six times the sound's through.
ESTIMATE_FLOOR = 0.01

# The least sum of squared windows, relative to the largest, that can be divided by: SciPy's NOLA
# tolerance.
NOLA_TOLERANCE = 1e-10


def frame(x: ArrayLike, frame_length: int, hop_length: int) -> Floats:
    """Cut a signal into overlapping frames, without copying it.

    Parameters
    ----------
    x : ndarray, shape (..., n_samples)
        Signal, float32 or float64, with at least `frame_length` samples.
    frame_length, hop_length : int
        Samples in a frame, and from the start of one frame to the start of the next.

    Returns
    -------
    ndarray, shape (..., frame_length, n_frames)
        Read-only view of `x`; samples behind the last whole frame are left out.

    Examples
    --------
    >>> frame(np.arange(6.0), 4, 2).T
    array([[0., 1., 2., 3.],
           [2., 3., 4., 5.]])
    """
    x = _checks.signal("x", x)
    frame_length = _checks.integer("frame_length", frame_length)
    hop_length = _checks.integer("hop_length", hop_length, maximum=_checks.LONGEST_FRAME)
    if x.shape[-1] < frame_length:
        raise ValueError(
            f"x must have at least frame_length = {frame_length} samples; got {x.shape[-1]}"
        )
    return frames_first(x, frame_length, hop_length).swapaxes(-1, -2)


def frames_first(x: Array, frame_length: int, hop_length: int) -> Array:
    """Frames along the second axis from the end: a read-only view (..., n_frames, frame_length)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, frame_length, axis=-1)
    return windows[..., ::hop_length, :]


def blocks(n_frames: int) -> list[slice]:
    """Slices that cover `n_frames` frames, at most `BLOCK` at a time."""
    return [slice(i, min(i + BLOCK, n_frames)) for i in range(0, n_frames, BLOCK)]


def overlap_add(hops: Array, frames: Array, first: int = 0) -> None:
    """Add frames onto a signal that is stored a hop a row.

    Parameters
    ----------
    hops : ndarray, shape (..., n_rows, hop_length)
        The signal, changed in place; `hops.reshape(..., -1)` are its samples.
    frames : ndarray, shape (..., n_frames, frame_length)
        Frame `i` is added from row `first + i` on.
    first : int
        Row on which the first frame starts.

    Notes
    -----
    The k-th hop of every frame is added in one go: ten to twenty times quicker than a loop over the
    frames or `numpy.add.at`.
    """
    n_frames, frame_length = frames.shape[-2:]
    hop_length = hops.shape[-1]
    for k, start in enumerate(range(0, frame_length, hop_length)):
        piece = frames[..., start : start + hop_length]
        hops[..., first + k : first + k + n_frames, : piece.shape[-1]] += piece


def n_hops(n_frames: int, frame_length: int, hop_length: int) -> int:
    """Rows that `overlap_add` needs for `n_frames` frames."""
    return n_frames - 1 + -(-frame_length // hop_length)


def overlap_added(X: Array, window: Floats, hop_length: int) -> Floats:
    """The windowed frames that transforms stand for, added up.

    Parameters
    ----------
    X : ndarray, shape (..., n_frames, n_bins)
        Transforms of real frames.
    window : ndarray, shape (frame_length,)
        In the precision of the result.
    hop_length : int
        Samples from one frame to the next.

    Returns
    -------
    ndarray, shape (..., n_hops(n_frames, frame_length, hop_length) * hop_length)
        Where `window_sum` has the sum of squared windows.
    """
    n_frames, rows = X.shape[-2], n_hops(X.shape[-2], len(window), hop_length)
    hops = np.zeros((*X.shape[:-2], rows, hop_length), window.dtype)
    for block in blocks(n_frames):
        frames = scipy.fft.irfft(X[..., block, :], len(window))
        frames *= window
        overlap_add(hops, frames, block.start)
    return hops.reshape(*hops.shape[:-2], -1)


def window_sum(window: Array, hop_length: int, n_frames: int) -> NDArray[np.float64]:
    """Sum of squared windows under `n_frames` frames, float64 of shape (n_samples,)."""
    total = np.zeros((n_hops(n_frames, len(window), hop_length), hop_length))
    squared = window**2
    for block in blocks(n_frames):
        count = block.stop - block.start
        overlap_add(total, np.broadcast_to(squared, (count, len(window))), block.start)
    return total.reshape(-1)


def one_over(total: Floats, window: Array, dtype: DTypeLike) -> Floats:
    """One over sums of squared windows; zero where these are zero, or a rounding error of `dtype`.

    Dividing by such an error gives noise.
    """
    seen = total > np.finfo(dtype).eps ** 2 * np.max(window**2)
    return np.divide(1, total, out=np.zeros_like(total), where=seen).astype(dtype)


def one_over_enough(total: Floats, dtype: DTypeLike, largest: float | None = None) -> Floats:
    """One over sums of squared windows, for estimates: at least `ESTIMATE_FLOOR` is divided by.

    It is a part of `largest`, by default of the largest sum.
    """
    largest = total.max() if largest is None else largest
    return (1 / np.maximum(total, ESTIMATE_FLOOR * largest)).astype(dtype)


def evenness(window: Array, hop_length: int) -> float:
    """The least sum of squared windows under endless frames, relative to the largest."""
    overlap = np.zeros((n_hops(1, len(window), hop_length), hop_length))
    overlap_add(overlap, window[np.newaxis] ** 2)
    total = overlap.sum(axis=0)
    return float(total.min() / total.max())


def check_invertible(window: Array, hop_length: int, least: float) -> None:
    """Raise a ValueError when no frame sees some samples, and warn when they hardly do.

    `least` is the evenness of window and hop.
    """
    n_fft = len(window)
    if least <= NOLA_TOLERANCE:
        raise ValueError(
            f"the window of n_fft = {n_fft} samples with hop_length = {hop_length} "
            "cannot be inverted: some samples are weighted with zero in every frame; "
            "take a smaller hop_length"
        )
    if least < ESTIMATE_FLOOR:
        warnings.warn(
            f"hop_length = {hop_length} leaves samples that the window of n_fft = "
            f"{n_fft} samples hardly sees: unless the spectrogram is exact, they come back "
            f"wrong; take hop_length = {sound_hop(window, hop_length)}",
            stacklevel=4,
        )


def sound_hop(window: Array, hop_length: int) -> int:
    """The longest of half the hop, a quarter and so on that leaves no sample nearly unseen."""
    hop_length //= 2
    while evenness(window, hop_length) < ESTIMATE_FLOOR:
        hop_length //= 2
    return hop_length


def sample_blocks(x: Any, n_samples: int, headroom: float) -> Iterator[Array]:
    """The samples of an array, `n_samples` at a time, or of an iterable of arrays, as they come.

    Numbers in a list are one signal, arrays in a list the pieces of one.
    Each block is checked when its turn comes: checking an array as a whole would take a byte of
    memory per sample. Blocks without samples are left out.
    """
    is_one = _checks.is_array(x) or isinstance(x, (list, tuple)) and _begins_with_a_number(x)
    if is_one and not isinstance(x, np.ndarray):
        x = _checks.ndarray("x", x)
    if isinstance(x, np.ndarray) and x.ndim:
        _checks.time_is_last("x", x.shape)
        pieces = (x[..., i : i + n_samples] for i in range(0, x.shape[-1], n_samples))
        return _checked(pieces, headroom)
    try:
        return _checked(_not_turned(iter(x)), headroom)
    except TypeError:
        raise TypeError(
            f"x must be an array of float32 or float64 or an iterable of such arrays; got {x!r:.80}"
        ) from None


def _begins_with_a_number(x: Sequence[Any]) -> bool:
    return len(x) > 0 and isinstance(_checks.scalar(x[0]), (int, float))


def _checked(blocks: Iterable[Any], headroom: float) -> Iterator[Array]:
    first = None
    for block in blocks:
        shape = _checks.ndarray("x", block).shape
        if shape and shape[-1] == 0:
            continue
        block = _checks.array("x", block, headroom=headroom, samples=True)
        kind = block.dtype, block.shape[:-1]
        first = first or kind
        if kind != first:
            raise ValueError(
                "the blocks of x must agree in dtype and in all axes but the last; "
                f"the first is {first[0]} with leading axes {first[1]}, "
                f"another one {kind[0]} with {kind[1]}"
            )
        yield block


def _not_turned(pieces: Iterator[Any]) -> Iterator[Any]:
    """Pass pieces of a signal on, unless the first looks samples first; others may be short."""
    for i, piece in enumerate(pieces):
        if i == 0:
            _checks.time_is_last("x", getattr(piece, "shape", ()))
        yield piece


def overlapping_blocks(blocks: Iterable[Array], n_samples: int, overlap: int) -> Iterator[Array]:
    """Cut a signal anew: blocks of `n_samples`, each of which repeats the end of the one before.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (..., any number of samples)
    n_samples : int
        Samples of every block but the last, which has fewer, and perhaps none that are new.
    overlap : int
        Samples that a block shares with the next.

    Yields
    ------
    ndarray, shape (..., n_samples)
        A buffer that is written over when the next block is asked for.
    """
    buffer, filled = None, 0
    for block in blocks:
        if buffer is None:
            buffer = np.empty((*block.shape[:-1], n_samples), block.dtype)
        while block.shape[-1]:
            part = block[..., : n_samples - filled]
            buffer[..., filled : filled + part.shape[-1]] = part
            filled += part.shape[-1]
            block = block[..., part.shape[-1] :]
            if filled == n_samples:
                yield buffer
                buffer[..., :overlap] = buffer[..., n_samples - overlap :]
                filled = overlap
    if buffer is not None:
        yield buffer[..., :filled]
