"""Files that are there whole or not at all, and where they lie in a folder of features."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from specdemo._types import Array

# Shards, whose names are sorted as texts.
NAME_DIGITS = 6
MOST_SHARDS = 10**NAME_DIGITS

# What a file is called while it is written. A process that is killed leaves it behind.
UNFINISHED = ".unfinished"


class Damaged(ValueError):
    """A file that is not as it was written; the message names it."""


def place(name: str, path: str | os.PathLike[str]) -> Path:
    """Return the whole path of a folder that somebody named."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} must be a str or path-like; got {path!r:.80}")
    if not str(path):
        raise ValueError(f"{name} must name a folder, and '.' is this one; got ''")
    if "\0" in str(path):
        raise ValueError(
            f"{name} must name a folder, and no name has the character 0; got {path!r:.80}"
        )
    try:
        return Path(os.path.abspath(Path(path).expanduser()))
    except RuntimeError:
        raise ValueError(
            f"{name} must name a folder; got {str(path)!r}, and ~ is followed by no user of this "
            "machine: a folder whose name begins so is written ./~"
        ) from None


def settings_path(out: Path) -> Path:
    """The file with the settings of all shards."""
    return out / "settings.json"


def weights_path(out: Path) -> Path:
    """The file with the weights of a bank that is no bank of triangles."""
    return out / "weights.npy"


def plan_path(out: Path, name: str) -> Path:
    """The file that says which recordings are in a shard."""
    return out / "plan" / f"{name}.json"


def data_path(out: Path, name: str) -> Path:
    """The array of a shard, of shape (n_frames, n_mels)."""
    return out / "shards" / f"{name}.npy"


def sums_path(out: Path, name: str) -> Path:
    """What the statistics of a shard are computed from."""
    return out / "shards" / f"{name}.sums.npy"


def record_path(out: Path, name: str) -> Path:
    """The record of a shard, which is written last: a shard is made when its record is there."""
    return out / "shards" / f"{name}.json"


def planned(out: Path) -> list[str]:
    """The names of all shards of the plan, in their order."""
    return sorted(_numbered(out / "plan"))


def unplanned(out: Path) -> list[str]:
    """The names of shards that are not in the plan, although they are numbered or were made."""
    names = _numbered(out / "plan")
    made = _numbered(out / "shards")
    numbers = range(max(map(int, names | made), default=-1))
    return sorted(made.union(f"{number:0{NAME_DIGITS}d}" for number in numbers) - names)


def _numbered(folder: Path) -> set[str]:
    """The names of shards that files have; what systems and people put beside them has others."""
    name = re.compile(rf"[0-9]{{{NAME_DIGITS}}}")
    return {path.stem for path in folder.glob("*.json") if name.fullmatch(path.stem)}


def write_json(path: Path, value: Any, *, new: bool = False) -> None:
    """Write a value whole; equal values make equal bytes. Names that are not UTF-8 come back."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, allow_nan=False)
    _write_whole(path, lambda file: file.write(text.encode("ascii") + b"\n"), new)


def read_json(path: Path, kinds: Mapping[str, type] | None = None) -> dict[str, Any]:
    """The object that `write_json` wrote.

    Parameters
    ----------
    path : Path
    kinds : mapping of str to type, optional
        What must be in it, and of which kind.

    Raises
    ------
    Damaged
        When it is no JSON, or something else.
    OSError
        When it cannot be read.
    """
    return parsed(path.read_bytes(), path, kinds)


def parsed(text: bytes, path: Path, kinds: Mapping[str, type] | None = None) -> dict[str, Any]:
    """The object that a text is of JSON; see `read_json`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Damaged(f"{path} is damaged, or another's: it is no JSON") from None
    if not isinstance(value, dict):
        raise Damaged(f"{path} is damaged, or another's: it must hold an object of JSON")
    for key, kind in (kinds or {}).items():
        if not isinstance(value.get(key), kind):
            raise Damaged(f"{path} is damaged, or another's: it has no {key!r} as is written here")
    return value


def write_array(path: Path, *blocks: Array) -> None:
    """Write an array whole, as `numpy.save` does: blocks of it, along the first axis.

    Its bytes are written here, since NumPy does not say why they could not be.
    """
    n_rows = sum(map(len, blocks))

    def write(file: IO[bytes]) -> None:
        file.write(_header((n_rows, *blocks[0].shape[1:]), blocks[0].dtype))
        for block in blocks:
            file.write(np.ascontiguousarray(block).reshape(-1).view(np.uint8).data)

    _write_whole(path, write)


def array_size(shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    """The bytes of a file that `write_array` writes."""
    return len(_header(shape, dtype)) + math.prod(shape) * dtype.itemsize


def _header(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bytes:
    file = io.BytesIO()
    descr = np.lib.format.dtype_to_descr(dtype)
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_json(value: Any) -> str:
    """The hash of a value that JSON has, whichever way it was written."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("ascii")).hexdigest()


def remove_unfinished(out: Path) -> None:
    """Remove what killed processes left, when nothing is being written any more.

    In a folder that is only for reading it stays, where it harms nobody.
    """
    for path in out.rglob(f".*{UNFINISHED}"):
        with suppress(OSError):
            path.unlink()


def sync_folder(folder: Path) -> None:
    """Have the names of its files on the disk, too, on systems where a folder can be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_whole(path: Path, write: Callable[[IO[bytes]], Any], new: bool = False) -> None:
    """Write a file under another name, and give it its name in one step once it is on the disk.

    With `new`, a file that is there is left alone: FileExistsError.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{UNFINISHED}")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if new:
            _name_new(temporary, path)
        else:
            os.replace(temporary, path)
    except OSError as error:
        if error.filename is None:  # of an open file, as where the disk is full
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _name_new(temporary: Path, path: Path) -> None:
    """Give a file a name that no file has, in one step where the system has links."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError(f"{path} is there") from None
        os.replace(temporary, path)
