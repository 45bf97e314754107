"""Files that are there whole or not at all, and where they lie in a folder of features."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from specdemo._types import Array

# Shards, whose names are sorted as texts.
NAME_DIGITS = 6

# What a file is called while it is written. A process that is killed leaves it behind.
UNFINISHED = ".unfinished"


def place(name: str, path: str | os.PathLike[str]) -> Path:
    """Return the whole path of a folder that somebody named."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} must be a str or path-like; got {path!r:.80}")
    if not str(path):
        raise ValueError(f"{name} must name a folder, and '.' is this one; got ''")
    return Path(os.path.abspath(Path(path).expanduser()))


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
    return sorted(path.stem for path in (out / "plan").glob("*.json"))


def unplanned(out: Path) -> list[str]:
    """The names of shards that are not in the plan, although they are numbered or were made."""
    names = planned(out)
    made = {path.stem for path in (out / "shards").glob("[0-9]*.json")}
    numbers = range(max(map(int, {*names, *made}), default=-1))
    return sorted(made.union(f"{number:0{NAME_DIGITS}d}" for number in numbers) - {*names})


def write_json(path: Path, value: Any, *, new: bool = False) -> None:
    """Write a value whole; equal values make equal bytes. Names that are not UTF-8 come back."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    _write_whole(path, lambda file: file.write(text.encode("ascii") + b"\n"), new)


def read_json(path: Path) -> Any:
    """The value that `write_json` wrote."""
    return json.loads(path.read_bytes())


def write_array(path: Path, *blocks: Array) -> None:
    """Write an array whole, as `numpy.save` does: blocks of it, along the first axis.

    Its bytes are written here, since NumPy does not say why they could not be.
    """
    n_rows = sum(map(len, blocks))
    header = {
        "descr": np.lib.format.dtype_to_descr(blocks[0].dtype),
        "fortran_order": False,
        "shape": (n_rows, *blocks[0].shape[1:]),
    }

    def write(file: IO[bytes]) -> None:
        np.lib.format.write_array_header_1_0(file, header)
        for block in blocks:
            file.write(np.ascontiguousarray(block).reshape(-1).view(np.uint8).data)

    _write_whole(path, write)


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_unfinished(out: Path) -> None:
    """Remove what killed processes left, when nothing is being written any more."""
    for path in out.rglob(f".*{UNFINISHED}"):
        path.unlink(missing_ok=True)


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
