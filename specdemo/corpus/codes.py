"""A format's numbers as bytes in steps of 0.5 dB, or in half precision, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from specdemo import _checks
from specdemo._types import Array, Floats
from specdemo.formats import LogScale, MelFormat

DTYPES = ("uint8", "float16")

STEP_DB = 0.5
N_CODES = 256
LARGEST_HALF = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class ByteCode:
    """Numbers as whole steps above the least one that can be told.

    Parameters
    ----------
    values : ndarray, shape (256,) or (n_mels, 256)
        The number that each byte stands for, in ascending order.
    low, step : float
        Logarithm from which steps are counted up, and from one byte to the next.
    floor : float
        Logarithm of the byte 0: `low`, or the floor of a format that reaches farther down than bytes.
    mean, std : float or ndarray, shape (n_mels,)
        What makes numbers of logarithms: `(logarithm - mean) / std`.
    to_db : float
        0 for logarithmic formats; for others what makes dB of the logarithm of a band to base 10.
    """

    values: Floats
    low: float
    step: float
    floor: float
    mean: Any = 0.0
    std: Any = 1.0
    to_db: float = 0.0

    dtype = np.dtype(np.uint8)

    def encode(self, A: Floats) -> Array:
        """Bytes of numbers of shape (n_frames, n_mels): those whose logarithms are nearest."""
        if self.to_db:
            least = 10 ** (self.low / self.to_db)
            logarithms: Floats = self.to_db * np.log10(np.maximum(A, A.dtype.type(least)))
        else:
            logarithms = A * np.asarray(self.std, A.dtype) + np.asarray(self.mean, A.dtype)
        steps = (logarithms - A.dtype.type(self.low)) * A.dtype.type(1 / self.step)
        stored = np.clip(np.rint(steps, out=steps), 0, N_CODES - 1, out=steps).astype(np.uint8)
        if self.floor < self.low:
            middle = (self.floor + self.low + self.step) / 2
            np.maximum(stored, logarithms >= A.dtype.type(middle), out=stored, casting="unsafe")
        return stored

    def decode(self, stored: Array) -> Floats:
        """Numbers of bytes of shape (n_frames, n_mels), float32."""
        if self.values.ndim == 1:
            return self.values[stored]
        return np.take_along_axis(self.values, stored.T.astype(np.intp), axis=1).T


@dataclass(frozen=True)
class HalfCode:
    """Numbers in half precision."""

    dtype = np.dtype(np.float16)

    def encode(self, A: Floats) -> Array:
        """Numbers of shape (n_frames, n_mels) as float16."""
        return A.astype(np.float16)

    def decode(self, stored: Array) -> Floats:
        """The same numbers as float32."""
        return stored.astype(np.float32)


def make_code(fmt: MelFormat, dtype: str) -> ByteCode | HalfCode:
    """How the numbers of a format are stored.

    Raises
    ------
    ValueError
        When they have no bounds that bytes could lie between, or half precision has no such
        numbers.
    """
    dtype = _checks.choice("dtype", dtype, DTYPES)
    why = unfit(fmt, dtype)
    if why:
        (other,) = set(DTYPES) - {dtype}
        name = fmt.name or "this format"
        raise ValueError(f"dtype must be {other!r} for {name}, whose numbers {why}; got {dtype!r}")
    if dtype == "float16":
        return HalfCode()
    return _linear_code(fmt) if fmt.scale is None else _logarithmic_code(fmt, fmt.scale)


def unfit(fmt: MelFormat, dtype: str) -> str:
    """Why numbers of a format cannot be stored as `dtype`, in words that follow "its numbers"; or ""."""
    if dtype == "uint8":
        has_bounds = fmt.scale is None or np.isfinite(_bounds(fmt, fmt.scale)[1])
        return "" if has_bounds else "have no bounds that bytes could lie between"
    if not LARGEST_HALF < fmt.highest < np.inf:
        return ""
    return f"reach {fmt.highest:.4g}, and half precision ends at {LARGEST_HALF:g}"


def code_settings(code: ByteCode | HalfCode) -> dict[str, Any]:
    """A code as JSON has it: what a reader without this package needs, too."""
    if isinstance(code, HalfCode):
        return {"dtype": "float16"}
    return {
        "dtype": "uint8",
        "step_db": STEP_DB,
        "low": code.low,
        "step": code.step,
        "floor": code.floor,
        "to_db": code.to_db,
        "values": code.values.tolist(),
    }


def code_of(settings: dict[str, Any], fmt: MelFormat) -> ByteCode | HalfCode:
    """The code that `code_settings` described: to the bit, which computing it anew need not be."""
    if settings["dtype"] == "float16":
        return HalfCode()
    values = np.array(settings["values"], np.float32)
    mean, std = (0.0, 1.0) if fmt.scale is None else (fmt.scale.mean, fmt.scale.std)
    low, step, floor = (settings[key] for key in ("low", "step", "floor"))
    return ByteCode(values, low, step, floor, mean, std, settings["to_db"])


def _logarithmic_code(fmt: MelFormat, scale: LogScale) -> ByteCode:
    """Steps of the format's own logarithm, from its floor up.

    If its ceiling is more than 255 steps above the floor, they go from the ceiling down, and the last
    one leads to the floor.
    """
    low, high = _bounds(fmt, scale)
    floor = low
    per_decade = 1.0 if scale.base == "10" else float(np.log(10))
    step = scale.factor * per_decade * STEP_DB * fmt.bank.power / 20
    span = (N_CODES - 1) * step
    if not high - low <= span:
        low = high - span
    floor = floor if np.isfinite(floor) else low
    logarithms = low + step * np.arange(N_CODES)
    logarithms[0] = floor
    mean, std = (
        np.asarray(value, np.float64)[..., np.newaxis] for value in (scale.mean, scale.std)
    )
    values = ((logarithms - mean) / std).astype(np.float32)
    return ByteCode(values, low, step, floor, scale.mean, scale.std)


def _bounds(fmt: MelFormat, scale: LogScale) -> tuple[float, float]:
    """The least and the largest logarithm before mean and deviation."""
    plain = replace(fmt, scale=replace(scale, mean=0.0, std=1.0, clip=None))
    low, high = plain.lowest, plain.highest
    if scale.clip is not None:
        clip = np.multiply.outer(scale.clip, scale.std) + np.asarray(scale.mean)
        low, high = max(low, float(clip.min())), min(high, float(clip.max()))
    return low, high


def _linear_code(fmt: MelFormat) -> ByteCode:
    """Steps of dB, down from what no sound within -1 and 1 goes beyond; the byte 0 is nothing."""
    to_db = 20 / fmt.bank.power
    low = to_db * float(np.log10(fmt.highest)) - (N_CODES - 1) * STEP_DB
    values = 10 ** ((low + STEP_DB * np.arange(N_CODES)) / to_db)
    values[0] = 0
    return ByteCode(values.astype(np.float32), low, STEP_DB, low, to_db=to_db)
