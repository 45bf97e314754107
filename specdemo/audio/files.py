"""Recordings from files, whole or block by block, and signals into files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from specdemo import _checks
from specdemo._types import Floats, Recording, Target
from specdemo.audio import _containers, _parts, _saving, filters, wav
from specdemo.audio._decoding import Decoder
from specdemo.audio._views import Source, View
from specdemo.audio.clips import clips
from specdemo.audio.filters import resample, whole_rate

# Seconds that no recording has (30 years): times beyond are refused before they overflow.
LONGEST = 1e9

# How many times as many samples a conversion may make of a recording: its header may lie about its
# rate.
MOST_FROM_FILE = 100

# Bytes at the beginning of a file that tell what it is.
HEAD = 1024

# Rate, samples, and what is missing behind them.
Block = tuple[int, NDArray[np.float32], str | None]


def load(
    path: Recording,
    *,
    sr: int | None = None,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
) -> tuple[NDArray[np.float32], int]:
    """Load a recording.

    Parameters
    ----------
    path : str, path-like, binary file or bytes-like
        A file, or the name of a bundled clip, such as "speech"; `~` is the home directory. A file
        object, such as an io.BytesIO or a member of a ZIP archive, is read from its present
        position on, and is left open and, if it can seek, at that position. What is bytes-like is of
        the type bytes, bytearray or memoryview. Plain WAV is read here;
        other formats (FLAC, OGG, MP3, compressed WAV, ...) by the package soundfile, when it is
        installed. The content tells the format, not the name.
    sr : int, optional
        Sampling rate to convert to, in Hz. Default: as recorded.
    mono : bool
        Whether to average the channels.
    offset, duration : float
        Start and length of the part to load, in s. Default: everything.

    Returns
    -------
    x : ndarray of float32, shape (n_samples,) or (channels, n_samples)
        Channels when `mono` is False and there are several, in the order of WAV files whatever the
        format: left, right, centre, bass, back, side.
        In [-1, 1], except from files that store floats, and a little from lossy ones.
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    FileNotFoundError
        When there is neither such a file nor such a clip.
    ImportError
        When the format needs soundfile, which is not installed.
    ValueError
        When the file is not audio, is damaged, or has no samples in the part asked for, or when
        `sr` is more than 100 times the rate of the recording.

    Warns
    -----
    UserWarning
        When the part asked for is not complete, since the file ends before its header says so or
        is damaged; what is there is returned. When a bundled clip is loaded, and there is a file of
        that name, too.

    Notes
    -----
    A part of a recording equals that part of the whole, from sample `round(offset * sr)` on, also
    at another `sr`: the filters of the conversion reach beyond the part. In a codec with memory,
    such as MP3, it is decoded from the beginning, and what comes before `offset` is dropped.

    What is allocated is a small multiple of the size of a WAV file, whatever its header says; of
    a compressed file, of the sound that is in it.

    Examples
    --------
    >>> x, sr = load("speech", duration=1.0)
    >>> x.shape, sr
    ((22050,), 22050)
    """
    source = Source(path, clips())
    mono = _checks.flag("mono", mono)
    offset, duration = _check_part(offset, duration)
    if sr is not None:
        sr = whole_rate("sr", sr, maximum=filters.MOST_RATE)
    with _open(source) as recording:
        recorded_sr = recording.sr
        new_sr = recorded_sr if sr is None else sr
        up, down = _ratio(recorded_sr, new_sr, source)
        part = _parts.part(offset, duration, recorded_sr, up, down)
        recording.skip(part.skip)
        x = recording.read(part.wanted)
        # At the rate that is asked for, before it is converted.
        n_samples = -(-x.shape[-1] * up // down)
        complete = part.stop is not None and n_samples >= part.stop
        problem = None if complete else recording.shortfall()
    if n_samples <= part.lead or part.length == 0:
        raise _no_samples(source, offset, duration, problem)
    if problem:
        warnings.warn(problem, stacklevel=2)
    x = _finish(x, source, mono)
    if up == down:
        return x, recorded_sr
    try:
        y = resample(x, recorded_sr, new_sr)
    except _checks.OutOfRange as error:
        name = source.name
        raise ValueError(f"{name} is too loud to be converted to {sr} Hz: {error}") from error
    return np.array(y[..., part.lead : part.stop], np.float32), new_sr


def load_blocks(
    path: Recording,
    *,
    block_seconds: float = 10.0,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
) -> tuple[Iterator[NDArray[np.float32]], int]:
    """Load a recording piece by piece, for one that is too long to be held in memory.

    Parameters
    ----------
    path : str, path-like, binary file or bytes-like
        As for `load`. A file object must stay open while blocks are asked for. Between two of them it
        is where it was at first, and may be moved.
    block_seconds : float
        Length of a block in s, rounded to whole samples, of which it has at least one.
    mono : bool
        Whether to average the channels.
    offset, duration : float
        Start and length of the part to load, in s. Default: everything.

    Returns
    -------
    blocks : iterator of ndarray, float32
        Shape (n_samples,), or (channels, n_samples) when `mono` is False and there are several.
        Put side by side, they are what `load` returns. A block is read when it is asked for.
    sr : int
        Sampling rate in Hz: as recorded, since the filters of `resample` reach across blocks.

    Raises
    ------
    FileNotFoundError, ImportError, ValueError
        As for `load`; of samples that are NaN or Inf, when their block is asked for.

    Warns
    -----
    UserWarning
        As for `load`, with the last block.

    See Also
    --------
    STFT.stream : The transform of such blocks.

    Examples
    --------
    >>> blocks, sr = load_blocks("speech", block_seconds=1.0, duration=2.5)
    >>> [len(x) / sr for x in blocks]
    [1.0, 1.0, 0.5]
    """
    source = Source(path, clips())
    block_seconds = _checks.number("block_seconds", block_seconds, above=0, maximum=LONGEST)
    mono = _checks.flag("mono", mono)
    offset, duration = _check_part(offset, duration)
    blocks = _read_blocks(source, block_seconds, offset, duration)
    # Here, so that a part without samples is refused at once.
    sr, first, problem = next(blocks)
    if first.shape[-1] == 0:
        raise _no_samples(source, offset, duration, problem)
    return _finish_blocks(chain([(sr, first, problem)], blocks), source, mono), sr


def save(path: Target, x: ArrayLike, sr: float) -> None:
    """Save a signal as a 16-bit WAV file, whole or not at all.

    Parameters
    ----------
    path : str, path-like or binary file
        A name that ends in .wav or .wave, or has no such ending; `~` is the home directory. A file
        of that name is replaced, in one step, so that nobody reads half of it, and keeps its
        permissions; of a link, the file that it points to. A file object is written to at its
        present position, and left open.
    x : ndarray, shape (n_samples,) or (channels, n_samples)
        Samples in [-1, 1]; louder ones are refused, since they would be clipped.
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    FileNotFoundError
        When the folder is missing.
    PermissionError
        When the file, or its folder, may only be read.
    ValueError
        When the name ends like that of another format, or the samples do not fit into the file.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()  # or the name of a file, such as "tone.wav"
    >>> save(file, 0.5 * np.sin(2 * np.pi * 440 / 8000 * np.arange(8000)), 8000)
    >>> x, sr = load(file.getvalue())
    >>> x.shape, sr
    ((8000,), 8000)
    """
    target = _saving.target(path)
    x = _checks.signal("x", x)
    sr = whole_rate("sr", sr)
    if x.ndim > 2 or (x.ndim == 2 and x.shape[0] > 256):
        raise ValueError(f"x must have shape (n_samples,) or (channels, n_samples); got {x.shape}")
    peak = float(np.abs(x).max())
    if peak > 1:
        shown = f"{peak:.4g}" if peak >= 1.001 else repr(peak)  # enough digits to be more than 1
        raise ValueError(f"x must stay in [-1, 1]; its peak is {shown}: divide it by that first")
    if sr * len(np.atleast_2d(x)) * 2 >= 2**32:
        raise ValueError(f"sr must fit into the header of a WAV file; got {sr}")
    _saving.write(target, wav.wav_bytes(np.atleast_2d(x), sr))


def _check_part(offset: float, duration: float | None) -> tuple[float, float | None]:
    offset = _checks.number("offset", offset, minimum=0, maximum=LONGEST)
    if duration is not None:
        duration = _checks.number("duration", duration, above=0, maximum=LONGEST)
    return offset, duration


def _ratio(recorded_sr: int, sr: int, source: Source) -> tuple[int, int]:
    """How many samples at `sr` Hz stand for how many of the recording, in lowest terms."""
    if sr > MOST_FROM_FILE * recorded_sr:
        raise ValueError(
            f"sr must be at most {MOST_FROM_FILE} times {recorded_sr} Hz, the rate of "
            f"{source.name}; got {sr}"
        )
    if sr == recorded_sr:
        return 1, 1
    return filters.ratio(recorded_sr, sr, "sr", f"the rate of {source.name}")


@contextmanager
def _open(source: Source) -> Iterator[Any]:
    """Yield a reader of the recording: an object with sr, channels, skip, read and shortfall."""
    with source.open() as view:
        reader = _reader(view, source)
        try:
            yield reader
        finally:
            reader.close()


def _reader(view: View, source: Source) -> Any:
    head = view.read(HEAD)
    if not head:
        raise ValueError(
            f"{source.name} is empty: it has 0 bytes"
            + ("" if source.path else " from its present position on")
        )
    try:
        if wav.is_wav(head):
            return wav.WavReader(view, source.name)
    except wav.OtherKind as error:
        return _decoder(view, source, str(error))
    kind = _containers.describe(head, source.suffix)
    if _containers.other(head):
        raise ValueError(f"{source.name} {_containers.other(head)}")
    if misread := _containers.misread(view):
        raise _refused(f"{source.name} is {misread}, which cannot be read here", source)
    if kind is not None:
        return _decoder(view, source, f"{source.name} is {kind}, which cannot be read here")
    if source.suffix in (".wav", ".wave"):
        return _decoder(
            view,
            source,
            f"{source.name} is not a WAV file: it does not start with a RIFF/WAVE header",
        )
    return Decoder(view, source)


def _decoder(view: View, source: Source, otherwise: str) -> Any:
    """What soundfile reads, although we do not; `otherwise` says why, if it does not either."""
    try:
        return Decoder(view, source)
    except (ImportError, ValueError) as error:
        hint = "install soundfile, or " if isinstance(error, ImportError) else ""
        raise _refused(otherwise, source, hint) from error


def _refused(why: str, source: Source, hint: str = "") -> ValueError:
    return ValueError(f"{why}: {hint}convert it first, {_containers.way_out(source, why)}")


def _no_samples(
    source: Source, offset: float, duration: float | None, problem: str | None
) -> ValueError:
    part = f"offset = {offset} s" + (f", duration = {duration} s" if duration else "")
    why = f"; {problem}" if problem else ""
    return ValueError(f"{source.name} has no samples in the part asked for: {part}{why}")


def _finish(x: Floats, source: Source, mono: bool) -> NDArray[np.float32]:
    """Check the samples of a file, and average the channels when that is asked for."""
    if not np.isfinite(x).all():
        raise ValueError(f"{source.name} is damaged: some of its samples are NaN or Inf")
    if x.shape[0] == 1:
        return np.array(x[0])
    if mono:
        # In double precision, where the sum of the loudest floats is finite.
        return x.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.array(x, order="C")


def _read_blocks(
    source: Source, seconds: float, offset: float, duration: float | None
) -> Iterator[Block]:
    """Yield sampling rate, samples, and what is missing behind them or None, block by block."""
    with _open(source) as recording:
        sr = recording.sr
        recording.skip(round(offset * sr))
        length = max(1, round(seconds * sr))
        left = None if duration is None else round(duration * sr)
        if left == 0:
            yield sr, np.empty((recording.channels, 0), np.float32), None
        while left is None or left > 0:
            wanted = length if left is None else min(length, left)
            x = recording.read(wanted)
            ended = x.shape[-1] < wanted
            problem = recording.shortfall() if ended else None
            source.put_back()
            yield sr, x, problem
            if ended:
                return
            left = None if left is None else left - wanted


def _finish_blocks(
    blocks: Iterator[Block], source: Source, mono: bool
) -> Iterator[NDArray[np.float32]]:
    for _, x, problem in blocks:
        if problem:
            warnings.warn(problem, stacklevel=2)
        if x.shape[-1]:
            yield _finish(x, source, mono)
