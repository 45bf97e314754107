"""Recordings that are not plain WAV, decoded by soundfile in one go from their beginning.

soundfile seeks after every read. In a codec with memory (MP3, Opus, ADPCM, ...) a seek loses what
went before, so that what is read in pieces is not what is read at once.
"""

from __future__ import annotations

import sys
from functools import cache

import numpy as np

from specdemo import _checks
from specdemo.audio import _containers, _contents, _mpeg

# Codecs decode blocks (of 2 samples in VOX, 10 in PAF, 30 to 60 in SDS), and some drop what is left of
# one behind a read: this is a whole number of blocks of all of these.
BLOCK = 120
# Samples that are asked for at a time: what a header promises may not be there.
PIECE = 256 * BLOCK

# Codecs in which every sample stands for itself, so that reading may begin anywhere.
WITHOUT_MEMORY = (
    "PCM_S8",
    "PCM_U8",
    "PCM_16",
    "PCM_24",
    "PCM_32",
    "FLOAT",
    "DOUBLE",
    "ULAW",
    "ALAW",
)

# Formats that pack samples of such codecs into blocks.
IN_BLOCKS = ("PAF", "SDS")

# Bytes at the beginning that tell what a file is.
HEAD = 1024

MPEG_SUFFIXES = (".mp3", ".mp2", ".mp1", ".mpa", ".mpga")


