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

import os
import struct
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PCM, IEEE_FLOAT, EXTENSIBLE = 1, 3, 0xFFFE

# What is not linear, by the names that programs call it: to be converted before it is read.
OTHERS = {2: "Microsoft ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 85: "MP3"}

# The tail of the extensible format's GUIDs, after the two bytes that hold the plain format's tag.
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")

# What programs that write into a pipe, and so cannot know the number of bytes, put in its place:
# FFmpeg the largest number there is, SoX a page less than 2 GB.
UNKNOWN_SIZES = (0xFFFFFFFF, 0x7FFFF000)


@dataclass(frozen=True)
class Format:
    """What the `fmt ` chunk says of the samples."""

    tag: int
    channels: int
    sr: int
    bits: int

    @property
    def frame_bytes(self):
        """Bytes that one sample of every channel takes."""
        return self.channels * (self.bits // 8)


def read_wav(path, offset=0.0, duration=None):
    """Read a WAV file.

    Parameters
    ----------
    path : path-like
    offset, duration : float
        Start and length of the part to read, in s; by default everything.

    Returns
    -------
    x : ndarray, shape (channels, n_samples), float32
        Samples in [-1, 1].
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    ValueError
        When the file is no WAV file, is damaged, or holds samples of an unknown kind.

    Warns
    -----
    UserWarning
        When the file ends before its header says so; what is there is returned.
    """
    path = Path(path)
    with path.open("rb") as file:
        fmt, start, n_bytes = _find_samples(file, path)
        n_frames = n_bytes // fmt.frame_bytes
        first = min(n_frames, round(offset * fmt.sr))
        last = n_frames if duration is None else min(n_frames, first + round(duration * fmt.sr))
        file.seek(start + first * fmt.frame_bytes)
        raw = file.read((last - first) * fmt.frame_bytes)
    samples = _decode(raw, fmt)
    return samples.reshape(-1, fmt.channels).T, fmt.sr


def write_wav(path, x, sr, overwrite=False):
    """Write samples as a 16-bit WAV file, in one step: a reader never sees half a file.

    Parameters
    ----------
    path : path-like
    x : ndarray, shape (channels, n_samples)
        Samples in [-1, 1].
    sr : int
        Sampling rate in Hz.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    FileExistsError
        When the file exists and `overwrite` is False.
    """
    path = Path(path)
    data = wav_bytes(x, sr)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        if overwrite:
            os.replace(temporary, path)
        else:
            _move_to_new(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def wav_bytes(x, sr):
    """The bytes of a 16-bit WAV file with samples `x`, shape (channels, n_samples), in [-1, 1]."""
    channels = x.shape[0]
    if 2 * x.size >= 2**32 - 36:
        raise ValueError(f"x is too long for a WAV file, which holds 4 GB: it has {x.size} samples")
    # Both ends of the 16-bit range: -1 is -32768, and +1 is clipped to 32767.
    samples = np.clip(np.round(x.T * 32768.0), -32768, 32767).astype("<i2").tobytes()
    header = struct.pack("<HHIIHH", PCM, channels, sr, sr * channels * 2, channels * 2, 16)
    chunks = b"WAVE" + _chunk(b"fmt ", header) + _chunk(b"data", samples)
    return _chunk(b"RIFF", chunks)


def _chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _move_to_new(temporary, path):
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise FileExistsError(f"{path} exists; pass overwrite=True to replace it") from None
    except OSError:
        # A file system without hard links: the check and the move are two steps there.
        if path.exists():
            raise FileExistsError(f"{path} exists; pass overwrite=True to replace it") from None
        os.replace(temporary, path)


def _find_samples(file, path):
    """Return the format, and where the samples start and how many bytes of them there are."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    riff = file.read(12)
    if not is_wav(riff):
        raise ValueError(f"{path.name} is no WAV file: it does not start with a RIFF/WAVE header")
    streamed = riff[4:8] in (b"\0" * 4, b"\xff" * 4)
    fmt, long_length, cut = None, None, ""
    for name, start, length in _chunks(file):
        if name == b"fmt ":
            fmt = _parse_format(file.read(min(length, 40)), path)
        elif name == b"ds64" and riff[:4] != b"RIFF":
            long_length = _parse_long_length(file.read(min(length, 16)), path)
        elif name == b"data":
            if fmt is None:
                raise ValueError(f"{path.name} is damaged: its samples come before their format")
            if length == 0xFFFFFFFF and long_length is not None:
                length = long_length
            return fmt, start, _available(length, size - start, fmt, streamed, path)
        elif length > size - start:
            cut = (f": its chunk {name.decode('ascii', 'replace')!r} promises {length} bytes, "
                   f"{size - start} are there")
    raise ValueError(f"{path.name} is damaged: it ends before its samples begin{cut}")


def is_wav(head):
    """Whether a file that starts with these 12 bytes calls itself a WAV file."""
    return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE"


def _chunks(file):
    """Yield name, start and length of every chunk; the file may be read in between."""
    while len(head := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", head)
        start = file.tell()
        yield name, start, length
        file.seek(start + length)
        # Chunks of odd length are followed by a zero, which some programs forget.
        if length % 2 and file.read(1) != b"\0":
            file.seek(start + length)


def _parse_long_length(body, path):
    """Bytes of samples in an RF64 file, where 32 bits do not hold them."""
    if len(body) < 16:
        raise ValueError(f"{path.name} is damaged: its ds64 chunk has {len(body)} of 16 bytes")
    return struct.unpack("<QQ", body)[1]


def _parse_format(body, path):
    if len(body) < 16:
        raise ValueError(f"{path.name} is damaged: its format chunk has {len(body)} of 16 bytes")
    tag, channels, sr, _, frame_bytes, bits = struct.unpack("<HHIIHH", body[:16])
    if tag == EXTENSIBLE and body[26:40] == GUID_TAIL:
        tag = struct.unpack("<H", body[24:26])[0]
    if (tag, bits) not in _DECODERS:
        known = "8, 16, 24, 32 bit integer and 32, 64 bit float"
        kind = f"{tag} ({OTHERS[tag]})" if tag in OTHERS else tag
        raise ValueError(f"{path.name} holds samples of format {kind} with {bits} bits; known are "
                         f"{known}: convert it to one of them first")
    if channels == 0 or sr == 0:
        raise ValueError(f"{path.name} is damaged: it says {channels} channels at {sr} Hz")
    fmt = Format(tag, channels, sr, bits)
    # A zero says nothing. Anything else means samples in places where nobody would look for them.
    if frame_bytes not in (0, fmt.frame_bytes):
        raise ValueError(f"{path.name} is damaged: it says {channels} channels of {bits} bits "
                         f"in {frame_bytes} bytes")
    return fmt


def _available(promised, present, fmt, streamed, path):
    """Bytes of samples that are there; the header of a stream may not know how many."""
    unknown = promised in UNKNOWN_SIZES or (promised == 0 and streamed)
    if promised > present and not unknown:
        warnings.warn(f"{path.name} ends early: its header promises {promised} bytes of samples, "
                      f"{present} are there", stacklevel=5)
    n_bytes = present if unknown else min(promised, present)
    n_bytes -= n_bytes % fmt.frame_bytes
    if n_bytes == 0:
        raise ValueError(f"{path.name} holds no samples")
    return n_bytes


def _decode(raw, fmt):
    # A 64-bit sample beyond the range of float32 becomes Inf, which is refused like any other.
    with np.errstate(over="ignore"):
        return _DECODERS[fmt.tag, fmt.bits](raw).astype(np.float32, copy=False)


def _decode_24(raw):
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
