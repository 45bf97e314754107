"""What features depend on, as JSON, and the format that it describes."""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from specdemo._types import Floats
from specdemo.corpus import resampling, storage
from specdemo.corpus.codes import ByteCode, HalfCode, code_of, code_settings, make_code
from specdemo.corpus.planning import status
from specdemo.formats import LogScale, MelFormat
from specdemo.mel import MelBank
from specdemo.stft import STFT

# The number of the layout of files that this version writes and reads.
LAYOUT = 1

# What computed numbers of two machines may differ by, of their size.
ROUNDING = 1e-5

# What settings must have.
KINDS = {"format": dict, "storage": dict}


def settings_of(fmt: MelFormat, dtype: str) -> dict[str, Any]:
    """All that the bytes of a shard depend on beside the recordings, as JSON has it.

    Raises
    ------
    ValueError
        When the numbers of the format cannot be stored in this dtype.
    """
    settings = {
        "layout": LAYOUT,
        "format": _plain(fmt),
        "storage": code_settings(make_code(fmt, dtype)),
        "resampler": resampling.best(),
    }
    return json.loads(json.dumps(settings))


def keep_settings(out: Path, fmt: MelFormat, dtype: str) -> dict[str, Any]:
    """Write the settings, or hold them against those that are there, which are returned.

    Weights that are not those of the settings are written again.

    Raises
    ------
    ValueError
        When they differ: the message names each difference.
    """
    settings, path = settings_of(fmt, dtype), storage.settings_path(out)
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        if fmt.bank.weights is not None:
            storage.write_array(storage.weights_path(out), fmt.bank.matrix)
        try:
            storage.write_json(path, settings, new=True)
        except FileExistsError:
            pass  # another process was faster: its settings count
    there = _parsed(path.read_bytes(), out)
    found = differences(_chosen(there), _chosen(settings))
    found += _numbers_apart(there["storage"], settings["storage"], "storage")
    if found:
        raise ValueError(
            f"out must be a new folder, or have features of the same settings; in {out}, "
            f"{'; '.join(found)}"
        )
    if fmt.bank.weights is not None and not _are_weights(out, fmt.bank.matrix):
        storage.write_array(storage.weights_path(out), fmt.bank.matrix)
    return there


def _parsed(text: bytes, out: Path) -> dict[str, Any]:
    """Settings of the layout that this version reads."""
    path = storage.settings_path(out)
    try:
        settings = storage.parsed(text, path)
        if settings.get("layout") == LAYOUT:
            storage.parsed(text, path, KINDS)
    except storage.Damaged as error:
        raise storage.Damaged(
            f"{error}. If it is of features, remove it, and make_features with the settings of the "
            "first time writes it again; else out must be another folder"
        ) from None
    if settings.get("layout") != LAYOUT:
        raise ValueError(
            f"out must have the layout {LAYOUT}, which this version reads; got "
            f"{settings.get('layout')!r} in {path}: take the version of specdemo that made it, or, "
            "if it is of something else, another folder"
        )
    return settings


def _chosen(settings: dict[str, Any]) -> dict[str, Any]:
    """Those of the settings that are chosen, without what follows from them or from what is installed."""
    storage = {"dtype": settings["storage"].get("dtype")}
    return {"layout": settings["layout"], "format": settings["format"], "storage": storage}


def _numbers_apart(there: dict[str, Any], asked: dict[str, Any], at: str) -> list[str]:
    """A clause for the first of the computed numbers that rounding does not explain.

    Bytes are read by these numbers: one that was changed makes all features wrong.
    """
    if there.get("dtype") != asked["dtype"]:
        return []  # which is said already
    for key in sorted(asked):
        pairs = zip(_flat(there.get(key)), _flat(asked[key]), strict=False)
        for number, (one, other) in enumerate(pairs):
            if not _are_near(one, other):
                which = f"number {number} of " if isinstance(asked[key], list) else ""
                return [f"{which}{at}.{key} is {one!r:.40} there, and {other!r:.40} is asked for"]
        if len(list(_flat(there.get(key)))) != len(list(_flat(asked[key]))):
            return [f"{at}.{key} has another length than is asked for"]
    return []


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def _are_near(one: Any, other: Any) -> bool:
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (one, other))
    return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING) if numbers else one == other


