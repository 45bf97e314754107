"""What of a corpus is not as it was when its features were made."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from specdemo.corpus import planning, storage
from specdemo.corpus.planning import Seen
from specdemo.corpus.shards import damage, has_its_rows, hashed, read_record


@dataclass
class Differences:
    """Recordings that are not what they were, those that are gone, and those that were dropped."""

    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def mend_plan(out: Path) -> None:
    """Plan shards again whose plan is missing or damaged: of what their records have, or nothing.

    Recordings that are in no plan then are planned as if they were new.

    Raises
    ------
    planning.AlreadyPlanning
        When another process is writing a plan at this moment.
    """
    known: set[str] = set()
    damaged = []
    for name in storage.planned(out):
        try:
            known.update(planning.planned_paths(out, name))
        except (storage.Damaged, FileNotFoundError):  # which a link to nowhere raises
            damaged.append(name)
    for name in damaged:
        storage.plan_path(out, name).unlink()
    for name in storage.unplanned(out):
        record = read_record(out, name)
        paths = [] if record is None else [row["path"] for row in record["rows"]]
        paths = [path for path in paths if path not in known]
        known.update(paths)
        planning.write_plan(out, name, paths)


def compare(folder: Path, out: Path, found: dict[str, Seen], renew: bool) -> Differences:
    """Hold recordings against records; drop the records of shards that are to be made again.

    With `renew` they are those with anything wrong; and always those with recordings that could not
    be opened and now can, if nothing else would change with them.
    """
    differences = Differences()
    for name in storage.planned(out):
        record = read_record(out, name)
        rows = [] if record is None else record["rows"]
        known = planning.planned_paths(out, name)
        gone = [path for path in known if path not in found]
        changed = _changed(folder, out, name, record, found)
        wrong = bool(gone or changed)
        if renew and (
            wrong or any("error" in row for row in rows) or _is_damaged(out, name, record)
        ):
            planning.forget(out, name, set(gone))
            differences.dropped += gone
        elif wrong or not any(_can_be_opened(folder, row, found) for row in rows):
            differences.gone += gone
            differences.changed += changed
            continue
        storage.record_path(out, name).unlink(missing_ok=True)
    return differences


def _is_damaged(out: Path, name: str, record: dict[str, Any] | None) -> bool:
    return record is not None and bool(damage(out, name, record))


def _changed(
    folder: Path,
    out: Path,
    name: str,
    record: dict[str, Any] | None,
    found: dict[str, Seen],
) -> list[str]:
    """The recordings of a shard whose bytes are not those that features were made of.

    Bytes are looked at where the time of the last change is another, but the size is not: a copy
    has another time, too. The record then has it from now on, so that this is done once.
    """
    if record is None:
        return []
    changed, copies = [], []
    for row in _there(record["rows"], found):
        size, mtime_ns = found[row["path"]]
        if row["size"] != size:
            changed.append(row["path"])
        elif row.get("mtime_ns", mtime_ns) != mtime_ns and "sha256" in row:
            sha256 = _sha256(folder / row["path"])
            if sha256 == row["sha256"]:
                copies.append(row | {"mtime_ns": mtime_ns})
            elif sha256 is not None:
                changed.append(row["path"])
    if copies and has_its_rows(record):
        renewed = {row["path"]: row for row in copies}
        rows = [renewed.get(row["path"], row) for row in record["rows"]]
        with suppress(OSError):  # of a folder that is only for reading
            storage.write_json(storage.record_path(out, name), record | hashed(rows))
    return changed


def _sha256(path: Path) -> str | None:
    """The hash of a file; None of one that cannot be read, of which nobody knows."""
    try:
        return storage.sha256(path)
    except OSError:
        return None


def _there(rows: list[dict[str, Any]], found: dict[str, Seen]) -> Iterable[dict[str, Any]]:
    """Rows of recordings that were read, and are still there."""
    return (row for row in rows if row["path"] in found and "size" in row)


def _can_be_opened(folder: Path, row: dict[str, Any], found: dict[str, Seen]) -> bool:
    """Whether a recording could not be opened when it was its turn, and now can."""
    path = row["path"]
    if "size" in row or path not in found or found[path].size == planning.NO_FILE:
        return False
    try:
        with (folder / path).open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True
