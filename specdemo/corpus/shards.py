"""One shard of recordings: the same call makes the same bytes, whoever makes it and however often."""

from __future__ import annotations

import errno
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import specdemo
from specdemo._types import Array
from specdemo.corpus import storage
from specdemo.corpus.codes import ByteCode, HalfCode
from specdemo.corpus.planning import planned_paths, printable, status
from specdemo.corpus.recordings import features_of
from specdemo.corpus.resampling import OWN
from specdemo.corpus.settings import read_settings
from specdemo.corpus.statistics import layout_of_sums, sums_of
from specdemo.formats import MelFormat

# What is wrong with the machine, and not with the recording that it was met at.
OF_THE_MACHINE = frozenset(
    getattr(errno, name)
    for name in (
        "ENOSPC",
        "EDQUOT",
        "EROFS",
        "EIO",
        "EMFILE",
        "ENFILE",
        "ENOMEM",
        "ESTALE",
        "EFBIG",
    )
    if hasattr(errno, name)
)


# What a record must have, and the rows of it.
KINDS = {
    "settings": dict,
    "rows": list,
    "rows_sha256": str,
    "shape": list,
    "sha256": str,
    "sums_sha256": str,
}
KINDS_OF_FRAMES = {"start": int, "n_frames": int, "n_samples": int}


def make_shard(folder: str, out: str, name: str, attempt: str = "") -> str:
    """Make a shard, unless it is there.

    Parameters
    ----------
    folder, out : str
        The recordings and the features, by the same paths on every machine that works.
    name : str
        Of the shard.
    attempt : str
        Differs from call to call, since some engines return what an equal call returned.

    Returns
    -------
    str
        The name.
    """
    place = Path(out)
    settings, fmt, code = read_settings(place)
    resampler = settings.get("resampler", OWN)
    paths = planned_paths(place, name)
    if is_made(place, name, settings):
        return name
    rows, start = [], 0
    blocks: list[Array] = [np.empty((0, fmt.bank.n_mels), code.dtype)]
    for path in paths:
        row, stored = _try_recording(Path(folder), path, fmt, code, resampler)
        if stored:
            row["start"] = start
            start += row["n_frames"]
            blocks += stored
        rows.append(row)
    _write(place, name, settings, rows, blocks)
    return name


def is_made(out: Path, name: str, settings: dict[str, Any]) -> bool:
    """Whether a shard is there, in these settings, of the recordings that are planned.

    Of its data only the size is looked at; see `damage`.
    """
    record = read_record(out, name)
    if record is None or record["settings"] != settings:
        return False
    if [row["path"] for row in record["rows"]] != planned_paths(out, name):
        return False
    n_frames, n_mels = record["shape"]
    code_dtype = np.dtype(settings["storage"]["dtype"])
    sums_shape, sums_dtype = layout_of_sums(code_dtype, n_mels)
    return _has_size(storage.data_path(out, name), (n_frames, n_mels), code_dtype) and _has_size(
        storage.sums_path(out, name), sums_shape, sums_dtype
    )


def _has_size(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    return path.is_file() and path.stat().st_size == storage.array_size(shape, dtype)


def read_record(out: Path, name: str) -> dict[str, Any] | None:
    """The record of a shard, or None where there is none that can be read."""
    path = storage.record_path(out, name)
    if path.is_dir():
        return None
    try:
        record = storage.read_json(path, KINDS)
    except (FileNotFoundError, storage.Damaged):
        return None
    shape = record["shape"]
    good = len(shape) == 2 and all(isinstance(n, int) and n >= 0 for n in shape)
    return record if good and all(map(_is_row, record["rows"])) else None


def _is_row(row: Any) -> bool:
    """Whether it is what a record has for a recording."""
    if not isinstance(row, dict) or not isinstance(row.get("path"), str):
        return False
    if "error" in row:
        return isinstance(row["error"], str)
    return all(isinstance(row.get(key), kind) for key, kind in KINDS_OF_FRAMES.items())


def damage(out: Path, name: str, record: dict[str, Any]) -> list[str]:
    """A sentence for each file of a shard that is not as its record has it: all of it is read."""
    found = []
    for path, expected in (
        (storage.data_path(out, name), record["sha256"]),
        (storage.sums_path(out, name), record["sums_sha256"]),
    ):
        if not path.is_file():
            found.append(f"{path.name} is missing: the same call of make_features makes it again.")
        elif storage.sha256(path) != expected:
            found.append(
                f"{path.name} is damaged: its bytes are not those that were written; make_features "
                "with renew=True makes it again."
            )
    if not has_its_rows(record):
        found.append(
            f"{storage.record_path(out, name).name} is damaged: its rows are not those that were "
            "written; make_features with renew=True makes it again."
        )
    return found


def has_its_rows(record: dict[str, Any]) -> bool:
    """Whether the rows of a record are those that were written."""
    return hashed(record["rows"])["rows_sha256"] == record["rows_sha256"]


def hashed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a record has of its rows."""
    return {"rows": rows, "rows_sha256": storage.sha256_of_json(rows)}


def _write(
    out: Path,
    name: str,
    settings: dict[str, Any],
    rows: list[dict[str, Any]],
    blocks: list[Array],
) -> None:
    """Write data, sums and record, in this order."""
    n_frames, n_mels = sum(map(len, blocks)), blocks[0].shape[1]
    storage.write_array(storage.data_path(out, name), *blocks)
    storage.write_array(storage.sums_path(out, name), sums_of(blocks))
    storage.sync_folder(out / "shards")
    record = {
        "name": name,
        "settings": settings,
        "versions": _versions(),
        "shape": [n_frames, n_mels],
        "sha256": storage.sha256(storage.data_path(out, name)),
        "sums_sha256": storage.sha256(storage.sums_path(out, name)),
        **hashed(rows),
    }
    storage.write_json(storage.record_path(out, name), record)


@cache
def _versions() -> dict[str, str]:
    """The releases that the numbers come from."""
    found = {"specdemo": specdemo.__version__}
    for package in ("numpy", "scipy", "soundfile", "soxr"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _try_recording(
    folder: Path, path: str, fmt: MelFormat, code: ByteCode | HalfCode, resampler: str
) -> tuple[dict[str, Any], list[Array]]:
    """The row of a recording, and its features; or a row that says why there are none."""
    try:
        return features_of(folder, path, fmt, code, resampler)
    except OSError as error:
        if error.errno in OF_THE_MACHINE:
            raise
        return {"path": path, "error": f"cannot be read: {error.strerror or error}"}, []
    except MemoryError as error:
        raise MemoryError(f"there is not enough for {printable(path)}: {error}") from error
    except ImportError:
        raise
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        row: dict[str, Any] = {"path": path, "error": str(error)}
        there = status(folder / path)
        if there is not None:
            row |= {"size": there.st_size, "mtime_ns": there.st_mtime_ns}
        return row, []
