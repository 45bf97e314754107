"""Phase gradient heap integration: the phase read off the slopes of the magnitude.

The phase of a transform with a Gaussian window is, up to a constant, the integral of a gradient
that the logarithm of its magnitude determines (Portnoff 1979). A Hann window is near enough to a
Gaussian for this to be the best start known.

References
----------
Prusa, Balazs & Sondergaard 2017, "A noniterative method for reconstruction of phase from STFT
magnitude", IEEE/ACM TASLP 25(5).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from specdemo import _checks
from specdemo._types import Array, Floats, Seed
from specdemo.phase.arguments import comfortable, magnitudes, start_arguments
from specdemo.stft import STFT

# Bins below this part of the largest carry no phase that could be heard; theirs is random.
TOLERANCE = 3e-3

# In an edge's weight the softer end decides; among edges equal in that, the louder end does.
TIE_BREAK = 1e-3

# Frames that are integrated at a time, so that a long recording needs no more memory than a short
# one: trees take some hundred bytes a bin.
SEGMENT = 1024


def pghi(S: ArrayLike, stft: STFT, *, rng: Seed = None) -> Floats:
    """Integrate the phase gradient outwards from the loudest bins.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.
    rng : int or numpy.random.Generator, optional
        Draws the phases of bins more than 50 dB below the loudest.

    Returns
    -------
    ndarray, shape (n_bins, n_frames)
        Phases in radians, in the dtype of `S`.

    Notes
    -----
    The paper spreads the phase from bin to bin with a heap, the loudest neighbour first. The paths
    that it takes form a maximum spanning tree of the bins, which SciPy finds in compiled code; the
    increments along its branches are then summed for all bins at once, doubling the distance to the
    root in each pass. Same paths, no loop over bins.
    """
    S, rng = start_arguments(S, stft, rng)
    phase = np.empty_like(S)
    threshold = TOLERANCE * S.max()
    for begin in range(0, S.shape[1], SEGMENT):
        # One frame earlier than new, so that the trees can go on from the segment before.
        part = slice(max(begin - 1, 0), begin + SEGMENT)
        phase[:, part] = _segment(S[:, part], threshold, stft, rng, phase[:, part], begin > 0)
    return phase


def _segment(
    S: Floats, threshold: float, stft: STFT, rng: np.random.Generator, before: Floats, goes_on: bool
) -> Floats:
    """Phases of a stretch of frames, the first of which is known from `before` if it `goes_on`."""
    phase = rng.uniform(-np.pi, np.pi, S.shape)
    # At 0 Hz the transform of a real signal is real.
    phase[0] = 0
    audible = S > threshold
    if audible.any():
        parent, increment = _spanning_forest(S, audible, *phase_gradient(S, stft))
        total, root = _sum_to_root(parent, increment)
        bins, frames = np.nonzero(audible)
        loudness = S[audible]
        total += _offset(bins == 0, 0, loudness, total, root)
        if goes_on:
            total += _offset(frames == 0, before[bins, 0], loudness, total, root)
        phase[audible] = total
        phase[0] = np.where(np.cos(phase[0]) < 0, np.pi, 0)
    if goes_on:
        phase[:, 0] = before[:, 0]
    # Wrapped, since float32 keeps too few digits of the hundreds of circles in a second.
    return np.remainder(phase, 2 * np.pi)


def _offset(
    known: NDArray[np.bool_], wanted: Any, loudness: Floats, total: Floats, root: NDArray[np.intp]
) -> Array:
    """What to add to every bin so that each tree's loudest bin that is `known` is as `wanted`.

    Up to such a constant, the phases of a tree are all that the magnitudes determine.
    """
    nodes = np.flatnonzero(known)
    # The loudest bin of a tree comes last, and so has the last word.
    nodes = nodes[np.argsort(loudness[nodes], kind="stable")]
    offset = np.zeros(len(total))
    offset[root[nodes]] = np.broadcast_to(wanted, total.shape)[nodes] - total[nodes]
    return offset[root]


def phase_gradient(S: ArrayLike, stft: STFT) -> tuple[Floats, Floats]:
    """Slopes of the phase, from one frame to the next and from one bin to the next.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.

    Returns
    -------
    along_time, along_frequency : ndarray, shape (n_bins, n_frames)
        Radians per frame and radians per bin.

    Notes
    -----
    Prusa et al. 2017, for phases that refer to the first sample of a frame instead
    of the window's centre: that delay turns neighbouring bins against each other by half a circle,
    when the window is symmetric.
    """
    S = comfortable(magnitudes(S, stft))
    n_fft, hop_length = stft.n_fft, stft.hop_length
    log_S = np.log(np.maximum(S / (S.max() or 1), 1e-3 * TOLERANCE).astype(np.float64))
    per_bin, per_frame = _slope(log_S, axis=0), _slope(log_S, axis=1)
    # The magnitude is symmetric about 0 Hz, and about the Nyquist frequency where it has a bin.
    per_bin[0] = 0
    if n_fft % 2 == 0:
        per_bin[-1] = 0
    center, gamma = window_shape(stft)
    advance = 2 * np.pi * hop_length / n_fft * np.arange(S.shape[0])
    along_time = hop_length * n_fft / gamma * per_bin + advance[:, np.newaxis]
    delay = 2 * np.pi * center / n_fft
    along_frequency = -gamma / (hop_length * n_fft) * per_frame - delay
    return along_time, along_frequency


def window_shape(stft: STFT) -> tuple[float, float]:
    """The Gaussian `exp(-pi (t - center)**2 / gamma)` that the window resembles.

    Parameters
    ----------
    stft : STFT

    Returns
    -------
    center, gamma : float
        In samples, and in samples squared. Gamma is at least 1, also of a
        window with a single sample that is not zero.

    Notes
    -----
    The square of such a Gaussian has the variance `gamma / (4 pi)`. For a Hann window this gives
    0.251 n_fft**2, and Prusa et al. 2017 fit 0.256.
    """
    _checks.instance("stft", stft, STFT)
    weight = stft.window_array**2
    t = np.arange(stft.n_fft)
    center = np.sum(weight * t) / weight.sum()
    return center, max(1.0, 4 * np.pi * np.sum(weight * (t - center) ** 2) / weight.sum())


def _slope(values: Array, axis: int) -> Array:
    """Central differences; zero along an axis with a single value."""
    if values.shape[axis] == 1:
        return np.zeros_like(values)
    return np.gradient(values, axis=axis)


def _spanning_forest(
    S: Floats, audible: NDArray[np.bool_], along_time: Floats, along_frequency: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Parent of every audible bin, and the phase from the parent to the bin.

    Trees of bins that touch each other grow from their loudest bin, whose parent is itself.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import (
        breadth_first_order,
        connected_components,
        minimum_spanning_tree,
    )

    # 32 bits, as the trees of SciPy before 1.15 want them.
    number = np.full(S.shape, -1, np.int32)
    number[audible] = np.arange(np.count_nonzero(audible))
    loudness = np.log(S[audible].astype(np.float64))
    ends = [_edges(number, axis) for axis in (0, 1)]
    tail, head = np.concatenate(ends, axis=1)
    n = len(loudness)

    softer = np.minimum(loudness[tail], loudness[head])
    louder = np.maximum(loudness[tail], loudness[head])
    # Positive, since csgraph takes a weight of zero for an edge that is not there.
    weight = 1 + (1 + TIE_BREAK) * loudness.max() - softer - TIE_BREAK * louder
    tree = minimum_spanning_tree(coo_array((weight, (tail, head)), shape=(n, n)).tocsr())

    # One more node, joined to the loudest bin of every tree, makes a single tree of the forest.
    n_trees, label = connected_components(tree, directed=False)
    quiet_to_loud = np.argsort(loudness, kind="stable")
    roots = np.empty(n_trees, np.int32)
    roots[label[quiet_to_loud]] = quiet_to_loud
    tree = tree.tocoo()
    rows = np.concatenate([tree.row, np.full(n_trees, n, np.int32)])
    columns = np.concatenate([tree.col, roots])
    joined = coo_array((np.ones(len(rows)), (rows, columns)), shape=(n + 1, n + 1)).tocsr()
    _, parent = breadth_first_order(joined, n, directed=False)
    parent = np.where(parent[:n] == n, np.arange(n), parent[:n])
    return parent, _increments(parent, audible, along_time, along_frequency)


def _edges(number: Array, axis: int) -> Array:
    """Pairs of numbers of audible bins that are neighbours along an axis, shape (2, n_edges)."""
    first = np.take(number, range(number.shape[axis] - 1), axis=axis)
    second = np.take(number, range(1, number.shape[axis]), axis=axis)
    both = (first >= 0) & (second >= 0)
    return np.array([first[both], second[both]])


def _increments(
    parent: NDArray[np.intp],
    audible: NDArray[np.bool_],
    along_time: Floats,
    along_frequency: Floats,
) -> Array:
    """Phase from parent to child: the mean slope of the two, times the step (trapezoidal rule)."""
    bins, frames = np.nonzero(audible)
    slope_t, slope_f = along_time[audible], along_frequency[audible]
    step_t, step_f = frames - frames[parent], bins - bins[parent]
    return (step_t * (slope_t + slope_t[parent]) + step_f * (slope_f + slope_f[parent])) / 2


def _sum_to_root(parent: NDArray[np.intp], increment: Floats) -> tuple[Array, Array]:
    """Sum of the increments from every node to its root, in log2(depth) passes, and the root.

    After pass p, `total` holds the sum over the next 2**p ancestors and `parent` points behind them.
    """
    total = increment.copy()
    while np.any(parent != parent[parent]):
        total += total[parent]
        parent = parent[parent]
    return total, parent
