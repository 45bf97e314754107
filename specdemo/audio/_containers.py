"""What a file is, told from its first bytes, and how many samples its header promises."""

from __future__ import annotations

import shlex
import struct
from dataclasses import dataclass, replace

# Recordings that soundfile may not be able to read, by the bytes at a place of the file.
SIGNATURES = (
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska file"),
    (0, b"#!AMR", "an AMR recording"),
    (0, b"#!SILK", "a SILK recording"),
    (1, b"#!SILK", "a SILK recording"),
    (0, bytes.fromhex("3026b2758e66cf11"), "a WMA, WMV or ASF file"),
    (28, b"\x7fFLAC", "FLAC in an Ogg file"),
    (28, b"Speex   ", "Speex in an Ogg file"),
    (28, b"\x80theora", "video in an Ogg file"),
    (8, b"AVI ", "an AVI video"),
    (8, b"QLCM", "a QCP recording"),
    (0, b"ADIF", "an AAC recording"),
    (0, b"\x0bw", "an AC-3 recording"),
    (0, b"\x7f\xfe\x80\x01", "a DTS recording"),
    (0, b"wvpk", "a WavPack file"),
    (0, b"TTA1", "a True Audio file"),
    (0, b"MAC ", "a Monkey's Audio file"),
    (0, b"MPCK", "a Musepack file"),
    (0, b"MP+", "a Musepack file"),
    (0, b".RMF", "a RealMedia file"),
    (0, b".ra\xfd", "a RealAudio file"),
    (0, b"DSD ", "a DSD recording"),
    (0, b"FRM8", "a DSD recording"),
    (0, b"ajkg", "a recording compressed by Shorten"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b"\0\0\x01\xba", "an MPEG video"),
    (0, b".SoX", "a file of SoX's own format"),
    (0, b"XoS.", "a file of SoX's own format"),
)

# What brands of MPEG-4 files hold, by their first letters; any other is a video.
BRANDS = {
    b"M4A": "an M4A recording (AAC or ALAC)",
    b"M4B": "an M4B recording (AAC)",
    b"3g": "a 3GP recording or video",
    b"qt": "a QuickTime movie",
}

# Names of recordings without a header: nothing but the reader knows rate, channels and kind of samples.
HEADERLESS = (".raw", ".pcm", ".s16", ".sw", ".sln")

# How a VOC file begins, and which of its blocks tell a format and hold sound.
VOC_HEAD, VOC_SOUND = b"Creative Voice File\x1a", (1, 9)

# The channels of an 8SVX file: left, and right behind all of it.
SVX_STEREO = (6).to_bytes(4, "big")

# What is not a recording, but is found where one was expected.
OTHERS = (
    (b"<!doctype html", "is a web page: the download of the recording failed"),
    (b"<html", "is a web page: the download of the recording failed"),
    (b"version https://git-lfs", "is a pointer of Git LFS, not the recording: run `git lfs pull`"),
    (b"PK\x03\x04", "is a ZIP archive: unpack it first, or pass zipfile.ZipFile(...).open(member)"),
    (b"\x1f\x8b", "is compressed by gzip: unpack it first, or pass gzip.open(...)"),
    (b"MThd", "is a MIDI file: notes, and no sound"),
)

# Kinds that nothing but the name tells.
SUFFIXES = {
    ".aac": "an AAC recording",
    ".amr": "an AMR recording",
    ".ape": "a Monkey's Audio file",
    ".m4a": "an M4A recording (AAC or ALAC)",
    ".mp4": "an MPEG-4 file",
    ".wma": "a WMA file",
    ".ra": "a RealAudio file",
    ".webm": "a WebM file",
    ".ts": "an MPEG transport stream",
}

# What programs that write into a pipe, and so cannot know the number of bytes, put in its place: FFmpeg
# the largest number there is, with a sign or without, SoX a page less than 2 GB, arecord 2 GB, others what
# is left of the largest number behind a header of 36 bytes; SoX, in AIFF, 127/128 of 2 GB and 8 bytes.
UNKNOWN = (0, 0x7F000008, 0x7FFFF000, 2**31, 2**32 - 1 - 36, 2**32 - 1, 2**63 - 1, 2**64 - 1)


def describe(head, suffix=""):
    """Name the kind of a recording, such as "an AMR recording", or None."""
    if head[4:8] == b"ftyp":
        kinds = [kind for brand, kind in BRANDS.items() if head[8:12].startswith(brand)]
        return kinds[0] if kinds else "an MPEG-4 file"
    if head[:4] == b"caff" and len(head) >= 32:
        codec = head[28:32].decode("ascii", "replace").strip()
        return {"aac": "a CAF file with AAC", "lpcm": None}.get(codec, f"a CAF file with {codec}")
    if head[:7] == b"NIST_1A" and b"embedded-shorten" in head:
        return "a NIST SPHERE file compressed by Shorten"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "an AAC recording"
    if head[:1] == b"G" == head[188:189]:
        return "an MPEG transport stream"
    for place, signature, kind in SIGNATURES:
        if head[place : place + len(signature)] == signature:
            return kind
    return SUFFIXES.get(suffix)


