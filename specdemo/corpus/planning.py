"""Which recordings a folder has, and which of them make a shard: fixed before the work begins."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from specdemo.corpus import storage

SUFFIXES = (
    ".wav", ".wave", ".flac", ".fla", ".ogg", ".oga", ".opus", ".mp3", ".mp2", ".mp1", ".mpa", ".mpga",
    ".aiff", ".aif", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64", ".sph", ".nist", ".voc", ".avr",
    ".paf", ".pvf", ".svx", ".8svx", ".ircam",
)  # fmt: skip

# Endings of recordings, too, but of such as have to be converted first, or of films.
OTHER_SUFFIXES = (
    ".m4a", ".m4b", ".mp4", ".aac", ".ac3", ".amr", ".awb", ".ape", ".webm", ".mka", ".mkv", ".mov", ".avi",
    ".3gp", ".wma", ".wv", ".spx", ".tta", ".mpc", ".ra", ".dsf", ".gsm", ".vox", ".raw", ".pcm",
)  # fmt: skip

# The size of what is no file, such as a link to nowhere.
NO_FILE = -1

# How systems say that a link leads nowhere, or to a name that no file can have.
NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})


class AlreadyPlanning(RuntimeError):
    """Another process is writing a plan at this moment."""


class Seen(NamedTuple):
    """What a folder says of a file: its size in bytes, and when it was changed, in ns."""

    size: int
    mtime_ns: int


def find(folder: Path, others: Counter[str] | None = None) -> dict[str, Seen]:
    """The recordings of a folder and the folders in it, in the order of their names.

    Parameters
    ----------
    folder : Path
    others : Counter, optional
        Takes up how many files end in each of `OTHER_SUFFIXES`.

    Returns
    -------
    dict of str to Seen
        Path within the folder, with slashes, and what is there.

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
        if not path.lower().endswith(SUFFIXES):
            if others is not None:
                others[PurePosixPath(path).suffix.lower()] += 1
            continue
        file = status(folder / path)
        found[path] = Seen(NO_FILE, 0) if file is None else Seen(file.st_size, file.st_mtime_ns)
    return dict(sorted(found.items()))


def status(path: Path) -> os.stat_result | None:
    """What the system says of a file; None of what is no file, or a link to one that is missing."""
    try:
        there = path.stat()
    except OSError as error:
        if error.errno in NOWHERE:
            return None
        raise
    return there if stat.S_ISREG(there.st_mode) else None


def _walk(folder: Path) -> Iterator[str]:
    """Paths of recordings, of whatever kind; links are followed, but no folder is gone through twice.

    Folders themselves come before links, so that a link to one of them changes no path.
    """
    seen, starts = set(map(str, Path(os.path.realpath(folder)).parents)), [str(folder)]
    for start in starts:  # which grows
        if os.path.realpath(start) in seen:
            continue
        for here, folders, files in os.walk(start, onerror=_raise):
            seen.add(os.path.realpath(here))
            inside = sorted(os.path.join(here, name) for name in folders if name[0] != ".")
            starts += filter(os.path.islink, inside)
            folders[:] = [
                os.path.basename(path) for path in inside if os.path.realpath(path) not in seen
            ]
            for name in files:
                if name.lower().endswith(SUFFIXES + OTHER_SUFFIXES) and not name.startswith("."):
                    yield Path(here, name).relative_to(folder).as_posix()


def passed_over(others: Mapping[str, int]) -> str:
    """A sentence on files that end in `OTHER_SUFFIXES`, of which there are some."""
    kinds = ", ".join(f"{suffix} ({n})" for suffix, n in sorted(others.items()))
    return f"passed over: {counted(sum(others.values()), 'file')} to be converted first: {kinds}"


def _raise(error: OSError) -> None:
    raise error


def check(out: Path, found: dict[str, Seen]) -> None:
    """Refuse recordings of which the plan has none.

    Raises
    ------
    ValueError
        When the plan is of other recordings.
    """
    known = {path for name in storage.planned(out) for path in planned_paths(out, name)}
    if known and not known & set(found):
        raise ValueError(
            f"out must be a new folder, or have features of the same recordings; {out} has none "
            f"of them, and has others, such as {printable(min(known))}"
        )


def plan(out: Path, found: dict[str, Seen], shard_mb: float) -> None:
    """Add to the plan those recordings that it does not have, in shards of about `shard_mb`.

    Raises
    ------
    ValueError
        When there would be more shards than there are names.
    AlreadyPlanning
        When another process is writing a plan at this moment.
    """
    names = storage.planned(out)
    known = {path for name in names for path in planned_paths(out, name)}
    number = int(names[-1]) + 1 if names else 0
    sizes = {path: seen.size for path, seen in found.items() if path not in known}
    for paths in _parts(sizes, shard_mb):
        if number >= storage.MOST_SHARDS:
            raise ValueError(
                f"shard_mb must be larger than {shard_mb:g}: there can be {storage.MOST_SHARDS} "
                f"shards, and {out} has them"
            )
        write_plan(out, f"{number:0{storage.NAME_DIGITS}d}", paths)
        number += 1


def write_plan(out: Path, name: str, paths: list[str]) -> None:
    """Plan a new shard."""
    try:
        storage.write_json(storage.plan_path(out, name), {"paths": paths}, new=True)
    except FileExistsError as error:
        raise AlreadyPlanning(
            f"another process is planning {out}: wait until it has ended"
        ) from error


def planned_paths(out: Path, name: str) -> list[str]:
    """The recordings of a shard.

    Raises
    ------
    storage.Damaged
        When the plan is no list of names.
    """
    path = storage.plan_path(out, name)
    paths = storage.read_json(path, {"paths": list})["paths"]
    if not all(isinstance(one, str) for one in paths):
        raise storage.Damaged(f"{path} is damaged: it must list names of files")
    return paths


def forget(out: Path, name: str, gone: set[str]) -> None:
    """Take recordings out of the plan of a shard."""
    paths = [path for path in planned_paths(out, name) if path not in gone]
    storage.write_json(storage.plan_path(out, name), {"paths": paths})


def printable(path: str) -> str:
    """A path as a screen can show it: what is not UTF-8, or would move the cursor, as its code."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def counted(n: int, what: str) -> str:
    """A number of things, in words.

    Examples
    --------
    >>> counted(1, "shard"), counted(2, "shard")
    ('1 shard', '2 shards')
    """
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


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
