"""Arrays as other libraries hand them over, made without these libraries."""

import warnings

import numpy as np


class Tensor:
    """As much of a PyTorch tensor as NumPy sees of it; the errors are those of PyTorch 2.13."""

    def __init__(self, values, requires_grad=False, device="cpu", dtype=None, kind=""):
        self.values, self.requires_grad = np.asarray(values), requires_grad
        self.kind, self.is_sparse, self.is_quantized = kind, kind == "sparse", kind == "quantized"
        self.device, self.shape = Device(device), self.values.shape
        self.dtype = f"torch.{dtype or self.values.dtype}"

    def _with(self, **changes):
        held = {
            "requires_grad": self.requires_grad,
            "device": self.device.type,
            "dtype": self.dtype.removeprefix("torch."),
            "kind": self.kind,
        }
        return Tensor(self.values, **held | changes)

    def plain(self):
        return self._with(kind="")

    to_dense = dequantize = resolve_conj = resolve_neg = plain

    def is_conj(self):
        return self.kind == "conj"

    def is_neg(self):
        return self.kind == "neg"

    def detach(self):
        return self._with(requires_grad=False)

    def cpu(self):
        return self._with(device="cpu")

    def float(self):
        return self.to(np.float32)

    def to(self, dtype):
        return self._with(dtype=np.dtype(dtype).name)

    def item(self):
        return self.values.item()

    def __repr__(self):
        return f"tensor({self.values.tolist()})"

    def numpy(self):
        if self.requires_grad:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        if self.device.type != "cpu":
            raise TypeError(
                f"can't convert {self.device.type}:0 device type tensor to numpy. "
                "Use Tensor.cpu() to copy the tensor to host memory first."
            )
        if self.dtype in ("torch.bfloat16", "torch.complex32"):
            raise TypeError(f"Got unsupported ScalarType {self.dtype}")
        if self.kind:
            raise TypeError(f"can't convert a tensor that is {self.kind}")
        return self.values.astype(self.dtype.removeprefix("torch."), copy=False)

    def __array__(self, dtype=None):
        return self.numpy()

    def __truediv__(self, number):
        return self._with_values(self.values.astype(self.dtype.removeprefix("torch.")) / number)

    def _with_values(self, values):
        return Tensor(values, self.requires_grad, self.device.type)

    def __iter__(self):
        return map(self._with_values, self.values)


class Device:
    """A device as PyTorch names it."""

    def __init__(self, type):
        self.type = type


class Interface:
    """An object with NumPy's array interface alone, as Pillow's pictures."""

    def __init__(self, values):
        self.values = np.ascontiguousarray(values)
        self.__array_interface__ = self.values.__array_interface__


class DLPack:
    """An object that speaks DLPack alone."""

    def __init__(self, values):
        self.values = values.copy()

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()


class Subclass(np.ndarray):
    """A subclass that hands itself on, as those with units do."""


def unaligned(values):
    """The same values, a byte off the place in memory where the processor likes them."""
    room = np.zeros(values.nbytes + 1, np.uint8)[1:]
    found = room.view(values.dtype).reshape(values.shape)
    found[...] = values
    return found


def read_only(values):
    found = values.copy()
    found.setflags(write=False)
    return found


def matrix(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # NumPy's, about the class
        return np.asmatrix(values.copy())


def handed_over(values):
    """Yield (name, object), the values of an array of floats in every form and layout.

    `values` has double precision; those that change it say so.
    """
    single = values.astype({"f": np.float32, "c": np.complex64}[values.dtype.kind])
    yield "single precision", single
    yield "single precision, other byte order", single.astype(single.dtype.newbyteorder())
    yield "other byte order", values.astype(values.dtype.newbyteorder())
    yield "Fortran order", np.asfortranarray(values)
    yield "negative strides", values[..., ::-1].copy()[..., ::-1]
    yield "every second", np.repeat(values, 2, axis=-1)[..., ::2]
    yield "a step of 0", np.broadcast_to(values[..., :1], values.shape)
    yield "unaligned", unaligned(values)
    yield "read-only", read_only(values)
    yield "a subclass", values.copy().view(Subclass)
    yield "masked, without a mask", np.ma.array(values.copy())
    yield "the interface of arrays", Interface(values)
    yield "DLPack", DLPack(values)
    yield "a tensor", Tensor(values.copy())
    yield "a memoryview", memoryview(values.copy())
    if values.ndim == 2:
        yield "a matrix", matrix(values)
