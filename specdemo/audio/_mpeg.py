"""The frames of MPEG audio (MP3, MP2), found without decoding them.

A decoder guesses the length of a file that does not say it, stops at its guess, and gives up at
tags between or behind the frames. So it is shown the frames alone, in a stream without an end.

References
----------
ISO/IEC 11172-3:1993 (MPEG-1 audio), 2.4.1.3 and 2.4.2.3; ISO/IEC 13818-3 (lower sampling rates).
"""

from __future__ import annotations

import io
from bisect import bisect_right
from functools import lru_cache

from specdemo.audio._contents import TAG, Contents
from specdemo.audio._views import Stream

# kbit/s by version and layer, for the values 1 to 14 of the header's field.
BITRATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}

# Hz of MPEG-1; half of it in MPEG-2, a quarter in MPEG-2.5.
RATES = (44100, 48000, 32000)

# Samples of a frame by version and layer.
SAMPLES = {(1, 1): 384, (1, 2): 1152, (1, 3): 1152, (2, 1): 384, (2, 2): 1152, (2, 3): 576}

# Frames in a row that make a stream: a picture in a tag may hold what looks like one of them.
IN_A_ROW = 3

# Bytes of a file that are looked at together.
CHUNK = 2**13

# Bytes in which a stream must begin when nothing but the name of the file says that it is one.
FAR = 2**17

# The end of a stream whose length nobody knows, in bytes: no file is as long.
ENDLESS = 2**50

# Frames more than the header promises that encoders leave at the end.
LEFT_OVER = 4

# What stands between frames and is no damage: tags of title and artist, or padding.
TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")
PADDING = b"\0\0\0\0"

# Bytes at the beginning of a frame in which the head of a recording stands, Xing's way.
HEADER = 48


