"""Arrays as networks' programs store them: .npy, .npz, .safetensors, and .pt without PyTorch."""

from __future__ import annotations

import io
import json
import pickle  # noqa: TID251  (only to build arrays: nothing that a file names is called)
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

# A file of several arrays: their names, with what reads each.
Readers = Mapping[str, Callable[[], np.ndarray]]

# Names of dtypes in safetensors. NumPy has no bfloat16, which is the upper half of a float32.
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
STORAGES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
}
# What reading a file may end with that is none of its kind, or no longer.
DAMAGE = (
    *(ValueError, KeyError, TypeError, IndexError, OSError, EOFError, MemoryError, RecursionError),
    *(NotImplementedError, zipfile.BadZipFile, zlib.error),
)
LONGEST_HEADER = 100_000_000  # bytes, as in the safetensors format


def load_array(path: Path, key: str | None = None) -> np.ndarray:
    """Load the array of floats in a file, or the one of them that `key` names.

    Parameters
    ----------
    path : Path
        A .npy, .npz, .safetensors, .pt or .pth file. The content tells which, not the name.
    key : str, optional
        Which of several arrays.

    Returns
    -------
    ndarray, float16, float32 or float64

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file holds no arrays, is damaged, or `key` is needed or names none.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        arrays = _open(path)
        chosen = next(iter(arrays)) if key is None and len(arrays) == 1 else key
        A = arrays[chosen]() if chosen is not None and chosen in arrays else None
    except DAMAGE as error:
        raise ValueError(f"{path.name} cannot be read: {error}") from error
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path.name} cannot be read without PyTorch: {error}; {SAVE}") from error
    if A is None:
        raise ValueError(_which(path, arrays, key))
    if A.dtype.kind != "f":
        raise ValueError(f"{path.name} must hold floats; got {A.dtype}")
    return A


SAVE = 'save the array itself, by np.save("mel.npy", A.detach().cpu().numpy())'


def _open(path: Path) -> Readers:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\x93NUMPY"):
        return {"": lambda: np.load(path, allow_pickle=False)}
    if start.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        pickled = next((name for name in names if name.endswith("/data.pkl")), None)
        return _tensors_of_pytorch(path, pickled) if pickled else _arrays_of_npz(path)
    if int.from_bytes(start, "little") < min(LONGEST_HEADER, path.stat().st_size):
        return _arrays_of_safetensors(path, int.from_bytes(start, "little"))
    raise ValueError(f"it is not a .npy, .npz, .safetensors or .pt file; {SAVE}")


def _which(path: Path, arrays: Readers, key: str | None) -> str:
    listed = ", ".join(arrays) or "no array of floats with two axes"
    if "" in arrays:
        return f"--key must be left out: {path.name} holds one array without a name; got {key}"
    if key is None:
        return f"{path.name} holds {listed}" + (": say which, by --key" if arrays else "")
    return f"--key must be one of the arrays in {path.name}, {listed}; got {key}"


def _arrays_of_npz(path: Path) -> Readers:
    found = {}
    with np.load(path, allow_pickle=False) as arrays:
        for name in arrays.files:
            try:
                A = arrays[name]  # bytes, where it is no array
            except ValueError as error:
                if "allow_pickle" in str(error):  # an array of objects, such as a name or None
                    continue
                raise
            if isinstance(A, np.ndarray) and A.dtype.kind == "f" and A.ndim > 1:
                found[name] = A
    return _known(found)


def _known(arrays: Mapping[str, np.ndarray]) -> Readers:
    """Readers of arrays that have been read already."""
    return {name: partial(np.asarray, A) for name, A in arrays.items()}


def _arrays_of_safetensors(path: Path, header_length: int) -> Readers:
    """Eight bytes with the length of a header in JSON, the header, and the numbers."""
    with path.open("rb") as file:
        header = json.loads(file.read(8 + header_length)[8:])
    start = 8 + header_length
    n_bytes = path.stat().st_size - start
    if not isinstance(header, dict):
        raise ValueError("its header is not a table of arrays")

    def reader(entry: dict[str, Any]) -> Callable[[], np.ndarray]:
        def read() -> np.ndarray:
            first, last = entry["data_offsets"]
            if not 0 <= first <= last <= n_bytes:
                raise ValueError("an array reaches beyond its end")
            with path.open("rb") as file:
                file.seek(start + first)
                data = file.read(last - first)
            return _floats(data, entry["dtype"]).reshape(entry["shape"])

        return read

    return {
        name: reader(entry)
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] in DTYPES and len(entry["shape"]) > 1
    }


def _tensors_of_pytorch(path: Path, pickled: str) -> Readers:
    """A ZIP archive with a pickle of tensors, whose numbers are files of their own."""
    with zipfile.ZipFile(path) as archive:
        found = _TensorUnpickler(archive, pickled).load()
    return _known({name: A for name, A in _named(found) if A.ndim > 1})


def _named(found: Any, name: str = "") -> list[tuple[str, np.ndarray]]:
    """The arrays in dicts and lists, with the way to each as its name."""
    if isinstance(found, np.ndarray):
        return [(name, found)]
    if isinstance(found, Mapping):
        parts = [(str(key), value) for key, value in found.items()]
    elif isinstance(found, (list, tuple)):
        parts = [(str(i), value) for i, value in enumerate(found)]
    else:
        parts = []
    return [pair for key, value in parts for pair in _named(value, f"{name}.{key}".strip("."))]


class _TensorUnpickler(pickle.Unpickler):
    """Builds tensors as arrays, and calls nothing else that a file may name."""

    def __init__(self, archive: zipfile.ZipFile, pickled: str):
        super().__init__(io.BytesIO(archive.read(pickled)))
        self.archive, self.folder = archive, pickled.removesuffix("data.pkl")

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda tensor, *_: tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name.endswith("Storage"):
            return name
        raise pickle.UnpicklingError(f"it holds a {module}.{name}")

    def persistent_load(self, pid: Any) -> np.ndarray | None:
        _, kind, name, *_ = pid
        if kind not in STORAGES:  # of whole numbers, which are no mel spectrogram
            return None
        return _floats(self.archive.read(f"{self.folder}data/{name}"), STORAGES[kind])


def _rebuilt(storage: np.ndarray | None, offset: int, shape: Any, strides: Any, *_: Any) -> Any:
    if storage is None:
        return None
    reach = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if min(shape, default=1) < 1 or min((offset, *strides)) < 0 or reach >= storage.size:
        raise ValueError("a tensor reaches beyond its numbers")
    steps = [step * storage.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps).copy()


def _floats(data: bytes, dtype: str) -> np.ndarray:
    numbers = np.frombuffer(data, DTYPES[dtype])
    return (numbers.astype("<u4") << 16).view("<f4") if dtype == "BF16" else numbers
