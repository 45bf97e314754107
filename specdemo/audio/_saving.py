"""Writing a file whole or not at all."""

from __future__ import annotations

import io
import os
import secrets
import shlex
import shutil
from contextlib import suppress
from os import PathLike
from pathlib import Path

from specdemo.audio import _views

SUFFIXES = (".wav", ".wave", "")

# Names for which a sound in another format was meant; of others, what is behind the point may be a number.
OTHER_FORMATS = {
    ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".au", ".caf", ".flac", ".m4a", ".mka", ".mp2", ".mp3",
    ".mp4", ".oga", ".ogg", ".opus", ".ra", ".snd", ".spx", ".voc", ".w64", ".webm", ".wma", ".wv",
}  # fmt: skip


def target(path):
    """Return the path that a WAV file is to be written to, or the file object that is given."""
    if not isinstance(path, (str, PathLike)):
        return _checked_file(path)
    given = os.fspath(path)
    ends_as_folder = given[-1:] in (os.sep, os.altsep)
    path = _views.expand(path)
    if "\0" in str(path):
        raise ValueError(f"path must be a name without null bytes; got {str(path)!r}")
    if not given:
        raise IsADirectoryError("path must be the name of a file; '' stands for this folder")
    if ends_as_folder and path.is_file():
        raise IsADirectoryError(
            f"path must not end as a folder does; got {given}, and {path} is a file"
        )
    if not path.name or _is_folder(path) or ends_as_folder:
        raise IsADirectoryError(f"path must be the name of a file; {path} is a folder")
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"path must end in .wav, since WAV is written; got {path.name}: {_advice(path)}"
        )
    if _is_stream(path):
        return path  # by this name: what a link such as /dev/stdout leads to may have no other
    # Of a link, what it points to is replaced, and the link stays.
    path = Path(os.path.realpath(path))
    missing = _views.missing_folder(path)
    if missing:
        raise FileNotFoundError(f"path must be in a folder that is there; of {path}, {missing}")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"path must be a file that may be written; {path} may only be read")
    return path


def _is_folder(path):
    try:
        return path.is_dir()
    except OSError as error:  # a name that is too long for the system
        raise ValueError(f"path must be a name that a file can have; {error}") from error


def _advice(path):
    """How to come to a file of that name, or to one with the suffix that it needs."""
    if path.suffix.lower() not in OTHER_FORMATS:
        return f"save {path.name}.wav"
    wav, name = shlex.quote(f"{path.stem}.wav"), shlex.quote(path.name)
    return f"save {wav}, and convert that (`ffmpeg -i {wav} {name}`), or call soundfile.write"


def write(target, data):
    """Write bytes to a path or an open file; a file is complete when it appears under its name."""
    if not isinstance(target, Path):
        _write_all(target, data)
    elif _is_stream(target):
        target.write_bytes(data)
    else:
        _replace(target, data)


def _is_stream(path):
    """Whether it is a device or a pipe, which cannot be replaced."""
    return path.exists() and not path.is_file()


def _write_all(file, data):
    """Write bytes to a file that may take fewer at a time, as those without a buffer do."""
    n_written = 0
    while n_written < len(data):
        n_taken = file.write(data[n_written:])
        if isinstance(file, io.RawIOBase) and not n_taken:
            raise BlockingIOError(
                f"path must be a file that waits until it can take more; it has {n_written} of "
                f"{len(data)} bytes"
            )
        if not isinstance(n_taken, int) or n_taken <= 0:
            return  # it is none of Python's own kinds, and says nothing of how many it took
        n_written += n_taken


def _replace(path, data):
    temporary = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    # The system applies the user's mask to 0o666, as for any new file.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(temporary, flags, 0o666)
    except PermissionError as error:
        raise PermissionError(
            f"path must be in a folder that may be written to; {path.parent} may only be read"
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _checked_file(file):
    _views.refuse_text(file, "wb")
    if not callable(getattr(file, "write", None)):
        raise TypeError(
            f"path must be a str or path-like, or an open binary file; got {file!r:.80}"
        )
    _views.refuse_closed(file)
    _views.refuse_other_way(file, "writable", "wb")
    return file
