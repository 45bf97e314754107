"""Where recordings come from: paths, bytes and open files, and views of the bytes in them."""

from __future__ import annotations

import codecs
import io
import os
import re
import shutil
import tempfile
import warnings
from contextlib import contextmanager, suppress
from functools import partial
from os import PathLike
from pathlib import Path

# Bytes of a file that can only be read forwards which are held in memory; more go to the disk.
SPOOLED = 2**24

# Files that give and take str, not bytes.
TEXT_FILES = (io.TextIOBase, codecs.StreamReader, codecs.StreamWriter, codecs.StreamReaderWriter)

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class Stream(io.RawIOBase):
    """A file to be read, with a position of its own: what gives bytes has `size` and `_read(n)`.

    Attributes
    ----------
    failure : Exception or None
        Why `readinto` had nothing to give, other than that the file has ended.
    """

    _at = 0
    failure = None

    def readable(self):
        """Whether it can be read: always."""
        return True

    def seekable(self):
        """Whether its position can be set: always."""
        return True

    def tell(self):
        """The position in bytes."""
        return self._at

    def seek(self, offset, whence=io.SEEK_SET):
        """Set the position, from the beginning, from where it is, or from the end; return it."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def read(self, n=-1):
        """The next bytes: `n` or all, fewer at the end."""
        there = max(0, self.size - self._at)
        data = self._read(there if n is None or n < 0 else min(n, there))
        self._at += len(data)
        return data

    def readinto(self, buffer):
        """Fill a buffer with the next bytes; return how many there were, and keep an error."""
        try:
            data = self.read(len(buffer))
        except Exception as error:  # the caller is C, where it would be printed and forgotten
            self.failure = error
            return 0
        buffer[: len(data)] = data
        return len(data)


class View(Stream):
    """Bytes of an open file, from `start` to `stop`.

    Parameters
    ----------
    file : binary file that can seek
    start, stop : int, optional
        First byte, and the one behind the last. Default: from the present position to the end.
    patches : dict of int to bytes, optional
        Bytes that are seen in place of those at a position.
    """

    def __init__(self, file, start=None, stop=None, patches=None):
        self._file = file
        self._start = file.tell() if start is None else start
        file.seek(0, io.SEEK_END)
        end = file.tell()
        self.size = max(0, (end if stop is None else min(stop, end)) - self._start)
        self._patches = patches or {}

    def part(self, start, stop=None, patches=None):
        """A view of a part of this one."""
        stop = self.size if stop is None else min(stop, self.size)
        return View(self._file, self._start + start, self._start + stop, patches)

    def head(self, n):
        """The first bytes: `n`, or fewer if there are no more."""
        self.seek(0)
        return self.read(n)

    def _read(self, n):
        if n == 0:  # also beyond the end, where a file may have no position
            return b""
        self._file.seek(self._start + self._at)
        data = _read_all(self._file, n)
        for place, patch in self._patches.items():
            first, last = max(place, self._at), min(place + len(patch), self._at + len(data))
            if first < last:
                data = bytearray(data)
                data[first - self._at : last - self._at] = patch[first - place : last - place]
        return data


def _read_all(file, n):
    """The next `n` bytes, fewer at the end only: a raw file gives as many as it likes at a time."""
    pieces, left = [], n
    while left > 0 and (piece := _piece(file, left)):
        pieces.append(piece)
        left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _piece(file, n):
    """Some of the next `n` bytes; none at the end."""
    piece = file.read(n)
    if piece is None:
        raise ValueError(
            f"path must be a file that waits for its bytes; got one that does not block: {file!r:.80}"
        )
    if not isinstance(piece, (bytes, bytearray, memoryview)):
        raise TypeError(
            f"path must be a file whose read() gives bytes; got one that gives "
            f"{type(piece).__name__}: {file!r:.80}"
        )
    return bytes(piece)


class Source:
    """A recording to be opened: what the caller gave as `path`.

    Parameters
    ----------
    value : str, path-like, binary file or bytes-like
    clips : dict of str to Path
        Names that stand for files.

    Attributes
    ----------
    name : str
        What messages call it.
    path : Path or None
    named : bool
        Whether the name is that of a file.
    """

    def __init__(self, value, clips):
        self.path, self._value = None, value
        self._put_back = lambda: None
        if isinstance(value, str) and value in clips:
            self.path = clips[value]
            _warn_of_a_file(value)
        elif isinstance(value, str) and ADDRESS.match(value):
            raise ValueError(
                f"path must be a file on this machine, and {value} is an address: "
                "download it first, or pass the bytes of the answer"
            )
        elif isinstance(value, (str, PathLike)):
            self.path = _found(value, clips)
        elif not isinstance(value, (bytes, bytearray, memoryview)):
            _check_file(value)
        name = self.path.name if self.path else _name(value)
        self.named = name is not None
        self.name = name or (
            "the open file" if hasattr(value, "read") else "the recording in memory"
        )

    @property
    def suffix(self):
        """The end of the name in lower case, such as ".wav"."""
        return Path(self.name).suffix.lower()

    @contextmanager
    def open(self):
        """Yield a view of the bytes. A file of the caller's stays open, and where it was."""
        if self.path is not None:
            with self.path.open("rb") as file, _seekable(file) as seekable:
                yield View(seekable)
        elif isinstance(self._value, (bytes, bytearray, memoryview)):
            yield View(io.BytesIO(bytes(self._value)))
        else:
            with _seekable(self._value) as file:
                self._put_back = partial(file.seek, file.tell())
                try:
                    yield View(file)
                finally:
                    self.put_back()

    def put_back(self):
        """Have a file of the caller's where it was when it was opened here."""
        with suppress(ValueError, OSError):  # the caller may have closed it between two blocks
            self._put_back()


