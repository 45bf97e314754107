"""The short-time Fourier transform: one frozen object that knows the grid and its own inverse.

Chapter 1 builds `STFT.forward` and `STFT.inverse` by hand, step by step.
"""

from __future__ import annotations

import warnings
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import scipy

from specdemo import _checks

# Frames are transformed in blocks that stay in the processor's cache: 64 to 128 are equally good.
BLOCK = 96

# A window whose largest value is smaller than this, or larger than its inverse, loses what it sees.
LEAST_WEIGHT = 1e-6

# Blocks of a stream that are longer than this have missed its point.
MOST_FRAMES_PER_BLOCK = 10**5

# The least sum of squared windows, relative to the largest, that can be divided by: SciPy's NOLA
# tolerance.
NOLA_TOLERANCE = 1e-10

# The least sum of squared windows, relative to the largest, that an estimate is divided by. Errors
# of frames that know nothing of each other add up in squares, so that under the sum t they come
# back 1 / sqrt(t) as loud: at this floor 10 times, or 20 dB louder than where the sum is largest,
# and without one 10^5 times at the rim of a Hann window. Samples below it come back too soft. With
# 0.1, spectrograms of speech and music without centring were fitted 1 dB worse; 0.001 let peaks of
# three to six times the sound's through.
ESTIMATE_FLOOR = 0.01

# Kaldi's "povey" window is Hann's, symmetric, to this power.
POVEY_EXPONENT = 0.85

# What stands beyond the two ends of a signal, in the words of NumPy and librosa.
PAD_MODES = ("constant", "reflect", "symmetric", "edge")


def frame(x, frame_length, hop_length):
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


