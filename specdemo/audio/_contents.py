"""The parts of a file that a decoder is shown one after the other, and what is missing of them."""

from __future__ import annotations

import functools

import numpy as np

from specdemo.audio._containers import (
    LAYOUTS,
    SDS,
    UNKNOWN,
    format_in_w64,
    samples_chunk,
    samples_in_sds,
)

# How a FLAC file begins: with a block of 34 bytes, which may be the last one before the sound.
FLAC_HEADS = (b"fLaC\0\0\0\x22", b"fLaC\x80\0\0\x22")
# Bytes up to the end of that block, which tells the number of samples.
FLAC_HEADER = 42

# How a frame begins, whose blocks are all of one size, or of several.
FLAC_FRAMES = (b"\xff\xf8", b"\xff\xf9")

# Bytes at the end of a file where decoders look for a tag.
TAG = 128

# Bytes that are searched together.
CHUNK = 2**16

# The order of WAV files (left, right, centre, bass, back, side) as places in that of Vorbis, by the number
# of channels: Vorbis has left, centre, right, side, back, bass.
VORBIS_ORDER = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 5, 3, 4),
    7: (0, 2, 1, 6, 5, 3, 4),
    8: (0, 2, 1, 7, 5, 6, 3, 4),
}

# Tags in the format chunk of a WAV file.
MP3_IN_WAV = b"U\0"
GSM_IN_WAV = b"1\0"
EXTENSIBLE = b"\xfe\xff"  # the kind of samples stands elsewhere
OTHER_SAMPLES = (b"\3\0", b"\6\0", b"\7\0")  # which are not integers: floats, A-law, mu-law

# Bytes and samples of a block of GSM 6.10.
GSM_BLOCK = 65, 320


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
        if view.head(22)[20:] == GSM_IN_WAV:
            self.most = _samples_of_gsm(view)
        elif view.head(2) == SDS:
            self.most = samples_in_sds(view)

    def __iter__(self):
        amend = AMENDED.get(self._view.head(4))
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
    """FLAC files one behind the other, of which soundfile is not shown the samples in the headers.

    A decoder stops at that number, and some fail at the end of a file that has fewer.
    """

    def __init__(self, view):
        super().__init__(view)
        starts = _flac_starts(view)
        # A decoder fails at a tag behind the sound.
        is_tagged = view.part(max(0, view.size - TAG)).head(3) == b"TAG"
        end = view.size - (TAG if is_tagged else 0)
        self._bounds = list(zip(starts, [*starts[1:], end], strict=True))
        heads = [view.part(start).head(26) for start in starts]
        numbers = [(head[21] & 15) << 32 | int.from_bytes(head[22:26], "big") for head in heads]
        self.promised = sum(numbers) if all(numbers) else None
        # The number takes 36 bits; zero is for encoders that do not know it.
        self._patches = [bytes([head[21] & 0xF0]) + bytes(4) for head in heads]

    def __iter__(self):
        for bounds, patch in zip(self._bounds, self._patches, strict=True):
            self._part = self._view.part(*bounds, patches={21: patch})
            yield self._part

    def problem(self, n_read):
        """Say that fewer samples are there than the header promises, or None."""
        if self.promised is None:
            *others, last = (ends_with_a_frame(self._view.part(*part)) for part in self._bounds)
            if not all(others):
                return "is damaged: a FLAC file in it, and not the last one, is cut"
            return None if last else "ends early: its last frame is cut"
        if n_read > self.promised:
            return None
        # A decoder reads a file that was cut to its end, and stops at a frame that is damaged.
        if self._part.tell() < self._part.size:
            return f"is damaged: of {self.promised} samples, it cannot be decoded beyond {n_read}"
        return f"ends early: its header promises {self.promised} samples, {n_read} are there"


class Ogg(Contents):
    """The recordings that stand one behind the other in an Ogg file: most files have one."""

    def __init__(self, view):
        super().__init__(view)
        self._cut, self.order = True, _order_in_ogg(view.head(64))

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


