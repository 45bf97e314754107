"""WAV files written by hand, byte by byte."""

import struct

import numpy as np

from specdemo.audio.wav import EXTENSIBLE, GUID_TAIL, IEEE_FLOAT, PCM

# A ramp over all but the loudest level, exact in 8 bits and so in every kind of sample.
RAMP = np.arange(-128, 128, 8) / 128

ENCODERS = {
    (PCM, 8): lambda x: (x * 2**7 + 128).astype(np.uint8).tobytes(),
    (PCM, 16): lambda x: (x * 2**15).astype("<i2").tobytes(),
    (PCM, 24): lambda x: b"".join(int(v * 2**23).to_bytes(3, "little", signed=True) for v in x),
    (PCM, 32): lambda x: (x * 2**31).astype("<i4").tobytes(),
    (IEEE_FLOAT, 32): lambda x: x.astype("<f4").tobytes(),
    (IEEE_FLOAT, 64): lambda x: x.astype("<f8").tobytes(),
}


def chunk(name, body, size=None):
    size = len(body) if size is None else size
    return name + struct.pack("<I", size) + body + b"\0" * (len(body) % 2)


def fmt(tag=PCM, channels=1, sr=8000, bits=16, frame=None):
    frame = channels * bits // 8 % 2**16 if frame is None else frame
    rate = sr * frame % 2**32
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, sr, rate, frame, bits))


def extensible_fmt(tag, channels, sr, bits, tail=GUID_TAIL):
    frame = channels * bits // 8
    plain = struct.pack("<HHIIHH", EXTENSIBLE, channels, sr, sr * frame, frame, bits)
    return chunk(b"fmt ", plain + struct.pack("<HHIH", 22, bits, 0, tag) + tail)


def riff(*chunks, size=None, name=b"RIFF"):
    body = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(body) if size is None else size) + body


def rf64(*chunks, n_bytes=0, name=b"RF64"):
    """A file of the kind that may be longer than 4 GB: sizes of 64 bits in a chunk of their own."""
    sizes = chunk(b"ds64", struct.pack("<QQQI", 1000, n_bytes, 0, 0))
    return riff(sizes, *chunks, size=0xFFFFFFFF, name=name)


DATA = chunk(b"data", ENCODERS[PCM, 16](RAMP))
