"""Conversion to the rate of a format, by soxr or by this package: whichever a corpus was begun with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from specdemo._types import Floats
from specdemo.audio import conversion

# What settings call them, and the quality of soxr's: 20 bits.
OWN = "specdemo"
SOXR = "soxr HQ"
QUALITY = "HQ"


def best() -> str:
    """The quickest that is installed."""
    try:
        _import_soxr()
    except ImportError:
        return OWN
    return SOXR


def converted(pieces: Iterable[Floats], sr: int, new_sr: int, resampler: str) -> Iterator[Floats]:
    """Convert a sound to another sampling rate, in memory for a piece.

    Parameters
    ----------
    pieces : iterable of ndarray, shape (n_samples,), float32
        The sound, in pieces of any lengths.
    sr, new_sr : int
        Present and wanted rate in Hz.
    resampler : {"soxr HQ", "specdemo"}
        Both are linear in phase. That of this package is nearer to the sound (see
        `specdemo.audio.conversion`); soxr, 60 dB from it at worst, takes a third of its time or less.

    Yields
    ------
    ndarray, shape (n_samples,)
        Together ceil(n_samples * new_sr / sr) of them.

    Raises
    ------
    ImportError
        When the corpus was begun with soxr, and it is not installed here.
    """
    if resampler == OWN:
        return conversion.converted(pieces, sr, new_sr)
    return _by_soxr(_import_soxr(), pieces, sr, new_sr)


def _by_soxr(soxr: Any, pieces: Iterable[Floats], sr: int, new_sr: int) -> Iterator[Floats]:
    stream = soxr.ResampleStream(sr, new_sr, 1, dtype="float32", quality=QUALITY)
    n_samples = n_done = 0
    for piece in pieces:
        n_samples += len(piece)
        y = stream.resample_chunk(np.ascontiguousarray(piece))
        n_done += len(y)
        if len(y):
            yield y
    # It rounds the number of samples to the nearest, and may give one too few.
    n_left = -(-n_samples * new_sr // sr) - n_done
    y = stream.resample_chunk(np.zeros(0, np.float32), last=True)[:n_left]
    yield np.concatenate([y, np.zeros(n_left - len(y), np.float32)])


def _import_soxr() -> Any:
    try:
        import soxr
    except ImportError as error:
        raise ImportError(
            "soxr, with which these features were begun, is not installed: pip install 'specdemo[corpus]'"
        ) from error
    return soxr