def _flac_starts(view):
    """Where the FLAC files begin that stand one behind the other, each with a whole header."""
    found, length = [0], max(map(len, FLAC_HEADS))
    at = _behind_metadata(view, 0)
    while at + FLAC_HEADER <= view.size:
        view.seek(at)
        chunk = view.read(CHUNK)
        places = [place for place in (chunk.find(name) for name in FLAC_HEADS) if place >= 0]
        if places and at + min(places) + FLAC_HEADER <= view.size:
            found.append(at + min(places))
            at = _behind_metadata(view, found[-1])
        else:
            at += max(1, len(chunk) - length + 1)
    return found


def _behind_metadata(view, start):
    """Where the sound begins in the FLAC file that begins at `start`.

    What stands before it, such as a picture, may hold any bytes.
    """
    at, last = start + 4, False
    while not last and at < view.size:
        view.seek(at)
        head = view.read(4)
        last, size = head[:1] > b"\x7f", int.from_bytes(head[1:], "big")
        at += 4 + size
    return at if at <= view.size else start + 4


def ends_with_a_frame(view):
    """Whether a FLAC file ends where a frame ends, so that all bytes of it have the sum zero.

    Some releases of libsndfile say nothing of a last frame that is cut.
    """
    head = view.head(FLAC_HEADER)
    block, frame = int.from_bytes(head[10:12], "big"), int.from_bytes(head[15:18], "big")
    n_channels = (head[20] >> 1 & 7) + 1
    # Where the longest frame is not told: samples of at most 33 bits, and what stands around them.
    longest = frame or 64 + 5 * n_channels * block
    tail = view.part(max(0, view.size - longest)).head(longest)
    at = len(tail)
    while (at := max(tail.rfind(mark, 0, at) for mark in FLAC_FRAMES)) >= 0:
        if _check_sum(tail[at:]) == 0:
            return True
    return False


def _check_sum(data):
    """The sum of 16 bits behind a FLAC frame, zero over a frame and its sum (RFC 9639, 9.3)."""
    table, check_sum = _check_sums(), 0
    for byte in data:
        check_sum = check_sum << 8 & 0xFF00 ^ table[check_sum >> 8 ^ byte]
    return check_sum


@functools.cache
def _check_sums():
    """The sum of each single byte."""
    sums = np.arange(256) << 8
    for _ in range(8):
        sums = sums << 1 ^ np.where(sums & 0x8000, 0x18005, 0)
    return sums.tolist()


def is_flac(view):
    """Whether a view begins like a FLAC file: with the block that describes its stream."""
    head = view.head(26)
    return len(head) == 26 and head[:4] == b"fLaC" and head[4] & 127 == 0


def _order_in_ogg(head):
    """Where the channels of WAV files are among those of Vorbis, and of Opus that says it does so."""
    if head[29:35] == b"vorbis" and len(head) > 39:
        return VORBIS_ORDER.get(head[39])
    if head[28:36] == b"OpusHead" and head[46:47] == b"\1":
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


def _voc_with_its_size(view):
    """A VOC file whose block promises what is there: refused are some that promise more."""
    found = samples_chunk(view)
    if found is None or found[1] <= view.size - found[0]:
        return view
    # Behind the block libsndfile wants the byte that ends a file: it takes the last one for it.
    present = (view.size - found[0] - 1).to_bytes(3, "little")
    return view.part(0, patches={found[0] - 3: present})


def _w64_amended(view):
    """A W64 file as libsndfile reads it: with sizes, and with the kind of its samples.

    libsndfile refuses sizes that the writer did not know: they become those of what is there. Where the
    kind of samples stands in the longer form of the format chunk, it takes floats for integers.
    """
    patches = {}
    found = samples_chunk(view)
    if found is not None and found[1] in UNKNOWN:
        start = found[0]
        samples = (view.size - start + LAYOUTS[b"riff"].own).to_bytes(8, "little")
        patches = {16: view.size.to_bytes(8, "little"), start - 8: samples}
    at = format_in_w64(view)
    if at is not None:
        view.seek(at)
        body = view.read(26)
        if body[:2] == EXTENSIBLE and body[24:] in OTHER_SAMPLES:
            patches[at] = body[24:]
    return view.part(0, patches=patches) if patches else view


# How files begin that libsndfile would refuse, or take for something else, and how they are shown to it.
AMENDED = {b"caff": _caf_with_its_size, b"Crea": _voc_with_its_size, b"riff": _w64_amended}