def misread(view):
    """Name the kind of a recording that libsndfile takes for another sound than it is, or None."""
    head = view.head(48)
    if head[:20] == VOC_HEAD and _goes_on_in_voc(view, int.from_bytes(head[20:22], "little")):
        return "a VOC file of several blocks"
    if head[:4] == b"FORM" and head[8:12] == b"8SVX" and _is_stereo_svx(view):
        return "an 8SVX file with one channel behind the other"
    return None


def _goes_on_in_voc(view, at):
    """Whether there is another block behind the first one with sound in a VOC file."""
    sound = False
    while True:
        view.seek(at)
        head = view.read(4)
        ended = len(head) < 4 or head[0] == 0
        if ended or sound:
            # SoX forgets 8 of the 12 bytes of format in the size of its only block; a zero ends the file.
            return not ended and view.size != at + 9
        sound = head[0] in VOC_SOUND
        at += 4 + int.from_bytes(head[1:], "little")


def _is_stereo_svx(view):
    found = _in_chunks(view, Layout(12, ">I", b"CHAN"))
    if found is None:
        return False
    view.seek(found[0])
    return view.read(4) == SVX_STEREO


def way_out(source, kind=""):
    """The command that makes a WAV file of a recording."""
    name = shlex.quote(source.name) if source.named else "FILE"
    program = "sph2pipe -f wav" if "Shorten" in kind else "ffmpeg -i"
    if source.suffix in HEADERLESS:
        program = "ffmpeg -f s16le -ar RATE -ac CHANNELS -i"
    return f"`{program} {name} new.wav`"


def other(head):
    """Say what a file that is no recording is, or None."""
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:40].lower()
    for signature, sentence in OTHERS:
        if lowered.startswith(signature.lower()):
            return sentence
    return None


@dataclass(frozen=True)
class Layout:
    """How a format strings chunks together: each has a name, a size and a body."""

    first: int  # where the first chunk begins, bytes
    size: str  # of a chunk, as struct has it
    samples: bytes  # name of the chunk of samples
    own: int = 0  # bytes of name and size that the size counts
    align: int = 2  # chunks begin at multiples of it, bytes


W64_NAME = bytes.fromhex("f3acd3118cd100c04f8edb8a")
W64_DATA, W64_FORMAT = b"data" + W64_NAME, b"fmt " + W64_NAME
LAYOUTS = {
    b"RIFF": Layout(12, "<I", b"data"),
    b"RIFX": Layout(12, ">I", b"data"),
    b"FORM": Layout(12, ">I", b"SSND"),
    b"caff": Layout(8, ">Q", b"data", align=1),
    b"riff": Layout(40, "<Q", W64_DATA, own=24, align=8),
}

# What files begin with that are no MPEG, whatever their name.
MAGIC = (*LAYOUTS, b"RF64", b"fLaC", b".snd", b"NIST_1A")


def samples_chunk(view):
    """Where the samples of a file begin, and the bytes of them that its header promises.

    Returns
    -------
    tuple of int, or None when the format is none of those known here
    """
    view.seek(0)
    head = view.read(1024)
    if head[:4] in LAYOUTS:
        return _in_chunks(view, LAYOUTS[head[:4]])
    if head[:4] == b".snd" and len(head) >= 12:
        return struct.unpack(">II", head[4:12])
    if head[:7] == b"NIST_1A":
        return _in_sphere(head)
    return None


def _in_chunks(view, layout):
    at, width, n = layout.first, struct.calcsize(layout.size), len(layout.samples)
    while True:
        view.seek(at)
        head = view.read(n + width)
        if len(head) < n + width:  # at the end, or beyond it, where a damaged size leads
            return None
        size = struct.unpack(layout.size, head[n:])[0]
        if head[:n] == layout.samples:
            return at + n + width, size if size in UNKNOWN else size - layout.own
        at += max(n + width, size + (n + width if not layout.own else 0))
        at += -at % layout.align


def format_in_w64(view):
    """Where the format chunk of a W64 file begins, behind its name and size, or None."""
    found = _in_chunks(view, replace(LAYOUTS[b"riff"], samples=W64_FORMAT))
    return found and found[0]


def _in_sphere(head):
    fields = {}
    for line in head.split(b"\n")[2:]:
        words = line.split()
        if len(words) == 3 and words[1] == b"-i" and words[2].isdigit():
            fields[words[0]] = int(words[2])
    try:
        n_bytes = fields[b"sample_count"] * fields[b"sample_n_bytes"]
        return int(head[8:16]), n_bytes * fields.get(b"channel_count", 1)
    except (KeyError, ValueError):
        return None
