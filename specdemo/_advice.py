"""What to do about values that are no arrays of floats, as the ends of messages of `_checks`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from specdemo._types import Array, Limit

# Numbers that are too narrow or too wide, and the nearest that are accepted.
NEAREST = {"float16": "float32", "longdouble": "float64", "clongdouble": "complex128"}


def _is_tensor(value: Any) -> bool:
    """Whether `value` is PyTorch's, as far as can be told without it."""
    return hasattr(value, "detach") and hasattr(value, "device")


def way_to_numpy(name: str, value: Any) -> str:
    """How an object that NumPy cannot read becomes one that it can, or an empty text."""
    if isinstance(value, tuple) and len(value) == 2 and _is_number(value[1]):
        return f"; it is a pair, perhaps of samples and their rate: pass {name}[0]"
    if not _is_tensor(value):
        return ""
    if value.device.type == "meta":
        return ", since it is on the device meta, where tensors have no numbers"
    has = partial(getattr, value)
    steps = [
        (value.requires_grad, "it carries a gradient", ".detach()"),
        (value.device.type != "cpu", f"it is on the device {value.device.type}", ".cpu()"),
        (has("is_sparse", False), "it is sparse", ".to_dense()"),
        (has("is_quantized", False), "it is quantized", ".dequantize()"),
        ("bfloat16" in str(value.dtype), "NumPy has no bfloat16", ".float()"),
        ("complex32" in str(value.dtype), "NumPy has no complex32", ".to(torch.complex64)"),
        (has("is_conj", bool)(), "it is to be conjugated", ".resolve_conj()"),
        (has("is_neg", bool)(), "it is to be negated", ".resolve_neg()"),
    ]
    reasons = " and ".join(reason for needed, reason, _ in steps if needed)
    calls = "".join(call for needed, _, call in steps if needed)
    return f", since {reasons}; pass {name}{calls}.numpy()" if calls else ""


def _is_number(value: Any) -> bool:
    """Whether `value` is a number of Python's, or of whatever library by its shape."""
    return isinstance(value, (int, float)) or getattr(value, "shape", None) == ()


def came(value: Array) -> Any:
    """What is said to have come in the place of an array of floats."""
    is_object = value.dtype == object and value.ndim == 0
    return f"{repr(value[()]).splitlines()[0]:.80}" if is_object else value.dtype


def advice(name: str, given: Any, value: Array, kind: str, minimum: Limit, samples: bool) -> str:
    """What to do about `given`, which as an array of a wrong dtype is `value`; or an empty text."""
    dtype = value.dtype
    if dtype.names:
        return f"take one of its fields, such as {name}[{dtype.names[0]!r}]"
    if hasattr(given, "toarray"):  # SciPy's sparse ones
        return f"pass {name}.toarray()"
    if dtype.kind == "O" and value.ndim:
        wanted = "complex128" if kind == "complex" else "float64"
        return f"pass np.asarray({name}, np.{wanted}) if it holds numbers"
    if dtype.kind == "c" and kind == "real":
        return f"pass np.abs({name})" if minimum == 0 else ""
    if kind == "complex" and (dtype.kind in "iuf" or "float" in dtype.name):
        return "magnitudes, which have no phases, are for invert_spectrogram"
    if dtype.kind in "iu":
        cast = _cast(name, given, "float32")
        if samples:
            return f"convert samples with {_from_integers(name, cast, dtype)}"
        hint = "amplitudes, and not the colours of a picture" if minimum == 0 else "its values"
        return f"pass {cast} if these are {hint}"
    for other, nearest in NEAREST.items():
        if dtype == other:
            return f"pass {_cast(name, given, nearest)}"
    # bfloat16 and narrower ones, which the package ml_dtypes lends to NumPy.
    return f"pass {_cast(name, given, 'float32')}" if "float" in dtype.name else ""


def _cast(name: str, given: Any, dtype: str) -> str:
    """How `given` is converted to a dtype in its own library."""
    if _is_tensor(given):
        return f"{name}.to(torch.{dtype})"
    if hasattr(given, "astype"):
        return f"{name}.astype(np.{dtype})"
    return f"np.asarray({name}, np.{dtype})"


def _from_integers(name: str, cast: str, dtype: np.dtype[Any]) -> str:
    """How samples in integers come to [-1, 1): unsigned ones have their zero in the middle."""
    if dtype.itemsize > 4:  # the result of arithmetic, in the range of what it was made from
        return f"{cast} / 32768 if they have 16 bits"
    half = 2 ** (8 * dtype.itemsize - 1)
    if dtype.kind == "u":
        return f"{cast} / {half} - 1  # ({name} - {half}) / {half}"
    return f"{cast} / {half}"
