"""Bad values for arguments of every kind, and what a row of the table of functions holds."""

import math

import numpy as np

from other_libraries import Tensor


def nothing(*arguments):
    """A function that takes everything and returns nothing."""


# The sampling rate of the table, in Hz.
SR = 8000

# What every argument gets.
VALUES = {
    "None": None,
    "a word": "nonsense",
    "digits": "3",
    "no text": "",
    "bytes": b"speech",
    "a list": [],
    "a list of numbers": [1.0, 2.0],
    "a dict": {},
    "an object": object(),
    "a function": nothing,
    "True": True,
    "complex": 1j,
    "NaN": math.nan,
    "Inf": math.inf,
    "-Inf": -math.inf,
    "zero": 0,
    "0.0": 0.0,
    "one": 1,
    "negative": -1,
    "a negative float": -0.1,
    "a fraction": 2.5,
    "a whole float": 2.0,
    "a huge int": 10**30,
    "a huge float": 1e308,
    "beyond floats": 10**400,
    "tiny": 5e-324,
    "a 0-d array": np.array(2.0),
    "an array": np.ones(2),
    "a module": np.random,
    "an old generator": np.random.RandomState(0),
}


def arrays(good):
    """Variations of an array: what an argument gets in addition whose good value is one."""
    middle = good.size // 2
    found = {}
    for name, value in [("NaN", np.nan), ("Inf", np.inf), ("-Inf", -np.inf)]:
        found[f"{name} in it"] = good.copy()
        found[f"{name} in it"].flat[middle] = value
    for name in ("int8", "uint8", "int16", "int64", "bool", "float16", "str", "object"):
        found[name] = np.abs(good.real).clip(0, 100).astype(name)
    if np.dtype(np.longdouble).itemsize > 8:
        found["long doubles"] = good.real.astype(np.longdouble)
    found["the other kind"] = good.real.copy() if np.iscomplexobj(good) else good + 0j
    found["no samples"] = good[..., :0]
    found["no axis"] = np.array(good.flat[0])
    found["negated"] = -good - 1
    found["reversed"] = good[..., ::-1]
    found["largest"] = np.full_like(good, np.finfo(good.dtype).max)
    found["smallest"] = np.full_like(good, np.finfo(good.dtype).smallest_subnormal)
    if good.ndim > 1:
        found["frames first"] = good.T
        found["a row less"] = good[:-1]
        found["a row more"] = np.vstack([good, good[:1]])
        found["one axis"] = good[:, 0]
        found["no rows"] = good[:0]
    found["three axes"] = np.stack([np.atleast_2d(good)] * 2)
    found["one channel, samples first"] = good.reshape(-1, 1)
    found["two channels, samples first"] = np.stack([good.ravel()] * 2, axis=1)
    found["masked"] = np.ma.masked_equal(good, good.flat[middle])
    found["masked in a list"] = list(np.ma.masked_equal(good, good.flat[middle]))
    found["named fields"] = np.rec.fromarrays([good.real, good.real], names="left,right")
    found["times"] = good.real.astype("timedelta64[s]")
    found["a tensor with a gradient"] = Tensor(good, requires_grad=True)
    found["a tensor elsewhere"] = Tensor(good, device="cuda")
    found["a tensor of bfloat16"] = Tensor(good, dtype="bfloat16")
    found["rows of different lengths"] = [[1.0], [1.0, 2.0]]
    found["a pair with its rate"] = (good, SR)
    return found


# Names of what an argument accepts of these, by its kind.
FLOATS = {"one", "a fraction", "a whole float", "a 0-d array"}
KINDS = {
    "count": {"one"},
    "count or zero": {"one", "zero"},
    "optional count": {"one", "None"},
    "whole rate": {"one", "a whole float", "a 0-d array"},
    "count, huge or not": {"one", "a huge int", "beyond floats"},
    "above zero": FLOATS,
    "at least zero": FLOATS | {"zero", "0.0", "tiny"},
    "any number": FLOATS | {"zero", "0.0", "tiny", "negative", "a negative float"},
    "seed": {"None", "one", "zero", "a huge int", "beyond floats"},
    "flag": {"True"},
    "word": set(),
    "grid": set(),
    "callback": {"None", "a function"},
    "path": set(),
    "signal": {"negated", "reversed", "three axes", "an array", "a list of numbers"},
    "spectrogram": {"reversed"},
    "spectrograms": {"reversed", "three axes"},
    "levels": {"reversed", "three axes", "negated"},
}

# Either refused or turned into something finite, whichever the sizes allow.
EITHER = {"largest", "smallest"}


class Row:
    """A function, good arguments, and for each argument its kind or more.

    An argument's entry is a kind, or a tuple of a kind, further names that it accepts, and more bad
    values in a list, in any number and order.
    """

    def __init__(self, function, good, **entries):
        self.function, self.good = function, good
        self.entries = entries

    def accepted(self, argument):
        names = set()
        for part in self.parts(argument):
            if isinstance(part, str):
                names |= KINDS.get(part, {part})
        return names

    def values(self, argument):
        """Name and value of everything that the argument gets."""
        values = dict(VALUES)
        good = self.good.get(argument)
        if isinstance(good, np.ndarray):
            values |= arrays(good)
        more = [part for part in self.parts(argument) if isinstance(part, list)]
        for i, value in enumerate(value for part in more for value in part):
            values[f"bad {i}: {value!r:.40}"] = value
        return values

    def parts(self, argument):
        entry = self.entries[argument]
        return entry if isinstance(entry, tuple) else (entry,)
