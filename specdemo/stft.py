"""The short-time Fourier transform: one frozen object that knows the grid and its own inverse.

Chapter 1 builds `STFT.forward` and `STFT.inverse` by hand, step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from specdemo import _checks
from specdemo._frames import (
    NOLA_TOLERANCE,
    blocks,
    check_invertible,
    evenness,
    frame,
    frames_first,
    one_over,
    overlap_added,
    overlapping_blocks,
    sample_blocks,
    window_sum,
)
from specdemo._padding import PAD_MODES, Padding, checked_pad
from specdemo._types import Array, Complexes, Floats
from specdemo._windows import make_window, window_values

__all__ = ["STFT", "frame"]

# Frames of the longest block of a stream, which is there to save memory.
MOST_FRAMES_PER_BLOCK = 10**5


@dataclass(frozen=True)
class STFT:
    """The short-time Fourier transform on a fixed time-frequency grid, and its inverse.

    Parameters
    ----------
    sr : float
        Sampling rate in Hz.
    n_fft : int
        Length of the window and of the DFT, in samples.
    hop_length : int
        Samples from one frame to the next.
    window : str, tuple or sequence of float
        A name or (name, parameter) that `scipy.signal.get_window` knows, taken periodic; a tuple
        that ends in "symmetric", such as ("hann", "symmetric"); "povey", the window of Kaldi; or
        the `win_length` values of the window themselves.
    center : bool
        Whether frame `m` is centred on sample `m * hop_length`, with `n_fft // 2` samples of
        padding at both ends; otherwise it starts there, without padding.
    win_length : int, optional
        Samples of the window, at most `n_fft`; it stands in the middle of the frame, between zeros.
        Default: `n_fft`.
    pad : int or (int, int), optional
        Samples put before and behind the signal, each at most `n_fft`, whatever `center` says; a
        pair when they differ.
    pad_mode : {"constant", "reflect", "symmetric", "edge"}
        What these samples are: zeros, the signal mirrored on its last sample or behind it, or its
        last sample over and over, as in `numpy.pad`.

    Raises
    ------
    TypeError, ValueError
        When a setting is of the wrong kind, or zero, negative, fractional or unknown.

    Notes
    -----
    The convention is librosa's, as are the words `win_length` and `pad_mode`: the phase of a bin
    refers to the first sample of its frame. Nothing is scaled: a sine of amplitude `a` on the centre
    of a bin has the magnitude `a / 2 * sum(window)`.

    Examples
    --------
    >>> stft = STFT(sr=8000, n_fft=256, hop_length=64)
    >>> x = np.sin(2 * np.pi * 1000 / 8000 * np.arange(1000))
    >>> X = stft.forward(x)
    >>> X.shape
    (129, 16)
    >>> float(stft.frequencies[abs(X[:, 8]).argmax()])
    1000.0
    >>> np.allclose(stft.inverse(X, length=1000), x)
    True
    """

    sr: float
    n_fft: int = 1024
    hop_length: int = 256
    _: KW_ONLY
    window: str | tuple[Any, ...] | ArrayLike = "hann"
    center: bool = True
    win_length: int | None = None
    pad: int | tuple[int, int] | None = None
    pad_mode: str = "constant"

    def __post_init__(self) -> None:
        _checks.settle(self)
        _checks.rate("sr", self.sr)
        _checks.integer("n_fft", self.n_fft, 2, _checks.LONGEST_FRAME)
        _checks.integer("hop_length", self.hop_length, 1, _checks.LONGEST_FRAME)
        _checks.flag("center", self.center)
        if self.win_length is not None:
            _checks.integer("win_length", self.win_length, 2, self.n_fft)
        object.__setattr__(self, "pad", checked_pad(self.pad, self.n_fft))
        _checks.choice("pad_mode", self.pad_mode, PAD_MODES)
        if not isinstance(self.window, (str, tuple)):
            # A tuple, so that two equal settings compare and hash as equal.
            object.__setattr__(self, "window", window_values(self.window, self._width))
        # An unknown window is refused here, not at the first use.
        self.window_array  # noqa: B018

    @cached_property
    def window_array(self) -> NDArray[np.float64]:
        """The window's values and the zeros around it, read-only float64 of shape (n_fft,)."""
        before = (self.n_fft - self._width) // 2
        window = np.zeros(self.n_fft)
        window[before : before + self._width] = make_window(self.window, self._width)
        window.setflags(write=False)
        return window

    @property
    def _width(self) -> int:
        """Samples of the window."""
        return self.n_fft if self.win_length is None else self.win_length

    @property
    def n_bins(self) -> int:
        """Number of frequencies from 0 Hz to the Nyquist frequency, n_fft // 2 + 1."""
        return self.n_fft // 2 + 1

    @property
    def frequencies(self) -> Floats:
        """Centre frequencies of the bins in Hz, shape (n_bins,)."""
        return np.arange(self.n_bins) * (self.sr / self.n_fft)

    @property
    def _padding(self) -> Padding:
        """What is put before the signal, and behind it."""
        pad = self.pad
        if pad is None:
            pad = self.n_fft // 2 if self.center else 0
        before, behind = pad if isinstance(pad, tuple) else (pad, pad)
        return Padding(before, behind, self.pad_mode)

    def times(self, n_frames: int) -> Floats:
        """Times of the centres of the first frames.

        Parameters
        ----------
        n_frames : int
            How many frames, from the first on.

        Returns
        -------
        ndarray, shape (n_frames,)
            In s from the first sample of the signal.
        """
        n_frames = _checks.integer("n_frames", n_frames, 0, _checks.MOST_FRAMES)
        # Centred frames of odd length are said to lie on the sample that their middle is nearest to.
        centred = self.pad is None and self.center
        start = 0 if centred else self.n_fft / 2 - self._padding.before
        return (np.arange(n_frames) * self.hop_length + start) / self.sr

    def n_frames(self, n_samples: int) -> int:
        """Number of frames of a signal.

        Parameters
        ----------
        n_samples : int
            Its samples.

        Returns
        -------
        int
        """
        n_samples = _checks.integer("n_samples", n_samples)
        padding = self._padding.before + self._padding.behind
        padded = n_samples + padding
        if padded < self.n_fft:
            least = f"n_fft = {self.n_fft}"
            if padding:
                least = f"{self.n_fft - padding} (n_fft without the padding)"
            raise ValueError(
                f"x must have at least {least} samples, a whole frame; got {n_samples}"
            )
        return 1 + (padded - self.n_fft) // self.hop_length

    @cached_property
    def _headroom(self) -> float:
        """How many times as large as a signal its transform may become, with some to spare."""
        return 4 * max(1.0, float(np.abs(self.window_array).sum()))

    @cached_property
    def is_invertible(self) -> bool:
        """Whether every sample is seen by a window that is not zero there (NOLA)."""
        return self._evenness > NOLA_TOLERANCE

    @cached_property
    def _evenness(self) -> float:
        return evenness(self.window_array, self.hop_length)

    def forward(self, x: ArrayLike) -> Complexes:
        """Transform a signal.

        Parameters
        ----------
        x : ndarray, shape (..., n_samples)
            Signal, float32 or float64.

        Returns
        -------
        ndarray, shape (..., n_bins, n_frames)
            complex64 for float32, complex128 for float64. In memory the bins of one frame lie side
            by side.

        Raises
        ------
        TypeError, ValueError
            When `x` is not a signal of finite floats, samples last, or shorter than a frame.
        """
        x = _checks.signal("x", x, self._headroom)
        self.n_frames(x.shape[-1])  # Refuses a signal that is too short for a frame.
        return self._transform(self._padding.around(x))

    def stream(
        self, x: ArrayLike | Iterable[ArrayLike], *, frames_per_block: int = 512
    ) -> Iterator[Complexes]:
        """Transform a signal of any length block by block, in memory for one block.

        Parameters
        ----------
        x : ndarray, shape (..., n_samples), or iterable of such arrays
            Signal, float32 or float64, whole or in pieces of any lengths, such as those that
            `load_blocks` reads from a file. Pieces agree in dtype and in all axes but the last.
            Arrays in a list are pieces, one behind the other: pass channels as
            `numpy.stack(channels)`.
        frames_per_block : int
            Frames of every block but the last, which may have fewer.

        Returns
        -------
        iterator of ndarray, shape (..., n_bins, at most frames_per_block)
            Blocks which, put side by side along the last axis, are `forward` of the whole signal,
            to rounding. Samples are taken from `x`, and checked, only as a block needs them.

        Raises
        ------
        TypeError, ValueError
            Here or, if samples are to blame, when their block is asked for.

        Examples
        --------
        The log-mel spectrogram of an hour of sound. A fixed `ref` and no `top_db` give every block
        the same scale::

            sounds, sr = load_blocks("hour.wav")
            bank = MelBank(STFT(sr, n_fft=2048, hop_length=512))
            for X in bank.stft.stream(sounds):
                D = amplitude_to_db(bank.forward(np.abs(X)), ref=1.0, top_db=None)

        >>> stft = STFT(sr=8000, n_fft=256, hop_length=64)
        >>> [X.shape for X in stft.stream(np.zeros(8000), frames_per_block=50)]
        [(129, 50), (129, 50), (129, 26)]
        """
        frames_per_block = _checks.integer(
            "frames_per_block", frames_per_block, 1, MOST_FRAMES_PER_BLOCK
        )
        step = frames_per_block * self.hop_length
        return self._stream(sample_blocks(x, step, self._headroom), step)

    def _stream(self, pieces: Iterator[Array], step: int) -> Iterator[Complexes]:
        overlap = max(0, self.n_fft - self.hop_length)
        too_short = True
        for samples in overlapping_blocks(self._padding.stream(pieces), step + overlap, overlap):
            if samples.shape[-1] >= self.n_fft:
                too_short = False
                yield self._transform(samples)
        if too_short:
            padding = self._padding.before + self._padding.behind
            self.n_frames(samples.shape[-1] - padding)  # Refuses them with the words of `forward`.

    def _transform(self, x: Array) -> Complexes:
        """Transform all whole frames of `x`, the first of which starts with its first sample."""
        frames = frames_first(x, self.n_fft, self.hop_length)
        n_frames = frames.shape[-2]
        window = self.window_array.astype(x.dtype)
        X = np.empty((*x.shape[:-1], n_frames, self.n_bins), np.result_type(x.dtype, np.complex64))
        for block in blocks(n_frames):
            X[..., block, :] = scipy.fft.rfft(frames[..., block, :] * window)
        return X.swapaxes(-1, -2)

    def magnitude(self, x: ArrayLike) -> Floats:
        """The magnitude of the transform of a signal, `abs(forward(x))`.

        Parameters
        ----------
        x : ndarray, shape (..., n_samples)

        Returns
        -------
        ndarray, shape (..., n_bins, n_frames)
        """
        return np.abs(self.forward(x))

    def inverse(self, X: ArrayLike, *, length: int | None = None) -> Floats:
        """Return the signal whose transform is nearest to `X` in the least-squares sense.

        Parameters
        ----------
        X : ndarray, shape (..., n_bins, n_frames)
            Complex transform. It need not be the transform of any signal.
        length : int, optional
            Samples to return, at most as many as the frames reach; they do not depend on it.
            Default: the shortest signal that has n_frames frames.

        Returns
        -------
        ndarray, shape (..., length)
            float32 for complex64, float64 for complex128. Samples at the ends that every window
            weighs with zero are zero, such as the first when `center` is False and the window is
            Hann's.

        Raises
        ------
        ValueError
            When window and hop leave samples unseen, or `length` goes beyond the last frame.

        Warns
        -----
        UserWarning
            When the hop is so long that between two frames samples lie under almost no window.

        Notes
        -----
        Exact for the transform of a signal, whatever `length`. That padding before a signal copies
        it is made use of. What the padding behind copies is not: nothing tells where it begins, and
        the frames know the signal without it. Where the sum of squared windows is next to nothing, as
        at the ends when `center` is False, what is only an estimate may come back thousands of
        times too loud: for those there is `invert_spectrogram` with their phases and `n_iter=0`.

        References
        ----------
        Griffin & Lim 1984, eq. 6: windowed overlap-add, divided by the sum of squared windows.
        """
        X = _checks.array("X", X, ndim=2, kind="complex")
        _checks.axis_length("X", X, -2, self.n_bins, "bins")
        self._check_invertible()
        length = self._check_length(length, X.shape[-1])
        n_frames, dtype = X.shape[-1], X.real.dtype
        window = self.window_array.astype(dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            x = overlap_added(X.swapaxes(-1, -2), window, self.hop_length)
            ends = self._padding.open_ends(self._shortest(n_frames), x.shape[-1])
            ends.fold(x)
            total = window_sum(self.window_array, self.hop_length, n_frames)
            ends.fold(total)
            scale = one_over(total, self.window_array, dtype)
            x = (x[..., ends.inside] * scale[ends.inside])[..., :length]
        return _checks.in_range("X", X, x)

    def _check_invertible(self) -> None:
        """Raise a ValueError when no frame sees some samples, and warn when they hardly do."""
        check_invertible(self.window_array, self.hop_length, self._evenness)

    def _shortest(self, n_frames: int) -> int:
        """Samples of the shortest signal that has `n_frames` frames."""
        return max(1, self._reach(n_frames) - self._padding.behind)

    def _longest(self, n_frames: int) -> int:
        """Samples of the longest signal that has `n_frames` frames and lies in their reach."""
        reach = self._reach(n_frames)
        return max(1, min(reach, reach - self._padding.behind + self.hop_length - 1))

    def _check_length(self, length: int | None, n_frames: int) -> int:
        """Return `length`, or its default, after checking that `n_frames` frames reach so far."""
        reach = self._reach(n_frames)
        if reach < 1:
            raise ValueError(
                f"the frames must reach the signal; got 1 frame, all of it in pad = {self.pad}"
            )
        if length is None:
            return self._shortest(n_frames)
        length = _checks.integer("length", length)
        if length > reach:
            raise ValueError(
                f"length must be at most {reach}, as far as {n_frames} frames reach; got {length}"
            )
        return length

    def _reach(self, n_frames: int) -> int:
        """Samples up to the end of the last frame."""
        return (n_frames - 1) * self.hop_length + self.n_fft - self._padding.before