def expand(path):
    """The path with the home directory for a `~`, unless there is a file of that very name."""
    path = Path(path)
    with suppress(ValueError, OSError):  # a name that no file can have
        if not path.exists():
            return Path(os.path.expanduser(path))
    return path


def missing_folder(path):
    """A sentence if the folder of a file is not there, or None."""
    if path.anchor and not Path(path.anchor).exists():
        return f"the drive {path.anchor} is missing"
    return None if path.parent.is_dir() else f"the folder {path.parent} is missing"


def _found(value, clips):
    path = expand(value)
    try:
        if path.is_file() or path.is_fifo():
            return path
        why = "it is a folder" if path.is_dir() else missing_folder(path)
    except (OSError, ValueError):  # a name that is too long for the system, or holds a zero
        why = None
    if "\0" in str(path):
        path, why = repr(str(path)), "no name holds a null byte"
    raise FileNotFoundError(
        f"{path} is neither a file nor a bundled clip ({', '.join(clips)})"
        + (f": {why}" if why else "")
    )


def _warn_of_a_file(name):
    """Of a clip's name: what was saved under it in the working directory is not what is read."""
    if os.path.isfile(name):
        warnings.warn(
            f"{name!r} is a bundled clip, which is read, and a file here: './{name}' is the file",
            stacklevel=4,
        )


def refuse_text(file, mode):
    """Raise when a file was opened in text mode; `mode` is the one that it should have."""
    if isinstance(file, TEXT_FILES):
        raise TypeError(
            f"path must be a file opened in binary mode, open(name, {mode!r}); "
            f"got one in text mode: {file!r:.80}"
        )


def refuse_closed(file):
    """Raise when a file is closed already."""
    if getattr(file, "closed", False) is True:
        raise ValueError(f"path must be an open file; got one that is closed: {file!r:.80}")


def refuse_other_way(file, question, mode):
    """Raise when a file says that it is not `question`, "readable" or "writable"."""
    answer = getattr(file, question, None)
    if callable(answer) and answer() is False:
        raise TypeError(
            f"path must be a file that is {question}, open(name, {mode!r}); got {file!r:.80}"
        )


def _check_file(value):
    refuse_text(value, "rb")
    if not callable(getattr(value, "read", None)):
        raise TypeError(
            f"path must be a str or path-like, an open binary file, or bytes; got {value!r:.80}"
        )
    refuse_closed(value)
    refuse_other_way(value, "readable", "rb")


def _name(value):
    name = getattr(value, "name", None)
    return Path(name).name or None if isinstance(name, str) else None


@contextmanager
def _seekable(file):
    """The file itself or, when it can only be read forwards, a copy of its rest."""
    if _can_seek(file):
        yield file
        return
    with tempfile.SpooledTemporaryFile(SPOOLED) as copy:
        try:
            shutil.copyfileobj(file, copy)
        except TypeError as error:  # str, where bytes were expected
            raise TypeError(
                f"path must be a file opened in binary mode, open(name, 'rb'); got {file!r:.80}"
            ) from error
        copy.seek(0)
        yield copy


def _can_seek(file):
    seekable = getattr(file, "seekable", None)
    if seekable is None:
        return hasattr(file, "seek") and hasattr(file, "tell")
    try:
        return seekable()
    except AttributeError:  # asked of a file behind it that does not say, as in a streamed tar
        return False