def frames_first(x, frame_length, hop_length):
    """Frames along the second axis from the end: a read-only view (..., n_frames, frame_length)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, frame_length, axis=-1)
    return windows[..., ::hop_length, :]


def blocks(n_frames):
    """Slices that cover `n_frames` frames, at most `BLOCK` at a time."""
    return [slice(i, min(i + BLOCK, n_frames)) for i in range(0, n_frames, BLOCK)]


def overlap_add(hops, frames, first=0):
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


def n_hops(n_frames, frame_length, hop_length):
    """Rows that `overlap_add` needs for `n_frames` frames."""
    return n_frames - 1 + -(-frame_length // hop_length)


def one_over(total, window, dtype):
    """One over sums of squared windows; zero where these are zero, or a rounding error of `dtype`.

    Dividing by such an error gives noise.
    """
    seen = total > np.finfo(dtype).eps ** 2 * np.max(window**2)
    return np.divide(1, total, out=np.zeros_like(total), where=seen).astype(dtype)


def window_sum(stft, n_frames):
    """Sum of squared windows under `n_frames` frames on a grid, float64 of shape (n_samples,)."""
    total = np.zeros((n_hops(n_frames, stft.n_fft, stft.hop_length), stft.hop_length))
    squared = stft.window_array**2
    for block in blocks(n_frames):
        count = block.stop - block.start
        overlap_add(total, np.broadcast_to(squared, (count, stft.n_fft)), block.start)
    return total.reshape(-1)


def one_over_enough(total, dtype, largest=None):
    """One over sums of squared windows, for estimates: at least `ESTIMATE_FLOOR` is divided by.

    It is a part of `largest`, by default of the largest sum.
    """
    largest = total.max() if largest is None else largest
    return (1 / np.maximum(total, ESTIMATE_FLOOR * largest)).astype(dtype)


def evenness(window, hop_length):
    """The least sum of squared windows under endless frames, relative to the largest."""
    overlap = np.zeros((n_hops(1, len(window), hop_length), hop_length))
    overlap_add(overlap, window[np.newaxis] ** 2)
    total = overlap.sum(axis=0)
    return float(total.min() / total.max())


@dataclass(frozen=True)
class Ends:
    """Which samples of a padded signal are the signal, and of which of them the others are copies.

    Parameters
    ----------
    inside : slice
        The signal.
    before, behind : ndarray of int, or None
        For every sample before and behind the signal, the place inside that it copies. None: it
        copies nothing, but is zero.

    Notes
    -----
    With `P` the matrix that pads a signal, the signal whose frames are nearest to given ones is
    `P.T y / P.T w`: the windowed frames `y`, overlap-added, and the sums `w` of squared windows,
    both folded back onto the samples that the padding copies. It is Griffin & Lim 1984, eq. 6, for
    signals whose ends are mirrored.
    """

    inside: slice
    before: np.ndarray | None = None
    behind: np.ndarray | None = None

    def fold(self, x):
        """Add what lies on the padding to the samples that it copies, in place (`P.T`)."""
        if self.before is not None:
            behind = slice(self.inside.stop, self.inside.stop + len(self.behind))
            for one in x.reshape(-1, x.shape[-1]):
                np.add.at(one, self.before, one[: self.inside.start].copy())
                np.add.at(one, self.behind, one[behind].copy())

    def extend(self, x):
        """Make the padding of the signal in place, and silence behind it (`P`)."""
        x[: self.inside.start] = 0 if self.before is None else x[self.before]
        x[self.inside.stop :] = 0
        if self.behind is not None:
            x[self.inside.stop : self.inside.stop + len(self.behind)] = x[self.behind]


def sample_blocks(x, n_samples, headroom):
    """The samples of an array, `n_samples` at a time, or of an iterable of arrays, as they come.

    Each block is checked when its turn comes: checking an array as a whole would take a byte of
    memory per sample. Blocks without samples are left out.
    """
    if _checks.is_array(x) and not isinstance(x, np.ndarray):
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


def _checked(blocks, headroom):
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


def _not_turned(pieces):
    """Pass pieces of a signal on, unless the first looks samples first; others may be short."""
    for i, piece in enumerate(pieces):
        if i == 0:
            _checks.time_is_last("x", getattr(piece, "shape", ()))
        yield piece


def overlapping_blocks(blocks, n_samples, overlap):
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
    The convention is librosa's, whose words `win_length` and `pad_mode` are, too: the phase of a bin refers to the first
    sample of its frame. Nothing is scaled: a sine of amplitude `a` on the centre of a bin has the
    magnitude `a / 2 * sum(window)`.

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

    sr: float = 22050
    n_fft: int = 1024
    hop_length: int = 256
    window: str | tuple = "hann"
    center: bool = True
    _: KW_ONLY
    win_length: int | None = None
    pad: int | tuple[int, int] | None = None
    pad_mode: str = "constant"

    def __post_init__(self):
        _checks.settle(self)
        _checks.rate("sr", self.sr)
        _checks.integer("n_fft", self.n_fft, 2, _checks.LONGEST_FRAME)
        _checks.integer("hop_length", self.hop_length, 1, _checks.LONGEST_FRAME)
        _checks.flag("center", self.center)
        if self.win_length is not None:
            _checks.integer("win_length", self.win_length, 2, self.n_fft)
        if isinstance(self.pad, (tuple, list)):
            _check_pair("pad", self.pad, self.n_fft)
            object.__setattr__(self, "pad", tuple(self.pad))
        elif self.pad is not None:
            _checks.integer("pad", self.pad, 0, self.n_fft)
        _checks.choice("pad_mode", self.pad_mode, PAD_MODES)
        if not isinstance(self.window, (str, tuple)):
            # A tuple, so that two equal settings compare and hash as equal.
            object.__setattr__(self, "window", _window_values(self.window, self._width))
        # An unknown window is refused here, not at the first use.
        self.window_array  # noqa: B018

    @cached_property
    def window_array(self):
        """The window's values and the zeros around it, read-only float64 of shape (n_fft,)."""
        before = (self.n_fft - self._width) // 2
        window = np.zeros(self.n_fft)
        window[before : before + self._width] = _make_window(self.window, self._width)
        window.setflags(write=False)
        return window

    @property
    def _width(self):
        """Samples of the window."""
        return self.n_fft if self.win_length is None else self.win_length

    @property
    def n_bins(self):
        """Number of frequencies, from 0 Hz to the Nyquist frequency: n_fft // 2 + 1."""
        return self.n_fft // 2 + 1

    @property
    def frequencies(self):
        """Centre frequencies of the bins in Hz, shape (n_bins,)."""
        return np.arange(self.n_bins) * (self.sr / self.n_fft)

    @property
    def padding(self):
        """Samples put before the signal, and behind it: two ints."""
        pad = self.pad
        if pad is None:
            pad = self.n_fft // 2 if self.center else 0
        return pad if isinstance(pad, tuple) else (pad, pad)

    def times(self, n_frames):
        """Times in s of the centres of the first `n_frames` frames, shape (n_frames,)."""
        n_frames = _checks.integer("n_frames", n_frames, 0, _checks.MOST_FRAMES)
        # Centred frames of odd length are said to lie on the sample that their middle is nearest to.
        centred = self.pad is None and self.center
        start = 0 if centred else self.n_fft / 2 - self.padding[0]
        return (np.arange(n_frames) * self.hop_length + start) / self.sr

    def n_frames(self, n_samples):
        """Number of frames of a signal of `n_samples` samples."""
        n_samples = _checks.integer("n_samples", n_samples)
        padded = n_samples + sum(self.padding)
        if padded < self.n_fft:
            least = f"n_fft = {self.n_fft}"
            if any(self.padding):
                least = f"{self.n_fft - sum(self.padding)} (n_fft without the padding)"
            raise ValueError(f"x must have at least {least} samples, a whole frame; got {n_samples}")
        return 1 + (padded - self.n_fft) // self.hop_length

    @cached_property
    def headroom(self):
        """How many times as large as a signal its transform may become, with some to spare."""
        return 4 * max(1.0, float(np.abs(self.window_array).sum()))

    @cached_property
    def is_invertible(self):
        """Whether every sample is seen by a window that is not zero there (NOLA)."""
        return self._evenness > NOLA_TOLERANCE

    @cached_property
    def _evenness(self):
        return evenness(self.window_array, self.hop_length)

    def forward(self, x):
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
        """
        x = _checks.signal("x", x, self.headroom)
        self.n_frames(x.shape[-1])  # Refuses a signal that is too short for a frame.
        return self._transform(self._pad(x))

    def stream(self, x, frames_per_block=512):
        """Transform a signal of any length block by block, in memory for one block.

        Parameters
        ----------
        x : ndarray, shape (..., n_samples), or iterable of such arrays
            Signal, float32 or float64, whole or in pieces of any lengths, such as those that
            `load_blocks` reads from a file. Pieces agree in dtype and in all axes but the last.
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
        frames_per_block = _checks.integer("frames_per_block", frames_per_block, 1,
                                           MOST_FRAMES_PER_BLOCK)
        step = frames_per_block * self.hop_length
        return self._stream(sample_blocks(x, step, self.headroom), step)

    def _stream(self, pieces, step):
        overlap = max(0, self.n_fft - self.hop_length)
        too_short = True
        for samples in overlapping_blocks(self._padded(pieces), step + overlap, overlap):
            if samples.shape[-1] >= self.n_fft:
                too_short = False
                yield self._transform(samples)
        if too_short:
            self.n_frames(samples.shape[-1])  # Refuses them with the words of `forward`.

    def _padded(self, pieces):
        """The pieces of a signal between the padding at its two ends.

        The padding of an end is made of the samples next to it: these are waited for at the
        beginning, and remembered at the end.
        """
        first = next(pieces, None)
        if first is None:
            raise ValueError("x is empty: it has no samples")
        before, enough = self.padding[0], self._copied
        head = [first]
        while sum(piece.shape[-1] for piece in head) < enough:
            piece = next(pieces, None)
            if piece is None:  # a signal that mirrors itself more than once
                yield self._pad(np.concatenate(head, axis=-1))
                return
            head.append(piece)
        head = np.concatenate(head, axis=-1)
        yield self._pad(head[..., :enough])[..., :before]
        tail = head[..., :0]
        for piece in chain([head], pieces):
            yield piece
            tail = np.concatenate([tail, piece[..., -enough:]], axis=-1)[..., -enough:]
        yield self._pad(tail)[..., before + tail.shape[-1] :]

    @property
    def _copied(self):
        """Samples at an end that its padding is made of: a mirror stands on one more."""
        return max(self.padding) + 1 if self.pad_mode in ("reflect", "symmetric") else 1

    def _pad(self, x):
        """A signal with its padding."""
        around = [(0, 0)] * (x.ndim - 1) + [self.padding]
        return np.pad(x, around, mode=self.pad_mode)

    def _transform(self, x):
        """Transform all whole frames of `x`, the first of which starts with its first sample."""
        frames = frames_first(x, self.n_fft, self.hop_length)
        n_frames = frames.shape[-2]
        window = self.window_array.astype(x.dtype)
        X = np.empty((*x.shape[:-1], n_frames, self.n_bins), np.result_type(x.dtype, np.complex64))
        for block in blocks(n_frames):
            X[..., block, :] = scipy.fft.rfft(frames[..., block, :] * window)
        return X.swapaxes(-1, -2)

    def magnitude(self, x):
        """The magnitude `abs(forward(x))` of a transform, shape (..., n_bins, n_frames)."""
        return np.abs(self.forward(x))

    def inverse(self, X, length=None):
        """Return the signal whose transform is nearest to `X` in the least-squares sense.

        Parameters
        ----------
        X : ndarray, shape (..., n_bins, n_frames)
            Complex transform. It need not be the transform of any signal.
        length : int, optional
            Samples to return, at most as many as the frames reach. Default: the shortest signal
            that has so many frames.

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
        Exact for the transform of a signal. Where the sum of squared windows is next to nothing, as
        at the ends when `center` is False, what is only an estimate may come back thousands of
        times too loud: for those there is `invert_spectrogram` with their phases and `n_iter=0`.

        References
        ----------
        Griffin & Lim 1984, eq. 6: windowed overlap-add, divided by the sum of squared windows.
        """
        X = _checks.array("X", X, ndim=2, kind="complex")
        _checks.axis_length("X", X, -2, self.n_bins, "bins")
        self.check_invertible()
        length = self.check_length(length, X.shape[-1])
        X = X.swapaxes(-1, -2)
        n_frames = X.shape[-2]
        dtype = X.real.dtype
        window = self.window_array.astype(dtype)
        rows = n_hops(n_frames, self.n_fft, self.hop_length)
        hops = np.zeros((*X.shape[:-2], rows, self.hop_length), dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for block in blocks(n_frames):
                frames = scipy.fft.irfft(X[..., block, :], self.n_fft)
                frames *= window
                overlap_add(hops, frames, block.start)
            x = hops.reshape(*hops.shape[:-2], -1)
            ends = self._ends(length, n_frames)
            ends.fold(x)
            x = x[..., ends.inside] * self._inverse_window_sum(n_frames, dtype, ends)[ends.inside]
        return _checks.in_range("X", X, x)

    def _ends(self, length, n_frames):
        """Where a signal lies under `n_frames` frames, and what its padding is; see `Ends`."""
        rows = n_hops(n_frames, self.n_fft, self.hop_length)
        before = self.padding[0]
        inside = slice(before, before + length)
        if self.pad_mode == "constant":
            return Ends(inside)
        places = np.pad(np.arange(length), self.padding, mode=self.pad_mode) + before
        places = places[: rows * self.hop_length]
        return Ends(inside, places[: inside.start], places[inside.stop :])

    def inverse_window_sum(self, n_frames, dtype=np.float64):
        """One over the sum of squared windows under `n_frames` frames; see `one_over`."""
        n_frames = _checks.integer("n_frames", n_frames, 1, _checks.MOST_FRAMES)
        return self._inverse_window_sum(n_frames, _checks.real_dtype("dtype", dtype))

    def _inverse_window_sum(self, n_frames, dtype, ends=None):
        """The same, where windows over the padding count for the samples that it copies."""
        total = window_sum(self, n_frames)
        if ends is not None:
            ends.fold(total)
        return one_over(total, self.window_array, dtype)

    def check_invertible(self):
        """Raise a ValueError when no frame sees some samples, and warn when they hardly do."""
        if not self.is_invertible:
            raise ValueError(
                f"the window of n_fft = {self.n_fft} samples with hop_length = {self.hop_length} "
                "cannot be inverted: some samples are weighted with zero in every frame; "
                "take a smaller hop_length"
            )
        if self._evenness < ESTIMATE_FLOOR:
            warnings.warn(
                f"hop_length = {self.hop_length} leaves samples that the window of n_fft = "
                f"{self.n_fft} samples hardly sees: unless the spectrogram is exact, they come back "
                f"wrong; take hop_length = {self._sound_hop()}",
                stacklevel=3,
            )

    def _sound_hop(self):
        """The longest of half the hop, a quarter and so on that leaves no sample nearly unseen."""
        hop_length = self.hop_length // 2
        while evenness(self.window_array, hop_length) < ESTIMATE_FLOOR:
            hop_length //= 2
        return hop_length

    def shortest(self, n_frames):
        """Samples of the shortest signal that has `n_frames` frames."""
        n_frames = _checks.integer("n_frames", n_frames)
        return max(1, self._reach(n_frames) - self.padding[1])

    def longest(self, n_frames):
        """Samples of the longest signal that has `n_frames` frames and lies in their reach."""
        n_frames = _checks.integer("n_frames", n_frames)
        reach = self._reach(n_frames)
        return max(1, min(reach, reach - self.padding[1] + self.hop_length - 1))

    def check_length(self, length, n_frames):
        """Return `length`, or its default, after checking that `n_frames` frames reach so far."""
        n_frames = _checks.integer("n_frames", n_frames)
        if length is None:
            return self.shortest(n_frames)
        length = _checks.integer("length", length)
        reach = self._reach(n_frames)
        if length > reach:
            raise ValueError(
                f"length must be at most {reach}, as far as {n_frames} frames reach; got {length}"
            )
        return length

    def _reach(self, n_frames):
        """Samples up to the end of the last frame."""
        return (n_frames - 1) * self.hop_length + self.n_fft - self.padding[0]


def _check_pair(name, value, maximum):
    if len(value) != 2:
        raise ValueError(f"{name} must be an int or two of them; got {value!r}")
    for samples in value:
        _checks.integer(name, samples, 0, maximum)


def _make_window(window, width):
    if window in ("hann", ("hann", "symmetric"), "povey"):
        # As scipy.signal has it, without the 0.4 s that importing scipy.signal takes.
        period = width if window == "hann" else width - 1
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / period)
        return hann**POVEY_EXPONENT if window == "povey" else hann
    if isinstance(window, tuple) and not (window and isinstance(window[0], str)):
        return np.array(_window_values(window, width))
    import scipy.signal

    try:
        # Digits, which older releases of SciPy take for the parameter of a Kaiser window.
        if isinstance(window, str) and not window[:1].isalpha():
            raise ValueError
        is_symmetric = isinstance(window, tuple) and window[-1] == "symmetric"
        name = (window[0] if len(window) == 2 else window[:-1]) if is_symmetric else window
        with np.errstate(all="ignore"):
            values = scipy.signal.get_window(name, width, fftbins=not is_symmetric)
    except (ValueError, TypeError) as error:
        raise ValueError(f"window is not known to scipy.signal.get_window: {window!r}") from error
    return _finite_window(values)


def _window_values(window, width):
    values = _checks.ndarray("window", window)
    if values.dtype.kind not in "fiu":
        raise TypeError(f"window must be a name, a tuple or {width} numbers; got {window!r}")
    if values.shape != (width,):
        raise ValueError(f"window must have shape ({width},), as many values as win_length (or "
                         f"n_fft) says; got {values.shape}")
    return tuple(_finite_window(values.astype(np.float64)).tolist())


def _finite_window(values):
    values = _checks.array("window", values)
    largest = np.abs(values).max()
    if not LEAST_WEIGHT <= largest <= 1 / LEAST_WEIGHT:
        raise ValueError(f"window must have a largest value between {LEAST_WEIGHT:g} and "
                         f"{1 / LEAST_WEIGHT:g} in magnitude; got {largest:.4g}")
    return values
