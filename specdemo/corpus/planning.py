"""Which recordings a folder has, and which of them make a shard: fixed before the work begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from specdemo.corpus import storage

SUFFIXES = (
    ".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".aifc", ".au",
    ".caf", ".w64", ".rf64",
)  # fmt: skip

# The size of what is no file, such as a link to nowhere.
NO_FILE = -1


def find(folder: Path) -> dict[str, int]:
    """The recordings of a folder and the folders in it, in the order of their names.

    Returns
    -------
    dict of str to int
        Path within the folder, with slashes, and size in bytes.

    Raises
    ------
    OSError
        When a folder cannot be read: its recordings would be missing without a word.
    """
    if not folder.is_dir():
        there = f"{folder} is a file" if folder.exists() else f"there is none at {folder}"
        raise FileNotFoundError(f"folder must be a folder of recordings; {there}")
    found = {}
    for path in _walk(folder):
        whole = folder / path
        found[path] = whole.stat().st_size if whole.is_file() else NO_FILE
    return dict(sorted(found.items()))


def _walk(folder: Path) -> Iterator[str]:
    """Paths of recordings; links are followed, but none into a folder that it lies in."""
    for here, folders, files in os.walk(folder, followlinks=True, onerror=_raise):
        above = {os.path.realpath(here)}
        above.update(os.path.realpath(parent) for parent in Path(here).parents)
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(here, name)) not in above
        ]
        for name in files:
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(here, name).relative_to(folder).as_posix()


def _raise(error: OSError) -> None:
    raise error


def plan(out: Path, found: dict[str, int], shard_mb: float) -> None:
    """Add to the plan those recordings that it does not have, in shards of about `shard_mb`.

    Raises
    ------
    ValueError
        When the plan is of other recordings.
    RuntimeError
        When another process is writing a plan at this moment.
    """
    names = storage.planned(out)
    known = {path for name in names for path in planned_paths(out, name)}
    if known and not known & set(found):
        raise ValueError(
            f"out must be a new folder, or have features of the same recordings; {out} has none "
            f"of them, and has others, such as {printable(min(known))}"
        )
    number = int(names[-1]) + 1 if names else 0
    for paths in _parts({path: n for path, n in found.items() if path not in known}, shard_mb):
        target = storage.plan_path(out, f"{number:0{storage.NAME_DIGITS}d}")
        try:
            storage.write_json(target, {"paths": paths}, new=True)
        except FileExistsError as error:
            raise RuntimeError(
                f"another process is planning {out}: wait until it has ended"
            ) from error
        number += 1


def planned_paths(out: Path, name: str) -> list[str]:
    """The recordings of a shard."""
    return storage.read_json(storage.plan_path(out, name))["paths"]


def forget(out: Path, name: str, gone: set[str]) -> None:
    """Take recordings out of the plan of a shard."""
    paths = [path for path in planned_paths(out, name) if path not in gone]
    storage.write_json(storage.plan_path(out, name), {"paths": paths})


def rows_of(record: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The rows of a record; none where there is no record."""
    return [] if record is None else record["rows"]


def printable(path: str) -> str:
    """A path as a screen can show it: what is not UTF-8, or would move the cursor, as its code."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _parts(sizes: dict[str, int], shard_mb: float) -> Iterator[list[str]]:
    """Paths in their order, in lists of about `shard_mb` megabytes."""
    paths: list[str] = []
    n_bytes = 0
    for path, size in sizes.items():
        paths.append(path)
        n_bytes += max(size, 0)
        if n_bytes >= shard_mb * 1e6:
            yield paths
            paths, n_bytes = [], 0
    if paths:
        yield paths
