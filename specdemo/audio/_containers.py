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

# Kinds of FORM that hold sound in a chunk of another name.
SVX = (b"8SVX", b"16SV")

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
    if head[:20] == VOC_HEAD and _goes_on_in_voc(view, head):
        return "a VOC file of several blocks"
    if head[:4] == b"FORM" and head[8:12] == b"8SVX" and _is_stereo_svx(view):
        return "an 8SVX file with one channel behind the other"
    return None


def _goes_on_in_voc(view, head):
    """Whether there is another block behind the first one with sound in a VOC file."""
    found = _in_voc(view, head)
    if found is None:
        return False
    at = sum(found)
    view.seek(at)
    block = view.read(4)
    # SoX forgets 8 of the 12 bytes of format in the size of its only block; a zero ends the file.
    return len(block) == 4 and block[0] != 0 and view.size != at + 9


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
    size: str  # of a chunk, as a format of struct
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
    b"RF64": Layout(12, "<I", b"data"),
}

# How a file of SDS begins, the bytes of its header, and those of a packet, of which 120 are samples.
SDS = b"\xf0\x7e"
SDS_HEADER = 21
SDS_PACKET = 127

# Where the first matrix of a MAT5 file begins.
MAT5_HEADER = 128

# How MAT4 files, which libsndfile writes on machines of either byte order, begin, and bytes of a sample.
MAT4_HEADS = {b"\0\0\0\0\1\0\0\0\1\0\0\0": "<", b"\0\0\3\xe8\0\0\0\1\0\0\0\1": ">"}
MAT4_WIDTHS = {0: 8, 1: 4, 2: 4, 3: 2}

# What files begin with that are no MPEG, whatever their name.
MAGIC = (*LAYOUTS, b"fLaC", b".snd", b"NIST_1A")


def samples_chunk(view):
    """Where the samples of a file begin, and the bytes of them that its header promises.

    Returns
    -------
    tuple of int, or None when the format is none of those known here, or says nothing of it, as do
    IRCAM, PAF and PVF
    """
    head = view.head(1024)
    if head[:4] == b"RF64":
        return _in_rf64(view, head)
    if head[:4] == b"FORM" and head[8:12] in SVX:
        return _in_chunks(view, replace(LAYOUTS[b"FORM"], samples=b"BODY"))
    if head[:4] in LAYOUTS:
        return _in_chunks(view, LAYOUTS[head[:4]])
    for signature, samples_in in KINDS.items():
        if head.startswith(signature):
            try:
                return samples_in(view, head)
            except (struct.error, KeyError, ValueError):  # of a header that is cut short or strange
                return None
    return None


def _in_au(view, head):
    """The place and the size stand behind each other."""
    return struct.unpack_from(">II", head, 4)


def _in_rf64(view, head):
    """The size of the samples is that of the chunk `ds64`, which comes first."""
    found = _in_chunks(view, LAYOUTS[b"RF64"])
    if found is None or head[12:16] != b"ds64":
        return found
    return found[0], int.from_bytes(head[28:36], "little")


def _in_voc(view, head):
    """The first block with sound: a byte for its kind, its size in three, and its format."""
    at = int.from_bytes(head[20:22], "little")
    while True:
        view.seek(at)
        block = view.read(4)
        size = int.from_bytes(block[1:], "little")
        if len(block) < 4 or block[0] == 0:
            return None
        if block[0] in VOC_SOUND:
            return at + 4, size
        at += 4 + size


def _in_sds(view, head):
    """The header has the number of samples, 7 bits in a byte."""
    n_samples = sum((byte & 127) << 7 * i for i, byte in enumerate(head[10:13]))
    return SDS_HEADER, -(-n_samples // _samples_in_packet(head)) * SDS_PACKET


def samples_in_sds(view):
    """Samples in the packets that are there whole."""
    return (view.size - SDS_HEADER) // SDS_PACKET * _samples_in_packet(view.head(7))


def _samples_in_packet(head):
    """Of as many bits as the header says, 7 in a byte."""
    return 120 // max(1, -(-head[6] // 7))


def _in_mat4(view, head):
    """A matrix with the rate, and a matrix with a row for every channel."""
    order = MAT4_HEADS[head[:12]]
    at = 20 + struct.unpack_from(order + "I", head, 16)[0] + 8
    kind, rows, columns, _, n_name = struct.unpack_from(order + "5I", head, at)
    return at + 20 + n_name, rows * columns * MAT4_WIDTHS[kind % 100 // 10]


def _in_mat5(view, head):
    """The second matrix, behind its flags, its shape and its name of 8 letters: "wavedata"."""
    order = "<" if head[126:128] == b"IM" else ">"
    at = MAT5_HEADER + 8 + struct.unpack_from(order + "I", head, MAT5_HEADER + 4)[0] + 56
    return at + 8, struct.unpack_from(order + "I", head, at + 4)[0]


def _in_avr(view, head):
    """Whether there are two channels, bits of a sample, and samples of each."""
    channels, bits = 1 + (head[12:14] != b"\0\0"), struct.unpack_from(">H", head, 14)[0]
    return 128, struct.unpack_from(">I", head, 26)[0] * channels * bits // 8


def _in_mpc2k(view, head):
    """Whether there are two channels, and samples of each, of 16 bits."""
    return 42, 2 * (1 + head[21]) * struct.unpack_from("<I", head, 34)[0]


def _in_wve(view, head):
    """Samples of a byte."""
    return 32, struct.unpack_from(">I", head, 18)[0]


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


def _in_sphere(view, head):
    """Lines of a name, a kind and a value; libsndfile calls some numbers strings (`-s1`)."""
    fields = {}
    for line in head.split(b"\n")[2:]:
        words = line.split()
        if len(words) == 3 and words[2].isdigit():
            fields[words[0]] = int(words[2])
    n_bytes = fields[b"sample_count"] * fields[b"sample_n_bytes"]
    return int(head[8:16]), n_bytes * fields.get(b"channel_count", 1)


# How other files begin whose header says how many bytes of samples there are, and who finds it.
KINDS = {
    b".snd": _in_au,
    b"NIST_1A": _in_sphere,
    VOC_HEAD: _in_voc,
    b"2BIT": _in_avr,
    SDS: _in_sds,
    **dict.fromkeys(MAT4_HEADS, _in_mat4),
    b"MATLAB 5.0": _in_mat5,
    b"\x01\x04": _in_mpc2k,
    b"ALawSoundFile**": _in_wve,
}
