"""Reading and writing WAV files: a RIFF header, and samples of eight kinds.

Written out here because this is where recordings go wrong most often: headers that lie about sizes,
that stop half way, or that name a kind of sample that is not PCM.

References
----------
Microsoft & IBM 1991, "Multimedia Programming Interface and Data Specifications 1.0";
Microsoft 1994, "New Multimedia Data Types and Data Techniques" (the extensible format);
European Broadcasting Union 2018, "EBU Tech 3306: RF64", and ITU-R BS.2088 (BW64), for files
beyond 4 GB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specdemo._types import Floats
from specdemo.audio._containers import UNKNOWN
from specdemo.audio._views import View

PCM, IEEE_FLOAT, EXTENSIBLE = 1, 3, 0xFFFE

# Hz, of one channel of 16 bits: the header also has the bytes a second, in 32 bits.
HIGHEST_RATE = 2**31 - 1

# What is not linear, by the names that programs call it: read by soundfile, if it is there.
OTHERS = {
    2: "Microsoft ADPCM",
    6: "A-law",
    7: "mu-law",
    17: "IMA ADPCM",
    49: "GSM 6.10",
    80: "MP2",
    85: "MP3",
    255: "AAC",
}

# The tail of the extensible format's GUIDs, after the two bytes that hold the plain format's tag.
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


@dataclass(frozen=True)
class Format:
    """What the `fmt ` chunk says of the samples."""

    tag: int
    channels: int
    sr: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        """Bytes that one sample of every channel takes."""
        return self.channels * -(-self.bits // 8)


class OtherKind(ValueError):
    """Samples of a kind that is not read here; a decoder may know it."""


class WavReader:
    """The samples of a WAV file, one after the other.

    Parameters
    ----------
    view : View
    name : str
        What messages call the file.

    Attributes
    ----------
    sr, channels : int

    Raises
    ------
    OtherKind
        When the samples are of a kind that is not read here.
    ValueError
        When the file is not a WAV file, is damaged, or holds no samples.
    """

    def __init__(self, view: View, name: str) -> None:
        self._view, self._name = view, name
        self._fmt, start, promised = _find_samples(view, name)
        present = view.size - start
        n_bytes = present if promised is None else min(promised, present)
        self._at, self._end = start, start + n_bytes - n_bytes % self._fmt.frame_bytes
        if self._at >= self._end:
            raise ValueError(f"{name} holds no samples")
        self._problem = _problem(view, start, promised, present)
        self.sr, self.channels = self._fmt.sr, self._fmt.channels

    @property
    def n_samples(self) -> int:
        """Samples of every channel that are left to be read."""
        return (self._end - self._at) // self._fmt.frame_bytes

    def skip(self, n: int) -> None:
        """Leave out the next `n` samples."""
        self._at = min(self._end, self._at + n * self._fmt.frame_bytes)

    def read(self, n: int | None = None) -> NDArray[np.float32]:
        """Read `n` samples of every channel, or all; fewer are left at the end.

        Returns
        -------
        ndarray of float32, shape (channels, n_samples)
        """
        n_bytes = self._end - self._at
        if n is not None:
            n_bytes = min(n_bytes, n * self._fmt.frame_bytes)
        self._view.seek(self._at)
        raw = self._view.read(n_bytes)
        if len(raw) < n_bytes:
            raw = raw[: len(raw) - len(raw) % self._fmt.frame_bytes]
            self._end = self._at + len(raw)
            self._problem = "ends early: it became shorter while it was read"
        self._at += len(raw)
        return _decode(raw, self._fmt).reshape(-1, self._fmt.channels).T

    def shortfall(self) -> str | None:
        """Say what is missing of a file that was read to its end, or None."""
        return f"{self._name} {self._problem}" if self._problem else None

    def close(self) -> None:
        """Nothing was opened here."""


def wav_bytes(x: Floats, sr: int) -> bytes:
    """The bytes of a 16-bit WAV file with samples `x`, shape (channels, n_samples), in [-1, 1]."""
    channels = x.shape[0]
    if 2 * x.size >= 2**32 - 36:
        raise ValueError(f"x is too long for a WAV file, which holds 4 GB: it has {x.size} samples")
    # Both ends of the 16-bit range: -1 is -32768, and +1 is clipped to 32767.
    samples = np.clip(np.round(x.T * 32768.0), -32768, 32767).astype("<i2").tobytes()
    header = struct.pack("<HHIIHH", PCM, channels, sr, sr * channels * 2, channels * 2, 16)
    chunks = b"WAVE" + _chunk(b"fmt ", header) + _chunk(b"data", samples)
    return _chunk(b"RIFF", chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _find_samples(view: View, name: str) -> tuple[Format, int, int | None]:
    """Return the format, where the samples start, and the bytes of them that are promised.

    The bytes are None when the header of a stream does not know how many there are.
    """
    view.seek(0)
    riff = view.read(12)
    if not is_wav(riff):
        raise ValueError(f"{name} is not a WAV file: it does not start with a RIFF/WAVE header")
    streamed = riff[4:8] in (b"\0" * 4, b"\xff" * 4)
    fmt, long_length, cut = None, None, ""
    for chunk, start, length in _chunks(view):
        if chunk == b"fmt ":
            fmt = _parse_format(view.read(min(length, 40)), name)
        elif chunk == b"ds64" and riff[:4] != b"RIFF":
            long_length = _parse_long_length(view.read(min(length, 16)), name)
        elif chunk == b"data":
            if fmt is None:
                raise ValueError(f"{name} is damaged: its samples come before their format")
            if length == 0xFFFFFFFF and long_length is not None:
                length = long_length
            unknown = length in UNKNOWN
            if length == 0:  # there are none, or the writer was stopped
                unknown = streamed or not _is_over(view, start)
            return fmt, start, None if unknown else length
        elif length > view.size - start:
            cut = (
                f": its chunk {chunk.decode('ascii', 'replace')!r} promises {length} bytes, "
                f"{view.size - start} are there"
            )
    raise ValueError(f"{name} is damaged: it ends before its samples begin{cut}")


def _problem(view: View, start: int, promised: int | None, present: int) -> str | None:
    """Say that the file ends before its header says so, or goes on behind that; or None."""
    if promised is None:
        return None
    if promised > present:
        return f"ends early: its header promises {promised} bytes of samples, {present} are there"
    # A writer that stopped half way, or met the limit of 4 GB, leaves a number that is too small.
    end = start + promised
    for at in (end, end + promised % 2):
        if _may_go_on(view, at):
            return _second_recording(view, at)
    return (
        f"goes on where its header says that it ends: behind {promised} bytes of samples are "
        f"{present - promised} more, which are left out; `sox --ignore-length` reads them"
    )


def _second_recording(view: View, at: int) -> str | None:
    """Say that samples come a second time, in another chunk or another file; or None."""
    view.seek(at)
    for chunk, start, length in _chunks(view):
        if chunk == b"data":
            return (
                f"goes on with a second chunk of samples, {min(length, view.size - start)} bytes "
                "behind the first, which are left out"
            )
        if chunk in (b"RIFF", b"RF64", b"BW64"):
            return "goes on with a second WAV file behind the first, which is left out"
        if not _is_name(chunk):
            break
    return None


def _is_name(chunk: bytes) -> bool:
    return all(32 <= byte < 127 for byte in chunk)


def _may_go_on(view: View, at: int) -> bool:
    """Whether the samples may have ended there: before a chunk, a tag, padding or nothing."""
    view.seek(at)
    return view.read(4) == b"\0" * 4 or _is_over(view, at)


def _is_over(view: View, at: int) -> bool:
    """Whether no samples can be there, but a chunk, a tag or nothing."""
    view.seek(at)
    name = view.read(8)[:4]
    return view.size - at < 8 or name[:3] == b"TAG" or _is_name(name)


def is_wav(head: bytes) -> bool:
    """Whether a file that starts with these 12 bytes calls itself a WAV file."""
    return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE"


def _chunks(view: View) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and length of every chunk; the view may be read in between."""
    while len(head := view.read(8)) == 8:
        name, length = struct.unpack("<4sI", head)
        start = view.tell()
        yield name, start, length
        view.seek(start + length)
        # Chunks of odd length are followed by a zero, which some programs forget.
        if length % 2 and view.read(1) != b"\0":
            view.seek(start + length)


