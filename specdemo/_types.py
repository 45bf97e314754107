"""Kinds of arguments and results that many functions share."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Complexes = NDArray[np.complexfloating]
Array = NDArray[Any]

# Where an argument ends, or None where it does not.
Limit = float | None

# What randomness comes from.
Seed = int | np.random.Generator | None

# The amplitude of 0 dB, or what finds it in a spectrogram.
Reference = float | Callable[[Floats], float]

# Called after every iteration with its number, and the spectral convergence in dB.
OnIteration = Callable[[int, float], object] | None

# What a recording is read from, and what it is written to.
Recording = str | PathLike[str] | IO[bytes] | bytes
Target = str | PathLike[str] | IO[bytes]
