"""Mean and deviation of every band of a corpus, from sums that each shard has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from specdemo._types import Array, Floats
from specdemo.corpus.codes import N_CODES, ByteCode, HalfCode


class Statistics(NamedTuple):
    """Mean and deviation of every band over all frames of a corpus, each of shape (n_mels,)."""

    mean: Floats
    std: Floats


def sums_of(blocks: Sequence[Array]) -> Array:
    """What the statistics of a shard are computed from, of blocks of shape (n_frames, n_mels).

    Returns
    -------
    ndarray
        Of bytes, how often every band has each, shape (n_mels, 256), uint32. Of half precision,
        number, sum and sum of squares, shape (3, n_mels), float64.
    """
    n_mels = blocks[0].shape[1]
    if blocks[0].dtype == np.uint8:
        first = N_CODES * np.arange(n_mels)
        counts = np.zeros(n_mels * N_CODES, np.int64)
        for block in blocks:
            counts += np.bincount((block + first).ravel(), minlength=n_mels * N_CODES)
        return counts.reshape(n_mels, N_CODES).astype(np.uint32)
    whole = np.zeros((3, n_mels))
    for block in blocks:
        A = block.astype(np.float64)
        whole += np.stack([np.full(n_mels, float(len(A))), A.sum(axis=0), np.square(A).sum(axis=0)])
    return whole


def layout_of_sums(dtype: np.dtype[Any], n_mels: int) -> tuple[tuple[int, int], np.dtype[Any]]:
    """Shape and dtype of what `sums_of` returns for blocks of this dtype."""
    if dtype == np.uint8:
        return (n_mels, N_CODES), np.dtype(np.uint32)
    return (3, n_mels), np.dtype(np.float64)


def total(sums: Iterable[Array], code: ByteCode | HalfCode, n_mels: int) -> Array:
    """The sums of several shards, in the order they come in."""
    whole: Array
    if isinstance(code, ByteCode):
        whole = np.zeros((n_mels, N_CODES), np.int64)
    else:
        whole = np.zeros((3, n_mels))
    for part in sums:
        whole += part
    return whole


def statistics_of(sums: Array, code: ByteCode | HalfCode) -> Statistics:
    """Mean and deviation, from the sums of all shards.

    Counts are whole numbers: whichever shards they come from, the result is the same to the bit.
    """
    if isinstance(code, ByteCode):
        values = code.values.astype(np.float64)
        n_frames = sums.sum(axis=1)
        mean = (sums * values).sum(axis=1) / n_frames
        apart = np.square(values - mean[:, np.newaxis])
        return Statistics(mean, np.sqrt((sums * apart).sum(axis=1) / n_frames))
    n_frames, first, second = sums
    mean = first / n_frames
    return Statistics(mean, np.sqrt(np.maximum(second / n_frames - np.square(mean), 0)))
