"""One recording to what is stored of it, piece by piece, in memory for a piece."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from specdemo._types import Array, Floats
from specdemo.audio import files
from specdemo.audio._views import Source
from specdemo.audio.remarks import at_rest, limits
from specdemo.corpus.bands import Pieces, numbers
from specdemo.corpus.codes import ByteCode, HalfCode
from specdemo.corpus.planning import status
from specdemo.corpus.resampling import OWN, converted
from specdemo.formats import MelFormat
from specdemo.formats.melformat import TOO_LOUD

# Samples of a piece, of all channels: a sentence of speech is one.
PIECE = 2**18

# A rate far beyond audio, in Hz: a header that has a higher one is damaged.
HIGHEST_RATE = 10_000_000

FLAC = b"fLaC"


class Unclear(Exception):
    """The quick way of reading does not say what is wrong: the careful one does."""


def features_of(
    folder: Path, path: str, fmt: MelFormat, code: ByteCode | HalfCode, resampler: str = OWN
) -> tuple[dict[str, Any], list[Array]]:
    """What is known of a recording, and its features as they are stored, a list of blocks.

    Raises
    ------
    OSError, ImportError, ValueError, TypeError, RuntimeError
        When it cannot be read, or has no features.
    """
    whole = folder / path
    if status(whole) is None:
        raise ValueError("is no file, or a link to one that is missing")
    try:
        return _features_of(whole, path, fmt, code, resampler, _quick)
    except Unclear:
        return _features_of(whole, path, fmt, code, resampler, _careful)


def check_rate(sr: int) -> None:
    """Raise when a header has a rate that no recording has."""
    if sr > HIGHEST_RATE:
        raise ValueError(f"its rate must be at most {HIGHEST_RATE} Hz; got {sr}")


def _features_of(
    whole: Path, path: str, fmt: MelFormat, code: ByteCode | HalfCode, resampler: str, way: Any
) -> tuple[dict[str, Any], list[Array]]:
    with whole.open("rb") as file:
        there = os.fstat(file.fileno())
        row = {"path": path, "size": there.st_size, "mtime_ns": there.st_mtime_ns}
        if row["size"] == 0:
            raise ValueError("is empty: it has 0 bytes")
        row["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with way(file) as reader:
            return _read(reader, row, fmt, code, resampler)


def _read(
    reader: Any, row: dict[str, Any], fmt: MelFormat, code: ByteCode | HalfCode, resampler: str
) -> tuple[dict[str, Any], list[Array]]:
    measured, new_sr = _Measured(reader), round(fmt.sr)
    check_rate(reader.sr)
    if new_sr > files.MOST_FROM_FILE * reader.sr:
        raise ValueError(
            f"its rate must be at least {new_sr / files.MOST_FROM_FILE:g} Hz; got {reader.sr}"
        )
    same = reader.sr == new_sr
    pieces = Pieces(measured if same else converted(measured, reader.sr, new_sr, resampler))
    taken: dict[str, Any] = {}
    stored = [_encoded(code, A) for A in numbers(fmt, pieces, taken)]
    row |= {"sr": reader.sr, **measured.row(), **taken}
    row |= {"n_samples": pieces.n_samples, "n_frames": sum(map(len, stored))}
    return row, stored


def _encoded(code: ByteCode | HalfCode, A: Floats) -> Array:
    """Numbers as they are stored; one that is none would poison the statistics of the corpus."""
    stored = code.encode(A)
    if not np.isfinite(A.sum()) or not np.isfinite(stored).all():
        raise ValueError(f"makes numbers that {stored.dtype} does not have, such as NaN or Inf")
    return stored


class _Measured:
    """The pieces of a recording, in one channel, which are checked and measured as they pass."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._n_samples, self._squares = 0, 0.0
        # For each end of the range: its value, and how often samples rest there.
        self._ends = {"low": (0.0, 0), "high": (0.0, 0)}

    def __iter__(self) -> Iterator[Floats]:
        n_wanted = max(1, PIECE // self._reader.channels)
        while (channels := self._reader.read(n_wanted)).shape[-1]:
            x = channels[0]
            if len(channels) > 1:
                x = channels.mean(axis=0, dtype=np.float64).astype(np.float32)
            self._measure(x)
            yield x
            if channels.shape[-1] < n_wanted:
                break
        self._problem = self._reader.shortfall()
        if self._n_samples == 0:
            raise ValueError("holds no samples" + (f": {self._problem}" if self._problem else ""))

    def row(self) -> dict[str, Any]:
        """What was measured, and remarks on it."""
        remarks = [self._problem] if self._problem else []
        remarks += limits(self._n_samples / self._reader.sr, self._ends.values())
        rms = float(np.sqrt(self._squares / self._n_samples))
        return {"peak": self._peak, "rms": rms, "remarks": remarks}

    @property
    def _peak(self) -> float:
        return max(abs(value) for value, _ in self._ends.values())

    def _measure(self, x: Floats) -> None:
        ends = {"low": float(x.min()), "high": float(x.max())}
        if not np.isfinite(list(ends.values())).all():
            raise ValueError("is damaged: some of its samples are NaN or Inf")
        for name, value in ends.items():
            farthest, n_at_rest = self._ends[name]
            if abs(value) > abs(farthest):
                n_at_rest = 0
            if abs(value) >= abs(farthest):
                self._ends[name] = value, n_at_rest + at_rest(x, value)
        if self._peak > TOO_LOUD:
            raise ValueError(f"its samples must lie within -1 and 1; they reach {self._peak:.4g}")
        self._n_samples += len(x)
        self._squares += float(np.square(x).sum())  # pairwise: single precision is enough


@contextmanager
def _careful(file: IO[bytes]) -> Iterator[Any]:
    """Whatever can be read, with what is wrong of it."""
    with files._open(Source(file, {})) as reader:
        yield reader


@contextmanager
def _quick(file: IO[bytes]) -> Iterator[Any]:
    """FLAC by libsndfile, which reads from the file itself: a third less work.

    Raises
    ------
    Unclear
        When it is another format, or anything is unusual.
    """
    head = file.read(len(FLAC))
    file.seek(0)
    soundfile = _soundfile()
    if head != FLAC or soundfile is None:
        raise Unclear
    try:
        # Of the system's file, which is what libsndfile reads: Python's is ahead of it.
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        with soundfile.SoundFile(file.fileno(), closefd=False) as opened:
            yield _Quick(opened)
    except soundfile.SoundFileError as error:
        raise Unclear from error


class _Quick:
    """A reader of a recording that is as its header has it, or `Unclear` is raised."""

    def __init__(self, opened: Any) -> None:
        self._opened, self._n_left = opened, opened.frames
        self.sr, self.channels = opened.samplerate, opened.channels
        if not 0 < opened.frames < 2**40:
            raise Unclear

    def read(self, n: int) -> Array:
        """The next `n` samples of every channel; fewer at the end."""
        n = min(n, self._n_left)
        out = np.empty((n, self.channels), np.float32)
        if n and len(self._opened.read(out=out)) < n:
            raise Unclear
        self._n_left -= n
        return out.T

    def shortfall(self) -> None:
        """Nothing is missing, or `Unclear` is raised."""
        if len(self._opened.read(1)):
            raise Unclear


@cache
def _soundfile() -> Any:
    try:
        import soundfile
    except (ImportError, OSError):
        return None
    return soundfile
