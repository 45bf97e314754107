"""One shard of recordings: the same call makes the same bytes, wherever and however often."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import specdemo
from specdemo._types import Array, Floats
from specdemo.audio import files, remarks, resample
from specdemo.audio._views import Source
from specdemo.corpus import storage
from specdemo.corpus.codes import ByteCode, HalfCode
from specdemo.corpus.planning import planned_paths
from specdemo.corpus.settings import read_settings
from specdemo.corpus.statistics import sums_of
from specdemo.formats import MelFormat
from specdemo.formats.melformat import TOO_LOUD
from specdemo.formats.scale import DEVIATION_FLOOR

# What is wrong with the machine, and not with the recording that it was met at.
OF_THE_MACHINE = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ESTALE")
    if hasattr(errno, name)
)

# What `remarks` says of nearly every recording of a corpus, whose sentences are cut out of speech.
COMMON_REMARK = "in the middle of a sound"


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
    paths = planned_paths(place, name)
    if is_made(place, name, settings):
        return name
    rows, parts, start = [], [np.empty((0, fmt.bank.n_mels), code.dtype)], 0
    for path in paths:
        row, stored = _try_recording(Path(folder), path, fmt, code)
        if stored is not None:
            row["start"] = start
            start += len(stored)
            parts.append(stored)
        rows.append(row)
    _write(place, name, settings, rows, np.concatenate(parts))
    return name


def is_made(out: Path, name: str, settings: dict[str, Any]) -> bool:
    """Whether a shard is there, in these settings, of the recordings that are planned."""
    record = read_record(out, name)
    if record is None or record["settings"] != settings:
        return False
    return [row["path"] for row in record["rows"]] == planned_paths(out, name)


def read_record(out: Path, name: str) -> dict[str, Any] | None:
    """The record of a shard, or None where there is none that can be read."""
    try:
        return storage.read_json(storage.record_path(out, name))
    except (FileNotFoundError, ValueError):
        return None


def _write(
    out: Path, name: str, settings: dict[str, Any], rows: list[dict[str, Any]], data: Array
) -> None:
    """Write data, sums and record, in this order."""
    storage.write_array(storage.data_path(out, name), data)
    storage.write_array(storage.sums_path(out, name), sums_of(data))
    storage.sync_folder(out / "shards")
    record = {
        "name": name,
        "settings": settings,
        "versions": _versions(),
        "shape": list(data.shape),
        "sha256": storage.sha256(storage.data_path(out, name)),
        "sums_sha256": storage.sha256(storage.sums_path(out, name)),
        "rows": rows,
    }
    storage.write_json(storage.record_path(out, name), record)


@cache
def _versions() -> dict[str, str]:
    """The releases that the numbers come from."""
    found = {"specdemo": specdemo.__version__}
    for package in ("numpy", "scipy", "soundfile"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _try_recording(
    folder: Path, path: str, fmt: MelFormat, code: ByteCode | HalfCode
) -> tuple[dict[str, Any], Array | None]:
    """The row of a recording, and its features; or a row that says why there are none."""
    try:
        return _recording(folder, path, fmt, code)
    except OSError as error:
        if error.errno in OF_THE_MACHINE:
            raise
        return {"path": path, "error": f"cannot be read: {error.strerror or error}"}, None
    except ImportError:
        raise
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        row: dict[str, Any] = {"path": path, "error": str(error)}
        if (folder / path).is_file():
            row["size"] = (folder / path).stat().st_size
        return row, None


def _recording(
    folder: Path, path: str, fmt: MelFormat, code: ByteCode | HalfCode
) -> tuple[dict[str, Any], Array]:
    whole = folder / path
    if not whole.is_file():
        raise ValueError("is no file, or a link to one that is missing")
    with whole.open("rb") as file:
        row: dict[str, Any] = {"path": path, "size": os.fstat(file.fileno()).st_size}
        row["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        x, row["sr"], problem = _load(file)
    peak = float(np.abs(x).max())
    if peak > TOO_LOUD:
        raise ValueError(f"its samples must lie within -1 and 1; they reach {peak:.4g}")
    row["remarks"] = [problem] if problem else []
    row["remarks"] += [said for said in remarks(x, row["sr"]) if COMMON_REMARK not in said]
    row |= {"peak": peak, "rms": float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))}
    x = _at_rate(x, row["sr"], round(fmt.sr))
    A = fmt.forward(x)
    row |= {"n_samples": len(x), "n_frames": A.shape[0 if fmt.frames_first else 1]}
    row |= _taken_away(fmt, x)
    stored = code.encode(A if fmt.frames_first else A.T)
    return row, stored


def _load(file: Any) -> tuple[Floats, int, str | None]:
    """Samples, rate, and what is wrong with the end; a warning could be another thread's."""
    source = Source(file, {})
    with files._open(source) as reader:
        x, problem = reader.read(), reader.shortfall()
        if x.shape[-1] == 0:
            raise ValueError(f"holds no samples{f': {problem}' if problem else ''}")
        return files._finish(x, source, True), reader.sr, problem


def _at_rate(x: Floats, sr: int, new_sr: int) -> Floats:
    if new_sr > files.MOST_FROM_FILE * sr:
        raise ValueError(
            f"its rate must be at least {new_sr / files.MOST_FROM_FILE:g} Hz; got {sr}"
        )
    return x if sr == new_sr else resample(x, sr, new_sr)


def _taken_away(fmt: MelFormat, x: Floats) -> dict[str, Any]:
    """What a format takes away from an utterance, without which it cannot be heard again."""
    scale = fmt.scale
    if scale is None or not (scale.per_band or scale.to_max):
        return {}
    plain = replace(
        scale, per_band=False, to_max=False, below_max=None, mean=0.0, std=1.0, clip=None
    )
    A = replace(fmt, scale=plain).forward(x)
    A = A.T if fmt.frames_first else A
    A = A[:, :-1] if fmt.blank_last is not None and A.shape[1] > 1 else A
    if scale.per_band:
        deviation = A.std(axis=1, ddof=1) + DEVIATION_FLOOR
        return {"mean": A.mean(axis=1).tolist(), "std": deviation.tolist()}
    return {"largest": float(A.max())}