def differences(there: dict[str, Any], asked: dict[str, Any], at: str = "") -> list[str]:
    """A clause for each setting in which two differ."""
    found = []
    # A name says more than what follows from it.
    for key in sorted({*there, *asked}, key=lambda key: (key != "name", key)):
        one, other = there.get(key), asked.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            found += differences(one, other, f"{at}{key}.")
        elif one != other:
            found.append(f"{at}{key} is {one!r:.40} there, and {other!r:.40} is asked for")
    return found


def read_settings(out: Path) -> tuple[dict[str, Any], MelFormat, ByteCode | HalfCode]:
    """The settings in a folder, their format, and how its numbers are stored.

    Raises
    ------
    FileNotFoundError, ValueError
        When there are none, or those of a later version.
    """
    path = storage.settings_path(out)
    if not path.is_file():
        raise FileNotFoundError(f"out must be a folder that make_features made; {path} is missing")
    weights = status(storage.weights_path(out))
    return _opened(path.read_bytes(), out, weights and (weights.st_size, weights.st_mtime_ns))


def _are_weights(out: Path, matrix: Floats) -> bool:
    """Whether the file of weights holds these."""
    try:
        there = np.load(storage.weights_path(out), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return False
    return np.array_equal(there, matrix)


@lru_cache(maxsize=8)
def _opened(
    text: bytes, out: Path, _of_weights: tuple[int, int] | None
) -> tuple[dict[str, Any], MelFormat, ByteCode | HalfCode]:
    """Settings and what they say: once for every text, and for every change of the weights."""
    settings = _parsed(text, out)
    try:
        fmt = _format(settings["format"], out)
        return settings, fmt, code_of(settings["storage"], fmt)
    except storage.Damaged:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise storage.Damaged(
            f"{storage.settings_path(out)} is damaged ({type(error).__name__}: {error}): remove it, and "
            "make_features with the settings of the first time writes it again"
        ) from error


def _plain(value: Any) -> Any:
    """A frozen object as a dict; weights as their hash, since a file of their own has them."""
    if isinstance(value, (MelFormat, MelBank, STFT, LogScale)):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "_"}
    if hasattr(value, "values") and isinstance(value.values, bytes):
        return {"sha256": hashlib.sha256(value.values).hexdigest()}
    return list(value) if isinstance(value, tuple) else value


def _format(plain: dict[str, Any], out: Path) -> MelFormat:
    """The format of a dict that `_plain` made."""
    bank = dict(plain["bank"])
    if bank["weights"] is not None:
        bank["weights"] = _weights(out, bank["weights"]["sha256"])
    scale = None if plain["scale"] is None else LogScale(**_tuples(plain["scale"]))
    stft = STFT(**_tuples(bank.pop("stft")))
    rest = {key: value for key, value in plain.items() if key not in ("bank", "scale")}
    with warnings.catch_warnings():
        # Who chose the format was told of its empty bands.
        warnings.simplefilter("ignore")
        return MelFormat(MelBank(stft, **bank), scale, **rest)


def _weights(out: Path, sha256: str) -> Floats:
    """The weights of a bank, if they are those that the settings are of."""
    path = storage.weights_path(out)
    try:
        weights: Floats = np.load(path, allow_pickle=False)
        why = "its numbers are not those of settings.json"
    except (OSError, ValueError, EOFError) as error:
        weights, why = np.empty(0), f"it cannot be read ({error})"
    if hashlib.sha256(weights.astype(np.float64).tobytes()).hexdigest() != sha256:
        raise storage.Damaged(
            f"{path} is missing or damaged: {why}; make_features with the same arguments writes it "
            "again"
        )
    return weights


def _tuples(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in settings.items()}