def _parse_long_length(body: bytes, name: str) -> int:
    """Bytes of samples in an RF64 file, where 32 bits do not hold them."""
    if len(body) < 16:
        raise ValueError(f"{name} is damaged: its ds64 chunk has {len(body)} of 16 bytes")
    return struct.unpack("<QQ", body)[1]


def _parse_format(body: bytes, name: str) -> Format:
    if len(body) < 16:
        raise ValueError(f"{name} is damaged: its format chunk has {len(body)} of 16 bytes")
    tag, channels, sr, _, frame_bytes, bits = struct.unpack("<HHIIHH", body[:16])
    if tag == EXTENSIBLE and body[26:40] == GUID_TAIL:
        tag = struct.unpack("<H", body[24:26])[0]
    if channels == 0 or sr == 0:
        raise ValueError(f"{name} is damaged: it says {channels} channels at {sr} Hz")
    fmt = Format(tag, channels, sr, bits)
    # A zero says nothing. Anything else means samples in places where nobody would look for them.
    if tag in (PCM, IEEE_FLOAT) and frame_bytes not in (0, fmt.frame_bytes):
        raise ValueError(
            f"{name} is damaged: it says {channels} channels of {bits} bits in {frame_bytes} bytes"
        )
    if (tag, bits) not in _DECODERS:
        known = "8, 16, 24, 32 bit integer and 32, 64 bit float"
        kind = f"{tag} ({OTHERS[tag]})" if tag in OTHERS else tag
        raise OtherKind(
            f"{name} holds samples of format {kind} with {bits} bits; known are {known}"
        )
    return fmt


def _decode(raw: bytes, fmt: Format) -> NDArray[np.float32]:
    # A 64-bit sample beyond the range of float32 becomes Inf, which is refused like any other.
    with np.errstate(over="ignore"):
        return _DECODERS[fmt.tag, fmt.bits](raw).astype(np.float32, copy=False)


def _decode_24(raw: bytes) -> Floats:
    # Three bytes become the upper three of four, so that the sign comes out right.
    wide = np.zeros((len(raw) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    return wide.view("<i4")[:, 0] / 2.0**31


_DECODERS = {
    (PCM, 8): lambda raw: (np.frombuffer(raw, np.uint8) - np.float32(128)) / np.float32(2**7),
    (PCM, 16): lambda raw: np.frombuffer(raw, "<i2") / np.float32(2**15),
    (PCM, 24): _decode_24,
    (PCM, 32): lambda raw: np.frombuffer(raw, "<i4") / 2.0**31,
    (IEEE_FLOAT, 32): lambda raw: np.frombuffer(raw, "<f4"),
    (IEEE_FLOAT, 64): lambda raw: np.frombuffer(raw, "<f8"),
}
