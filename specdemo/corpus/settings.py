"""What features depend on, as JSON, and the format that it describes."""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from specdemo.corpus import storage
from specdemo.corpus.codes import ByteCode, HalfCode, code_of, code_settings, make_code
from specdemo.formats import LogScale, MelFormat
from specdemo.mel import MelBank
from specdemo.stft import STFT

# The number of the layout of files that this version writes and reads.
LAYOUT = 1


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
    }
    return json.loads(json.dumps(settings))


def keep_settings(out: Path, fmt: MelFormat, dtype: str) -> dict[str, Any]:
    """Write the settings, or hold them against those that are there.

    Raises
    ------
    ValueError
        When they differ: the message names each difference.
    """
    settings, path = settings_of(fmt, dtype), storage.settings_path(out)
    if not path.exists():
        if fmt.bank.weights is not None:
            storage.write_array(storage.weights_path(out), fmt.bank.matrix)
        storage.write_json(path, settings)
    there = storage.read_json(path)
    found = differences(_chosen(there), _chosen(settings))
    if found:
        raise ValueError(
            f"out must be a new folder, or have features of the same settings; in {out}, "
            f"{'; '.join(found)}"
        )
    return there


def _chosen(settings: dict[str, Any]) -> dict[str, Any]:
    """Those of the settings that are chosen, without what is computed from them."""
    return settings | {"storage": {"dtype": settings["storage"]["dtype"]}}


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
    return _opened(path.read_bytes(), out)


@lru_cache(maxsize=8)
def _opened(text: bytes, out: Path) -> tuple[dict[str, Any], MelFormat, ByteCode | HalfCode]:
    settings = json.loads(text)
    if settings.get("layout") != LAYOUT:
        raise ValueError(
            f"out must have the layout {LAYOUT}, which this version reads; got "
            f"{settings.get('layout')!r} in {out}: take the version of specdemo that made it"
        )
    fmt = _format(settings["format"], out)
    return settings, fmt, code_of(settings["storage"], fmt)


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
        bank["weights"] = np.load(storage.weights_path(out), allow_pickle=False)
    scale = None if plain["scale"] is None else LogScale(**_tuples(plain["scale"]))
    stft = STFT(**_tuples(bank.pop("stft")))
    rest = {key: value for key, value in plain.items() if key not in ("bank", "scale")}
    with warnings.catch_warnings():
        # Who chose the format was told of its empty bands.
        warnings.simplefilter("ignore")
        return MelFormat(MelBank(stft, **bank), scale, **rest)


def _tuples(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in settings.items()}
