"""Bands as a model's numbers, and back: logarithm, floor, mean and deviation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Floats

BASES = ("e", "10")

# Beyond these, single precision has no numbers.
LEAST = 1e-30
MOST = 1e20


@dataclass(frozen=True, kw_only=True)
class LogScale:
    """What a model does to mel bands: `(factor * log(floored bands) - mean) / std`, and back.

    Parameters
    ----------
    base : {"e", "10"}
        Base of the logarithm.
    factor : float
        What the logarithm is multiplied by: 20 makes dB of amplitudes, 10 dB of powers.
    floor : float
        The least band, above 0.
    add : bool
        Whether the floor is added to every band, instead of raising those below it.
    zeros_only : bool
        Whether the floor only takes the place of zeros, so that smaller bands stay.
    below_max : float, optional
        How far below the largest value of the utterance an array may go; what is lower is raised.
    to_max : bool
        Whether the largest value of the utterance is subtracted, which takes its level away.
    mean, std : float or sequence of float
        What is subtracted, and divided by afterwards: one number, or one for every band.
    per_band : bool
        Whether mean and deviation are those of every band over the utterance.
    clip : (float, float), optional
        The range that the numbers are clipped to, after all else.

    Raises
    ------
    TypeError, ValueError
        When a setting is of the wrong kind or range.

    Examples
    --------
    >>> scale = LogScale(base="10", factor=20.0, floor=1e-5)
    >>> scale.forward(np.array([[1.0], [0.1], [0.0]])).T
    array([[   0.,  -20., -100.]])
    >>> scale.lowest
    -100.0
    """

    base: str = "e"
    factor: float = 1.0
    floor: float = 1e-5
    add: bool = False
    below_max: float | None = None
    mean: Any = 0.0
    std: Any = 1.0
    clip: tuple[float, float] | None = None
    zeros_only: bool = False
    to_max: bool = False
    per_band: bool = False

    def __post_init__(self) -> None:
        _checks.settle(self)
        _checks.choice("base", self.base, BASES)
        _checks.number("factor", self.factor, minimum=LEAST, maximum=MOST)
        _checks.number("floor", self.floor, minimum=LEAST, maximum=MOST)
        for name in ("add", "zeros_only", "to_max", "per_band"):
            _checks.flag(name, getattr(self, name))
        if self.add and self.zeros_only:
            raise ValueError("add and zeros_only exclude each other; got True and True")
        if self.below_max is not None:
            _checks.number("below_max", self.below_max, minimum=LEAST, maximum=MOST)
        self._set_statistics("mean", -MOST)
        self._set_statistics("std", LEAST)
        if self.clip is not None:
            object.__setattr__(self, "clip", _range("clip", self.clip))

    def _set_statistics(self, name: str, minimum: float) -> None:
        """Keep numbers for bands as a tuple, so that two equal scales compare and hash as equal."""
        value = getattr(self, name)
        if isinstance(value, (int, float)):
            _checks.number(name, value, minimum=minimum, maximum=MOST)
        else:
            object.__setattr__(self, name, _numbers(name, value, minimum))

    @property
    def lowest(self) -> float:
        """The least value that an array on this scale can have, or -inf where there is none."""
        return self._lowest_of(0.0)

    def _lowest_of(self, least: float) -> float:
        """The least value that an array can have whose bands are at least `least`."""
        if self.per_band:
            return -np.inf
        if self.to_max:
            lowest = -np.inf if self.below_max is None else -self.below_max
        else:
            floor = np.finfo(np.float64).tiny if self.zeros_only else self.floor
            least = least + floor if self.add else max(least, floor)
            lowest = self._normalised(self.factor * self._log(least))
        return float(lowest if self.clip is None else max(lowest, self.clip[0]))

    def _highest_of(self, loudest: float) -> float:
        """The largest value that bands up to `loudest` can have, or inf where there is no bound."""
        if self.per_band:
            return np.inf
        highest = 0.0
        if not self.to_max:
            highest = self.factor * self._log(loudest + self.floor if self.add else loudest)
            highest = float(np.max((highest - np.asarray(self.mean)) / np.asarray(self.std)))
        return float(highest if self.clip is None else min(highest, self.clip[1]))

    @property
    def _widest(self) -> float:
        """How far the values of one array can lie apart, or inf."""
        if self.below_max is None or np.ndim(self.std) > 0 or self.per_band:
            return np.inf
        return self.below_max / float(self.std)

    @property
    def losses(self) -> list[str]:
        """What cannot be had back from the numbers alone, in a sentence for each rule."""
        lost = []
        if self.to_max:
            lost.append("The level is lost: the largest value of the utterance was subtracted.")
        if self.per_band:
            lost.append("Level and colour are lost: every band has the mean 0 and the deviation 1.")
        if self.below_max is not None:
            lost.append(
                f"What lies more than {self.below_max:g} below the largest logarithm of the "
                "utterance is raised to that."
            )
        if self.clip is not None:
            lost.append(f"Values beyond {self.clip[0]:g} and {self.clip[1]:g} are clipped.")
        return lost

    def forward(self, M: ArrayLike) -> Floats:
        """The model's numbers of bands.

        Parameters
        ----------
        M : ndarray, shape (..., n_mels, n_frames)
            Bands, float32 or float64, not negative.

        Returns
        -------
        ndarray, shape (..., n_mels, n_frames)
            In the dtype of `M`.
        """
        M = _checks.array("M", M, ndim=2, minimum=0)
        A = self._log(self._floored(M)) * M.dtype.type(self.factor)
        largest = A.max(axis=(-2, -1), keepdims=True)
        if self.to_max:
            A, largest = A - largest, np.zeros_like(largest)
        if self.below_max is not None:
            A = np.maximum(A, largest - M.dtype.type(self.below_max))
        mean, std = self._statistics(A)
        A = (A - mean) / std
        return A if self.clip is None else np.clip(A, *self.clip)

    def inverse(self, A: ArrayLike) -> Floats:
        """Bands of the model's numbers, which may lie a little outside of what is possible.

        Parameters
        ----------
        A : ndarray, shape (..., n_mels, n_frames)
            Float32 or float64.

        Returns
        -------
        ndarray, shape (..., n_mels, n_frames)
            Not negative, in the dtype of `A`.

        Raises
        ------
        ValueError
            When the statistics of the utterance are needed: see `with_statistics`.
        """
        A = _checks.array("A", A, ndim=2)
        if self.per_band:
            raise ValueError(
                "mean and std of every band were taken away from A, and must be given "
                "back: scale.with_statistics(mean, std)"
            )
        levels = A * self._column("std", A) + self._column("mean", A)
        levels /= A.dtype.type(self.factor)
        with np.errstate(over="ignore"):
            M = np.exp(levels) if self.base == "e" else A.dtype.type(10) ** levels
        M = np.maximum(M - A.dtype.type(self.floor), 0) if self.add else M
        return _checks.in_range("A", A, M)

    def _statistics(self, A: Floats) -> tuple[Floats, Floats]:
        """Mean and deviation that fit to logarithms `A`: those given, or those of every utterance."""
        if not self.per_band:
            return self._column("mean", A), self._column("std", A)
        if A.shape[-1] < 2:
            raise ValueError(
                f"M must have at least 2 frames for the deviations of its bands; got shape {A.shape}"
            )
        # As in NeMo: the deviation of a sample, and a little more, so that none is zero.
        deviation = A.std(axis=-1, ddof=1, keepdims=True) + A.dtype.type(DEVIATION_FLOOR)
        return A.mean(axis=-1, keepdims=True), deviation

    def with_statistics(self, mean: ArrayLike, std: ArrayLike) -> LogScale:
        """The scale of an utterance whose mean and deviation of every band are known.

        Parameters
        ----------
        mean, std : array_like, shape (n_mels,)
            What was subtracted from the logarithms, and divided by.

        Returns
        -------
        LogScale
        """
        return replace(self, mean=mean, std=std, per_band=False)

    def with_peak(self, peak: float) -> LogScale:
        """The scale of an utterance whose largest value, which was subtracted, is known.

        Parameters
        ----------
        peak : float
            That value.

        Returns
        -------
        LogScale
        """
        peak = _checks.number("peak", peak, minimum=-MOST, maximum=MOST)
        return replace(self, to_max=False, mean=peak)

    def _floored(self, M: Floats) -> Floats:
        floor = M.dtype.type(self.floor)
        if self.zeros_only:
            return np.where(M == 0, floor, M)
        return M + floor if self.add else np.maximum(M, floor)

    def _log(self, values: Any) -> Any:
        return np.log(values) if self.base == "e" else np.log10(values)

    def _normalised(self, value: float) -> float:
        return float(np.min((value - np.asarray(self.mean)) / np.asarray(self.std)))

    def _column(self, name: str, A: Floats) -> Floats:
        """Mean or deviation as numbers that fit to `A`."""
        value = np.asarray(getattr(self, name), A.dtype)
        if value.ndim and len(value) != A.shape[-2]:
            raise ValueError(
                f"{name} must have a number for each of the {A.shape[-2]} bands; got {len(value)}"
            )
        return value[:, np.newaxis] if value.ndim else value


def _range(name: str, value: ArrayLike) -> tuple[float, float]:
    """Return a lower and a higher number."""
    pair = _numbers(name, value, -MOST)
    if len(pair) != 2 or pair[0] >= pair[1]:
        raise ValueError(f"{name} must be a lower and a higher number; got {value!r}")
    return pair[0], pair[1]


def _numbers(name: str, value: ArrayLike, minimum: float) -> tuple[float, ...]:
    """Return a tuple of numbers, at least one, from whatever holds them."""
    values = _checks.ndarray(name, value)
    if values.ndim == 0 or values.size == 0:
        raise TypeError(f"{name} must be a number, or an array of them; got {value!r:.80}")
    if values.size > max(values.shape):
        raise ValueError(f"{name} must have one axis; got shape {values.shape}")
    return tuple(_checks.number(name, v, minimum=minimum, maximum=MOST) for v in values.ravel())


# Added to deviations, so that a constant band is not divided by zero.
DEVIATION_FLOOR = 1e-5


def half_to_single(A: Any) -> Any:
    """Arrays of half precision, as networks make them, as float32; all others as they are."""
    return A.astype(np.float32) if getattr(A, "dtype", None) == np.float16 else A
