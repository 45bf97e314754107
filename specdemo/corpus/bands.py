"""The numbers of a format, block by block: of a recording of any length, in memory for a block.

They are those of `MelFormat.forward`, to rounding. Blocks that stay in the processor's cache take
half of the time that whole arrays take.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, tee
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import numpy as np
import scipy

from specdemo._frames import frames_first, overlapping_blocks
from specdemo._types import Array, Floats
from specdemo.formats import LogScale, MelFormat
from specdemo.formats.scale import DEVIATION_FLOOR

# Samples in the frames of a block, of which there are many more than samples of the sound.
BLOCK_SAMPLES = 2**17

# Bytes of a recording's logarithms that are held in memory; more go to the disk.
SPOOLED = 2**24


class Pieces:
    """Pieces of a sound, float32, whose samples are counted as they are taken."""

    def __init__(self, pieces: Iterable[Floats]) -> None:
        self._pieces = pieces
        self.n_samples = 0
        self.ended = False

    def __iter__(self) -> Iterator[Floats]:
        for piece in self._pieces:
            self.n_samples += len(piece)
            yield piece
        self.ended = True


def numbers(fmt: MelFormat, pieces: Pieces, taken: dict[str, Any]) -> Iterator[Floats]:
    """The numbers of a sound in blocks of shape (n_frames, n_mels), float32.

    Parameters
    ----------
    fmt : MelFormat
    pieces : Pieces
        Samples at the rate of the format, in pieces of any lengths.
    taken : dict
        Is given what the format takes away from an utterance, without which it cannot be had back:
        "largest", or "mean" and "std" of every band.
    """
    blocks = bands(fmt, pieces)
    if fmt.scale is None:
        return blocks
    if fmt.drop_last or fmt.blank_last is not None:
        blocks = _without_last(blocks)
    blocks = _scaled(fmt.scale, blocks, fmt.bank.n_mels, taken)
    if fmt.blank_last is None:
        return blocks
    return chain(blocks, [np.full((1, fmt.bank.n_mels), fmt.blank_last, np.float32)])


def bands(fmt: MelFormat, pieces: Pieces) -> Iterator[Floats]:
    """The bands of a sound, before they are scaled, in blocks of shape (n_frames, n_mels)."""
    gained: Iterator[Floats] = iter(pieces)
    if fmt.gain != 1:
        gained = (piece * np.float32(fmt.gain) for piece in pieces)
    means = None
    if fmt.remove_mean:
        gained, raw = tee(gained)
        means = _means(fmt, _frames(fmt, raw, pieces))
    bank, power = fmt.bank._bands.astype(np.float32), fmt.bank.power
    window = fmt.bank.stft.window_array.astype(np.float32)
    for frames in _frames(fmt, _emphasised(gained, fmt.preemphasis), pieces):
        X = scipy.fft.rfft(frames * window, overwrite_x=True)
        if means is not None:
            X -= next(means)
        S = np.square(X.real)
        S += np.square(X.imag)
        if fmt.eps:
            S += np.float32(fmt.eps)
        if power == 1:
            np.sqrt(S, out=S)
        elif power != 2:
            S **= np.float32(power / 2)
        yield (bank @ S.T).T


def _frames(fmt: MelFormat, pieces: Iterator[Floats], counted: Pieces) -> Iterator[Floats]:
    """The frames of a sound in blocks of shape (n_frames, n_fft), which are written over."""
    stft, n_done = fmt.bank.stft, 0
    step = max(1, BLOCK_SAMPLES // stft.n_fft) * stft.hop_length
    overlap = max(0, stft.n_fft - stft.hop_length)
    for samples in overlapping_blocks(_padded(fmt, pieces, counted), step + overlap, overlap):
        if len(samples) < stft.n_fft:
            continue
        frames = frames_first(samples, stft.n_fft, stft.hop_length)
        if fmt.fill == "silence" and counted.ended:
            frames = frames[: stft.n_frames(counted.n_samples) - n_done]
        n_done += len(frames)
        if len(frames):
            yield frames
    fmt.n_frames(max(1, counted.n_samples))  # refuses too few with the words of `forward`


def _padded(fmt: MelFormat, pieces: Iterator[Floats], counted: Pieces) -> Iterator[Floats]:
    """A sound between what stands before it and behind it: padding, and what fills frames."""
    padding = fmt.bank.stft._padding

    def zeros(n_zeros: Callable[[], int]) -> Iterator[Floats]:
        yield np.zeros(n_zeros(), np.float32)

    def filling() -> int:
        return fmt._filling(counted.n_samples)

    if fmt.fill == "silence":
        return padding.stream(chain(pieces, zeros(lambda: fmt.bank.stft.n_fft)))
    if fmt.fill == "zeros":
        return chain(padding.stream(pieces), zeros(filling))
    if fmt.fill == "front":  # as many as the length of the whole asks for
        whole = np.concatenate(list(pieces))
        return padding.stream(chain(zeros(filling), [whole]))
    return padding.stream(pieces)


def _emphasised(pieces: Iterator[Floats], preemphasis: float) -> Iterator[Floats]:
    if not preemphasis:
        yield from pieces
        return
    before = np.zeros(1, np.float32)
    for piece in pieces:
        joined = np.concatenate([before, piece])
        before = joined[-1:]
        yield joined[1:] - np.float32(preemphasis) * joined[:-1]


def _means(fmt: MelFormat, blocks: Iterator[Floats]) -> Iterator[Array]:
    """The transform of the mean of every frame; see `MelFormat._transform_of_means`."""
    stft = fmt.bank.stft
    width = stft.win_length or stft.n_fft
    first = (stft.n_fft - width) // 2
    window = np.fft.rfft(stft.window_array).astype(np.complex64)
    for frames in blocks:
        means = frames[:, first : first + width].mean(axis=1) * np.float32(1 - fmt.preemphasis)
        yield means[:, np.newaxis] * window


def _without_last(blocks: Iterator[Floats]) -> Iterator[Floats]:
    """All frames but the last."""
    held = None
    for block in blocks:
        if held is not None:
            yield held
        held = block
    if held is not None:
        yield held[:-1]


def _scaled(
    scale: LogScale, blocks: Iterator[Floats], n_mels: int, taken: dict[str, Any]
) -> Iterator[Floats]:
    """What `LogScale.forward` does, once what it asks of the whole utterance is known."""
    logarithms = (_logarithms(scale, M) for M in blocks)
    if not (scale.to_max or scale.below_max is not None or scale.per_band):
        yield from (_normalised(scale, A, 0.0, scale.mean, scale.std) for A in logarithms)
        return
    with SpooledTemporaryFile(SPOOLED) as file:
        kept = _Kept(file, logarithms, n_mels)
        mean, std = scale.mean, scale.std
        if scale.to_max:
            taken["largest"] = kept.largest
        if scale.per_band:
            mean, std = kept.statistics()
            taken |= {"mean": mean.tolist(), "std": std.tolist()}
        yield from (_normalised(scale, A, kept.largest, mean, std) for A in kept)


def _normalised(scale: LogScale, A: Floats, largest: float, mean: Any, std: Any) -> Floats:
    if scale.to_max:
        A, largest = A - np.float32(largest), 0.0
    if scale.below_max is not None:
        A = np.maximum(A, np.float32(largest - scale.below_max))
    A = A - np.asarray(mean, np.float32)
    A /= np.asarray(std, np.float32)
    return A if scale.clip is None else np.clip(A, *scale.clip, out=A)


def _logarithms(scale: LogScale, M: Floats) -> Floats:
    # Natural logarithms take a quarter of the time of those to base 10.
    A = np.log(scale._floored(M))
    A *= np.float32(scale.factor / (1 if scale.base == "e" else np.log(10)))
    return A


class _Kept:
    """The logarithms of an utterance, to be gone through again, with their largest.

    Parameters
    ----------
    file : file
        Where they are kept.
    blocks : iterator of ndarray, shape (n_frames, n_mels), float32
        They are taken at once.
    n_mels : int
    """

    def __init__(self, file: IO[bytes], blocks: Iterator[Floats], n_mels: int) -> None:
        self._file, self._n_mels = file, n_mels
        self.largest = -np.inf
        for A in blocks:
            with _naming_the_place():
                self._file.write(np.ascontiguousarray(A).data)
            self.largest = max(self.largest, float(A.max(initial=-np.inf)))

    def __iter__(self) -> Iterator[Floats]:
        self._file.seek(0)
        while data := self._file.read(BLOCK_SAMPLES // self._n_mels * self._n_mels * 4):
            yield np.frombuffer(data, np.float32).reshape(-1, self._n_mels)

    def statistics(self) -> tuple[Floats, Floats]:
        """Mean and deviation of every band, in double precision."""
        n_frames, total = 0, np.zeros(self._n_mels)
        for A in self:
            n_frames += len(A)
            total += A.sum(axis=0, dtype=np.float64)
        mean, squares = total / n_frames, np.zeros(self._n_mels)
        for A in self:
            squares += np.square(A - mean).sum(axis=0)
        return mean, np.sqrt(squares / (n_frames - 1)) + DEVIATION_FLOOR


@contextmanager
def _naming_the_place() -> Iterator[None]:
    """Say of an error that it is met in the folder of temporary files, and what to do."""
    try:
        yield
    except OSError as error:
        # Where no folder can be written to, Python says that a file is missing.
        code = errno.EIO if error.errno in (None, errno.ENOENT) else error.errno
        raise OSError(
            code,
            f"{error.strerror or error}, in {tempfile.tempdir or 'no folder'}, where temporary files "
            "go: have TMPDIR name a folder with room",
        ) from error
