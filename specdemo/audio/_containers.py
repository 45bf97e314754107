"""What a file is, told from its first bytes, and how many samples its header promises."""

from __future__ import annotations

import shlex
import struct
from dataclasses import dataclass

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
# is left of the largest number behind a header of 36 bytes.
UNKNOWN = (0, 0x7FFFF000, 2**31, 2**32 - 1 - 36, 2**32 - 1, 2**63 - 1, 2**64 - 1)

# The order of WAV files (left, right, centre, bass, back, side) as places in that of Vorbis, by the number
# of channels: Vorbis has left, centre, right, side, back, bass.
VORBIS_ORDER = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 5, 3, 4),
    7: (0, 2, 1, 6, 5, 3, 4),
    8: (0, 2, 1, 7, 5, 6, 3, 4),
}

# The tags of MP3 and GSM 6.10 in the format chunk of a WAV file, and bytes and samples of a GSM block.
MP3_IN_WAV, GSM_IN_WAV = b"U\0", b"1\0"
GSM_BLOCK = 65, 320


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
    head = _head(view, 48)
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


W64_DATA = b"data" + bytes.fromhex("f3acd3118cd100c04f8edb8a")
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
        if len(head) < n + width:
            return None
        size = struct.unpack(layout.size, head[n:])[0]
        if head[:n] == layout.samples:
            return at + n + width, size if size in UNKNOWN else size - layout.own
        at += max(n + width, size + (n + width if not layout.own else 0))
        at += -at % layout.align


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


class Contents:
    """The parts of a file, each of which soundfile is shown by itself, in their order.

    Attributes
    ----------
    promised : int or None
        Samples that the header promises.
    most : int or None
        Samples that are there at most: what is decoded behind them is no sound.
    order : tuple of int or None
        Which of the channels that are decoded comes first, second, ... in the order of WAV files.
    """

    promised = most = order = None

    def __init__(self, view):
        self._view = view


class Plain(Contents):
    """A recording that soundfile is shown as it is."""

    def __init__(self, view):
        super().__init__(view)
        if _head(view, 22)[20:] == GSM_IN_WAV:
            self.most = _samples_of_gsm(view)

    def __iter__(self):
        amend = {b"caff": _caf_with_its_size, b"riff": _w64_with_its_size}.get(_head(self._view, 4))
        yield amend(self._view) if amend else self._view

    def problem(self, n_read):
        """Say that fewer bytes of samples are there than the header promises, or None."""
        found = samples_chunk(self._view)
        if found is None or found[1] in UNKNOWN:
            return None
        start, promised = found
        present = max(0, self._view.size - start)
        if promised <= present:
            return None
        return f"ends early: its header promises {promised} bytes of samples, {present} are there"


class Flac(Contents):
    """A FLAC file, of which soundfile is not shown the number of samples in the header.

    A decoder stops at that number, and some fail at the end of a file that has fewer.
    """

    def __init__(self, view):
        super().__init__(view)
        head = _head(view, 26)
        self.promised = (head[21] & 15) << 32 | int.from_bytes(head[22:26], "big") or None
        # The number takes 36 bits; zero is for encoders that do not know it.
        self._patch = bytes([head[21] & 0xF0]) + bytes(4)

    def __iter__(self):
        yield self._view.part(0, patches={21: self._patch})

    def problem(self, n_read):
        """Say that fewer samples are there than the header promises, or None."""
        if self.promised is None or n_read > self.promised:
            return None
        return f"ends early: its header promises {self.promised} samples, {n_read} are there"


class Ogg(Contents):
    """The recordings that stand one behind the other in an Ogg file: most files have one."""

    def __init__(self, view):
        super().__init__(view)
        self._cut, self.order = True, _order_in_ogg(_head(view, 64))

    def __iter__(self):
        start = at = 0
        sound = False
        while (page := self._page(at)) is not None:
            flags, size = page
            begins = bool(flags & 2)
            if begins and sound:
                yield self._view.part(start, at)
                start, sound = at, False
            sound = sound or not begins
            self._cut = not flags & 4 or at + size > self._view.size
            at += size
        yield self._view.part(start)

    def problem(self, n_read):
        """Say that the last page is not marked as such, or None."""
        return "ends early: its last page is not marked as the last" if self._cut else None

    def _page(self, at):
        """Flags and bytes of the page that begins there, or None."""
        self._view.seek(at)
        head = self._view.read(27 + 255)
        if head[:4] != b"OggS" or len(head) < 27:
            return None
        n_segments = head[26]
        return head[5], 27 + n_segments + sum(head[27 : 27 + n_segments])


def is_flac(view):
    """Whether a view begins like a FLAC file: with the block that describes its stream."""
    head = _head(view, 26)
    return len(head) == 26 and head[:4] == b"fLaC" and head[4] & 127 == 0


def _order_in_ogg(head):
    """Where the channels of WAV files are among those of Vorbis, and of Opus that says it does so."""
    if head[29:35] == b"vorbis":
        return VORBIS_ORDER.get(head[39])
    if head[28:36] == b"OpusHead" and head[46] == 1:
        return VORBIS_ORDER.get(head[37])
    return None


def _samples_of_gsm(view):
    """Samples of the whole blocks: libsndfile takes the zero behind an odd number of bytes for one."""
    found = samples_chunk(view)
    if found is None:
        return None
    start, size = found
    present = view.size - start
    n_bytes = present if size in UNKNOWN else min(size, present)
    return n_bytes // GSM_BLOCK[0] * GSM_BLOCK[1]


def _caf_with_its_size(view):
    """A CAF file whose header promises what is there: refused is one that promises more or nothing."""
    found = samples_chunk(view)
    if found is None or found[1] <= view.size - found[0]:
        return view
    present = (view.size - found[0]).to_bytes(8, "big")
    return view.part(0, patches={found[0] - 8: present})


def _w64_with_its_size(view):
    """A W64 file whose sizes are those of what is there, when nobody knew them: it would be refused."""
    found = samples_chunk(view)
    if found is None or found[1] not in UNKNOWN:
        return view
    start = found[0]
    samples = (view.size - start + LAYOUTS[b"riff"].own).to_bytes(8, "little")
    return view.part(0, patches={16: view.size.to_bytes(8, "little"), start - 8: samples})


def _head(view, n):
    view.seek(0)
    return view.read(n)