@lru_cache(maxsize=4096)
def parse(header):
    """Bytes and kind of the frame with this header of 32 bits, or None when it is not one.

    The kind is version, layer, sampling rate and whether there is one channel or two, which all
    frames of a stream share.
    """
    sync, version, layer = header >> 21, header >> 19 & 3, 4 - (header >> 17 & 3)
    bitrate, rate, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if sync != 0x7FF or version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return None
    family = 1 if version == 3 else 2
    sr = RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    slot = 4 if layer == 1 else 1
    bits = 1000 * BITRATES[family, layer][bitrate - 1] * SAMPLES[family, layer]
    return (bits // (8 * slot * sr) + padding) * slot, (version, layer, sr, header >> 6 & 3 == 3)


def find_start(view, far=0):
    """Where the frames begin, at most `far` bytes behind the beginning or a tag there; or None."""
    start = behind_id3(view)
    frames = Frames(view, start)
    found = frames.find(start, start + far)
    return found if found is not None and found <= start + far else None


def behind_id3(view):
    """Where a file goes on behind the tags at its beginning; 0 when it has none."""
    start = 0
    while True:
        view.seek(start)
        head = view.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            return start
        size = 0
        for byte in head[6:]:
            size = size << 7 | byte & 127
        start += 10 + size + (10 if head[5] & 16 else 0)


class Mpeg(Contents):
    """The recordings that stand one behind the other in an MPEG file: most files have one."""

    def __init__(self, view, start):
        super().__init__(view)
        self._start, self._frames = start, None

    def __iter__(self):
        start = self._start
        while start is not None:
            self._frames = Frames(self._view, start)
            if self._frames.promised == 0:
                self._frames = self._frames.counted()
            yield self._frames
            if self._frames.exceed():
                self._frames = self._frames.counted()
                self._frames.repeats = True
                yield self._frames
            start = self._frames.rest

    def problem(self, n_read):
        """Say what is wrong between the frames or behind them, or None."""
        damage = self._frames.damage
        return f"is damaged: {damage}" if damage else None


class Frames(Stream):
    """The frames of a stream side by side, as a file: whole frames, and nothing between them.

    They end where another recording begins: with a head of its own, behind a tag, or of another
    rate or number of channels, where no decoder goes on.

    Parameters
    ----------
    view : View
    start : int
        Where the first frame begins.

    Attributes
    ----------
    promised : int or None
        Frames that the first one promises, Xing's way; 0 of a writer that was stopped.
    n_frames : int
        Frames that were found until now.
    rest : int or None
        Where another recording begins, if it was found until now.
    repeats : bool
        Whether these are the frames of the part before, whose head had promised too few.
    damage : str
        What is wrong between the frames and behind them, or nothing.
    """

    def __init__(self, view, start):
        self._view, self._next = view, start
        self._chunk, self._chunk_at = b"", 0
        self._block, self._block_at = b"", 0
        # Stretches of frames without a gap: where they begin here, and in the view.
        self._here, self._there, self._length = [], [], 0
        self._kind, self._complete = None, False
        self.n_frames, self.damage = 0, ""
        self.rest, self.repeats = None, False
        self._count_at = self._find_count(start) if self._frame(start) else None
        self.promised, self._was_asked = self._read_count(), False

    @property
    def size(self):
        """Where decoders find the end: one that was told the length would compare the two.

        At first there is none: of what has an end and is not known by its first bytes, libsndfile looks
        for a part that Apple keeps in another file, `._` in the working directory, and if there is one
        of that name, the process dies of a division by zero.
        """
        return ENDLESS if self.promised is None and self._was_asked else 0

    def seek(self, offset, whence=io.SEEK_SET):
        """Set the position, as any file does; the end is where `size` says."""
        at = super().seek(offset, whence)
        self._was_asked = self._was_asked or whence == io.SEEK_END
        return at

    def read(self, n):
        """The next bytes of frames, fewer than `n` at the end of a stretch of them."""
        if self._at >= ENDLESS - TAG:
            data = bytes(min(n, ENDLESS - self._at))
        else:
            # Decoders ask for four bytes, and then for the rest of a frame.
            if not self._block_at <= self._at < self._block_at + len(self._block):
                self._walk(self._at + CHUNK)
                self._block, self._block_at = self._read(CHUNK), self._at
            place = self._at - self._block_at
            data = self._block[place : place + n]
        self._at += len(data)
        return data

    def exceed(self):
        """Whether there are more frames than the first one promises."""
        if self.promised is None:
            return False
        most = 1 + self.promised + LEFT_OVER
        while not self._complete and self.n_frames <= most:
            self._walk(self._length + 1)
        return self.n_frames > most

    def counted(self):
        """The same frames, of which the first promises as many as there are."""
        while not self._complete:
            self._walk(self._length + CHUNK)
        count = (self.n_frames - 1).to_bytes(4, "big")
        return Frames(self._view.part(0, patches={self._count_at: count}), self._there[0])

    def find(self, start, stop=None):
        """Where `IN_A_ROW` frames, or all up to the end, begin at `start` or behind it."""
        stop = self._view.size if stop is None else stop
        at = start
        while at <= stop:
            if self._in_a_row(at):
                return at
            at = self._next_sync(at + 1, stop)
        return None

    def _next_sync(self, at, stop):
        while at <= stop:
            chunk = self._bytes(at, CHUNK)
            place = chunk.find(b"\xff")
            if place >= 0:
                return at + place
            if not chunk:
                break
            at += len(chunk)
        return stop + 1

    def _in_a_row(self, at):
        kind = None
        for n in range(IN_A_ROW):
            if n and at == self._view.size:
                return True
            frame = self._frame(at)
            if frame is None or kind not in (None, frame[1]):
                return False
            at, kind = at + frame[0], frame[1]
        return True

    def _frame(self, at):
        header = self._bytes(at, 4)[:4]
        return parse(int.from_bytes(header, "big")) if len(header) == 4 else None

    def _bytes(self, at, n):
        """At least `n` bytes from there on, fewer at the end of the file."""
        place = at - self._chunk_at
        if place < 0 or place + n > len(self._chunk):
            self._view.seek(at)
            self._chunk, self._chunk_at, place = self._view.read(max(n, CHUNK)), at, 0
        return self._chunk[place : place + n]

    def _find_count(self, at):
        """Where a frame that is the head of a recording tells the number of those behind, or None."""
        body = self._bytes(at, HEADER)
        # Behind the four bytes that begin a frame, and two of a checksum, nothing is said of sound.
        if any(body[6:13]):
            return None
        for name in (b"Xing", b"Info"):
            place = body.find(name, 13, HEADER)
            if place > 0 and body[place + 7 : place + 8] and not any(body[6:place]):
                return at + place + 8 if body[place + 7] & 1 else None
        return None

    def _read_count(self):
        if self._count_at is None:
            return None
        return int.from_bytes(self._bytes(self._count_at, 4)[:4], "big")

    def _walk(self, length):
        """Find frames until they have `length` bytes, or there are no more."""
        while self._length < length and not self._complete:
            frame = self._frame(self._next)
            if frame is None or self._kind not in (None, frame[1]):
                self._skip()
            elif self._next + frame[0] > self._view.size:
                self.damage = self.damage or "it ends in the middle of a frame"
                self._complete = True
            elif self.n_frames and self._find_count(self._next):
                self._end_before(self._next)
            else:
                self._take(*frame)

    def _take(self, size, kind):
        if not self._here or self._there[-1] + self._length - self._here[-1] != self._next:
            self._here.append(self._length)
            self._there.append(self._next)
        self._kind = kind
        self._length += size
        self._next += size
        self.n_frames += 1

    def _skip(self):
        found = self.find(self._next)
        if found is None:
            self._complete = True
            return
        between = self._bytes(self._next, min(found - self._next, CHUNK))
        tagged = between.lstrip(b"\0").startswith(TAGS)
        told = self.promised is not None and self.n_frames > self.promised
        begins = self._frame(found)[1] != self._kind or bool(self._find_count(found))
        # Behind a recording, padding is no damage; a hole in one may be made of the same zeros.
        padded = begins and self._bytes(self._next, 4) == PADDING
        if found > self._next and not tagged and not padded:
            self.damage = f"{found - self._next} bytes in the middle of it are not sound"
        if begins or tagged and told:
            self._end_before(found)
        self._next = found

    def _end_before(self, at):
        """End here, since another recording begins there."""
        self.rest, self._complete = at, True

    def _read(self, n):
        i = bisect_right(self._here, self._at) - 1
        if i < 0 or self._at >= self._length:
            return b""
        end = self._here[i + 1] if i + 1 < len(self._here) else self._length
        self._view.seek(self._there[i] + self._at - self._here[i])
        return self._view.read(min(n, end - self._at))
