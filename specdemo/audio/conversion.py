"""Conversion to another sampling rate, block by block and by the FFT: for recordings of any length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import gcd

import numpy as np
import scipy
from numpy.typing import NDArray

from specdemo._frames import overlapping_blocks
from specdemo._types import Floats

# The low-pass: attenuation in dB, and the frequencies, as parts of the lower Nyquist frequency, from
# which on it falls and at which it has fallen.
ATTENUATION_DB = 100
PASSED, STOPPED = 0.9, 1.0

# Samples, at the lower rate, after which the low-pass has died away.
REACH = 72

# Samples of a block, at the higher rate, are at least as many.
BLOCK = 2**13

# ... and at most as many: rates in the megahertz without a divisor in common would take gigabytes.
LONGEST_BLOCK = 2**23


def converted(pieces: Iterable[Floats], sr: int, new_sr: int) -> Iterator[Floats]:
    """Convert a sound to another sampling rate, in memory for a block.

    Parameters
    ----------
    pieces : iterable of ndarray, shape (n_samples,)
        The sound, float32 or float64, in pieces of any lengths.
    sr, new_sr : int
        Present and wanted rate in Hz.

    Yields
    ------
    ndarray, shape (n_samples,)
        Together ceil(n_samples * new_sr / sr) of them, whatever the pieces were.

    Raises
    ------
    ValueError
        When the rates are in the megahertz and have too small a divisor in common.

    Notes
    -----
    A block goes through the FFT, its bins below both Nyquist frequencies through the low-pass and
    through an inverse FFT of another length. What its ends make of it is dropped: blocks overlap by
    twice the reach of the low-pass (overlap-save). It is linear in phase, flat to 90 % of the lower
    Nyquist frequency and 100 dB down from there on, and costs a tenth of a polyphase filter between
    rates whose ratio has no small numbers.

    Examples
    --------
    >>> x = np.sin(2 * np.pi * 1000 / 16000 * np.arange(16000))
    >>> y = np.concatenate(list(converted([x], 16000, 22050)))
    >>> len(y)
    22050
    >>> expected = np.sin(2 * np.pi * 1000 / 22050 * np.arange(22050))
    >>> bool(np.abs(y - expected)[500:-500].max() < 1e-4)
    True
    """
    up, down = new_sr // gcd(sr, new_sr), sr // gcd(sr, new_sr)
    edge = -(-REACH // min(up, down))
    n_hops = max(4 * edge, -(-BLOCK // max(up, down)))
    n_hops = scipy.fft.next_fast_len(n_hops, real=True)
    if n_hops * max(up, down) > LONGEST_BLOCK:
        raise ValueError(
            f"a rate of {sr} Hz cannot be converted to {new_sr} Hz, with which it has too small a "
            "divisor in common: take a rate that has more of them"
        )
    inside = slice(edge * up, (n_hops - edge) * up)
    sound = _Padded(pieces, edge * down, n_hops * down)
    n_done = 0
    for block in overlapping_blocks(sound, n_hops * down, 2 * edge * down):
        if len(block) < n_hops * down:
            continue
        y = _through_lowpass(block, min(up, down) * n_hops, up * n_hops)[inside]
        y = y[: -(-sound.n_samples * up // down) - n_done]
        n_done += len(y)
        if len(y):
            yield y


class _Padded:
    """Pieces of a sound between zeros, whose samples are counted as they are taken."""

    def __init__(self, pieces: Iterable[Floats], n_before: int, n_behind: int) -> None:
        self._pieces, self._n_before, self._n_behind = pieces, n_before, n_behind
        self.n_samples = 0

    def __iter__(self) -> Iterator[Floats]:
        piece = None
        for piece in self._pieces:
            if self.n_samples == 0:
                yield np.zeros(self._n_before, piece.dtype)
            self.n_samples += len(piece)
            yield piece
        if piece is not None:
            yield np.zeros(self._n_behind, piece.dtype)


def _through_lowpass(x: Floats, n_slower: int, n_out: int) -> Floats:
    """A block at another rate: `n_slower` are its samples at the lower one."""
    response = _response(n_slower).astype(x.dtype)
    X = scipy.fft.rfft(x)
    Y = np.zeros(n_out // 2 + 1, X.dtype)
    Y[: len(response)] = X[: len(response)]
    Y[: len(response)] *= response * x.dtype.type(n_out / len(x))
    return scipy.fft.irfft(Y, n_out, overwrite_x=True)


@lru_cache(maxsize=8)
def _response(n_slower: int) -> NDArray[np.float64]:
    """The low-pass at the bins of a block that has `n_slower` samples at the lower rate."""
    import scipy.signal

    # Designed at twice the lower rate, whose Nyquist frequency is the lower rate.
    n_taps, beta = scipy.signal.kaiserord(ATTENUATION_DB, (STOPPED - PASSED) / 2)
    n_taps |= 1
    taps = scipy.signal.firwin(n_taps, (STOPPED + PASSED) / 4, window=("kaiser", beta))
    centred = np.zeros(2 * n_slower)
    centred[:n_taps] = taps
    response = scipy.fft.rfft(np.roll(centred, -(n_taps // 2))).real[: (n_slower + 1) // 2].copy()
    response.setflags(write=False)
    return response