class Decoder:
    """The samples of a recording, one after the other.

    Parameters
    ----------
    view : View
    source : Source

    Attributes
    ----------
    sr, channels : int

    Raises
    ------
    ImportError
        When soundfile is not installed.
    ValueError
        When soundfile cannot read the recording.
    """

    def __init__(self, view, source):
        self._soundfile = _import_soundfile(source)
        self._name, self._ended = source.name, False
        self._missing = self._damage = None
        self._contents = _find_contents(view, source.suffix)
        self._parts = iter(self._contents)
        self._n_read = 0
        self._ahead = np.empty((0, 0), np.float32)
        try:
            self._open(next(self._parts))
        except self._soundfile.SoundFileError as error:
            self._check_part()
            self._open_by_suffix(source, error)
        self.sr, self.channels = self._file.samplerate, self._file.channels

    def skip(self, n):
        """Leave out the next `n` samples."""
        if n == 0 or self._seek(n):
            return
        while n > 0 and len(piece := self._piece(n)):
            n -= len(piece)

    def read(self, n=None):
        """Read `n` samples of every channel, or all; fewer are left at the end.

        Returns
        -------
        ndarray of float32, shape (channels, n_samples)
        """
        left = sys.maxsize if n is None else n
        pieces = [np.empty((0, self.channels), np.float32)]
        while left > 0 and len(piece := self._piece(left)):
            pieces.append(piece)
            left -= len(piece)
        x = np.concatenate(pieces).T
        return x if self._contents.order is None else x[list(self._contents.order)]

    def shortfall(self):
        """Say what is missing of a recording that was read to its end, or None."""
        if self._n_read == self._contents.promised:
            return None
        problem = self._missing or self._contents.problem(self._n_read) or self._damage
        return f"{self._name} {problem}" if problem else None

    def close(self):
        """Close what soundfile has opened; the caller's file stays open."""
        self._file.close()

    def _piece(self, n):
        """The next samples, at most `n`, shape (n_samples, channels); none at the end."""
        while not len(self._ahead) and not self._ended:
            left = self._n_of_part - self._n_read_of_part
            self._ahead = self._decode(min(left, self._length))
            self._n_read += len(self._ahead)
            self._n_read_of_part += len(self._ahead)
            if not len(self._ahead):
                self._next_part()
        piece, self._ahead = self._ahead[:n], self._ahead[n:]
        return piece

    @property
    def _length(self):
        """Samples of every channel that are decoded together."""
        return max(BLOCK, PIECE // self.channels // BLOCK * BLOCK)

    def _decode(self, n):
        out = np.full((n, self.channels), np.nan, np.float32)
        try:
            piece = self._file.read(out=out)
            self._check_part()
            return piece
        except self._soundfile.SoundFileError as error:
            self._check_part()
            # What was decoded before the fault is in place; the rest is still NaN.
            written = np.isfinite(out).all(axis=1)
            n_written = n if written.all() else int(written.argmin())
            self._fail(
                f"is damaged: it cannot be decoded beyond "
                f"{(self._n_read + n_written) / self.sr:.2f} s ({_words(error)})"
            )
            return out[:n_written]

    def _next_part(self):
        promised = self._n_of_part
        # No recording has more samples: a larger length is one that nobody knows.
        if self._n_read_of_part < promised < _checks.MOST_SAMPLES:
            self._missing = (
                f"ends early: its header promises {promised} samples, "
                f"{self._n_read_of_part} are there"
            )
        part = next(self._parts, None)
        if part is None:
            self._ended = True
            return
        n_known = self._n_read_of_part if getattr(part, "repeats", False) else 0
        self._file.close()
        try:
            self._open(part)
            self._drop(n_known)
        except self._soundfile.SoundFileError as error:
            self._fail(
                f"goes on behind {self._n_read / self.sr:.2f} s, where it cannot be "
                f"decoded ({_words(error)})"
            )
            return
        if (self._file.samplerate, self._file.channels) != (self.sr, self.channels):
            self._ended = True
            self._missing = (
                f"goes on behind {self._n_read / self.sr:.2f} s at {self._file.samplerate} "
                f"Hz in {self._file.channels} channels, which is left out"
            )

    def _drop(self, n):
        """Decode what another decoder of the same part has given."""
        while self._n_read_of_part < n:
            piece = self._file.read(min(n - self._n_read_of_part, self._length), dtype="float32")
            if not len(piece):
                return
            self._n_read_of_part += len(piece)

    def _fail(self, damage):
        self._ended, self._damage = True, damage

    def _seek(self, n):
        """Whether the first sample to be read could be found without decoding those before it."""
        blocks = self._file.format in IN_BLOCKS or self._file.subtype not in WITHOUT_MEMORY
        if blocks and self._file.format != "FLAC":
            return False
        n = min(n, self._n_of_part)
        try:
            self._file.seek(n)
        except self._soundfile.SoundFileError:
            self._file.close()
            self._parts = iter(self._contents)
            self._open(next(self._parts))
            return False
        self._n_read = self._n_read_of_part = n
        return True

    def _open(self, file):
        self._n_read_of_part, self._part = 0, file
        if not isinstance(file, str):
            file.seek(0)
        self._file = _one_way(self._soundfile)(file)
        most = self._contents.most
        self._n_of_part = self._file.frames if most is None else min(self._file.frames, most)

    def _check_part(self):
        """Raise what went wrong where the bytes come from: a file that was closed, a lost disk."""
        failure = getattr(self._part, "failure", None)
        if failure is not None:
            raise failure

    def _open_by_suffix(self, source, error):
        """Some kinds are told by nothing but the suffix of a file, such as .gsm."""
        try:
            if source.path is None:
                raise error
            self._open(str(source.path))
        # TypeError for a .raw file, of which soundfile wants to be told what is in it.
        except (self._soundfile.SoundFileError, TypeError):
            raise ValueError(
                f"{source.name} is not an audio file that can be read: {_words(error)}; if it is a "
                f"recording, convert it first, {_containers.way_out(source)}"
            ) from error


def _words(error):
    """What libsndfile says, without the object that it says it of."""
    return getattr(error, "error_string", str(error)).rstrip(".")


def _import_soundfile(source):
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError when the library behind it is missing
        raise ImportError(
            f"{source.name} is not a WAV file; to read it, install soundfile, or convert "
            f"it first, {_containers.way_out(source)}"
        ) from error
    return soundfile


@cache
def _one_way(soundfile):
    class OneWay(soundfile.SoundFile):
        """A file that is read on and on, without the seek behind every read."""

        def seekable(self):
            return False

    return OneWay


def _find_contents(view, suffix):
    """The parts of a recording, its promised length and what is wrong with it, by its kind."""
    head = view.head(HEAD)
    if head[:4] == b"OggS":
        return _contents.Ogg(view)
    if head[:4] == b"RIFF" and head[20:22] == _contents.MP3_IN_WAV:
        start, size = _containers.samples_chunk(view) or (0, 0)
        inside = view.part(start, None if size in _containers.UNKNOWN else start + size)
        begin = _mpeg.find_start(inside)
        return _contents.Plain(view) if begin is None else _mpeg.Mpeg(inside, begin)
    # A tag of this kind may stand before any format, but belongs to MPEG.
    tagged, view = head[:3] == b"ID3", view.part(_mpeg.behind_id3(view))
    if _contents.is_flac(view):
        return _contents.Flac(view)
    likely = tagged or suffix in MPEG_SUFFIXES and not head.startswith(_containers.MAGIC)
    begin = _mpeg.find_start(view, _mpeg.FAR if likely else 0)
    return _contents.Plain(view) if begin is None else _mpeg.Mpeg(view, begin)
