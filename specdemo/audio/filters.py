"""Keep a band of frequencies, and convert to another sampling rate."""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from specdemo import _checks
from specdemo._types import Floats

# The lowest edge of a band-pass filter as a part of the sampling rate: a period of a day at 12 kHz.
LOWEST_EDGE = 1e-9

# The highest order of a band-pass filter: from some hundred on, its gain overflows.
MOST_SECTIONS = 100

# How many times as many samples a conversion may make.
MOST = 10_000

# The largest number in the ratio of two rates, in lowest terms: the filter has a hundred taps for each.
MOST_PHASES = 100_000

# The highest rate that the header of a WAV file holds, in Hz.
MOST_RATE = 2**32 - 1

# The low-pass of all conversions: attenuation in dB, width of its slope and cutoff as parts of the
# lower Nyquist frequency.
ATTENUATION_DB = 100
SLOPE = 0.12
CUTOFF = 0.96


def bandpass(x: ArrayLike, sr: float, low: float, high: float, *, order: int = 5) -> Floats:
    """Keep the frequencies between two edges.

    Parameters
    ----------
    x : ndarray, shape (..., n_samples)
        Signal, float32 or float64.
    sr : float
        Sampling rate in Hz.
    low, high : float
        Edges in Hz, at which 3 dB are lost: `0 < low < high < sr / 2`.
    order : int
        Order of the Butterworth filter that each edge is made from.

    Returns
    -------
    ndarray, shape (..., n_samples)
        Filtered signal, same dtype as `x`. The filter is causal: it delays, and never looks ahead.

    Raises
    ------
    TypeError, ValueError
        When `x` is not a signal of floats, samples last, or a setting is out of range.

    Notes
    -----
    Second-order sections keep narrow bands and high orders stable, where the polynomial form of the
    same filter overflows.

    References
    ----------
    Butterworth 1930.

    Examples
    --------
    >>> t = np.arange(8000) / 8000
    >>> x = np.sin(2 * np.pi * 50 * t) + np.sin(2 * np.pi * 1000 * t)
    >>> y = bandpass(x, 8000, 300, 3000)
    >>> amplitudes = np.abs(np.fft.rfft(y)) / 4000  # of a second: bins are 1 Hz apart
    >>> amplitudes[[50, 1000]].round(2)
    array([0., 1.])
    """
    x = _checks.signal("x", x)
    sr = _checks.rate("sr", sr)
    low = _checks.number("low", low, above=0)
    high = _checks.number("high", high, above=0)
    order = _checks.integer("order", order, maximum=MOST_SECTIONS)
    if low < LOWEST_EDGE * sr:
        raise ValueError(f"low must be at least {LOWEST_EDGE:g} times sr = {sr:g} Hz; got {low}")
    if high >= sr / 2:
        raise ValueError(f"high must be below half of sr = {sr:g} Hz; got {high}")
    if low >= high:
        raise ValueError(f"low must be below high; got low = {low} and high = {high} Hz")
    import scipy.signal

    sections = scipy.signal.butter(order, (low, high), "bandpass", fs=sr, output="sos")
    with np.errstate(over="ignore"):
        y = scipy.signal.sosfilt(sections, x).astype(x.dtype)
    return _checks.in_range("x", x, y)


def resample(x: ArrayLike, sr: int, new_sr: int) -> Floats:
    """Convert a signal to another sampling rate.

    Parameters
    ----------
    x : ndarray, shape (..., n_samples)
        Signal, float32 or float64.
    sr, new_sr : int
        Present and wanted sampling rate in Hz, below 2**32; `new_sr` at most 10,000 times `sr`. Their
        ratio in lowest terms has no number above 100,000, which only rates above 100 kHz can have.

    Returns
    -------
    ndarray, shape (..., ceil(n_samples * new_sr / sr))
        In the dtype of `x`.

    Raises
    ------
    TypeError, ValueError
        When `x` is not a signal of floats, samples last, or a rate is not whole or out of range.

    Notes
    -----
    Polyphase filtering with a Kaiser-windowed low-pass: flat to 90 % of the lower Nyquist frequency
    and 100 dB down from 102 % on. Rates without a small common ratio, such as 44,100 and 44,101 Hz,
    make a filter of millions of taps, and take a second more.

    Examples
    --------
    >>> x = np.sin(2 * np.pi * 440 / 44100 * np.arange(44100))
    >>> y = resample(x, 44100, 16000)
    >>> y.shape
    (16000,)
    >>> bool(abs(y - np.sin(2 * np.pi * 440 / 16000 * np.arange(16000)))[100:-100].max() < 1e-4)
    True
    """
    x = _checks.signal("x", x)
    sr = whole_rate("sr", sr, maximum=MOST_RATE)
    new_sr = whole_rate("new_sr", new_sr, maximum=MOST_RATE)
    if sr == new_sr:
        return x.copy()
    if new_sr > MOST * sr:
        raise ValueError(f"new_sr must be at most {MOST} times sr = {sr}; got {new_sr}")
    return _checks.in_range("x", x, _polyphase(x, *ratio(sr, new_sr)))


def ratio(sr: int, new_sr: int, name: str = "new_sr", old: str = "sr") -> tuple[int, int]:
    """How many samples at the new rate stand for how many at the old one, in lowest terms.

    `name` and `old` are what the caller calls the two rates.
    """
    up, down = new_sr // gcd(sr, new_sr), sr // gcd(sr, new_sr)
    if max(up, down) > MOST_PHASES:
        raise ValueError(
            f"{name} must be in a ratio to {old} of numbers up to {MOST_PHASES}; from {sr} to {new_sr} Hz "
            f"it is {up} to {down}: take a rate that has more divisors in common with {sr}"
        )
    return up, down


def reach(up: int, down: int) -> int:
    """How far a conversion looks to both sides, in samples at `up` times the old rate."""
    return _design(max(up, down))[0] // 2


def whole_rate(name: str, value: Any, maximum: int | None = None) -> int:
    """Return `value` as a sampling rate of whole Hz, an int; 22050.0 is one."""
    value = _checks.scalar(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _checks.integer(name, value, maximum=maximum)


def _polyphase(x: Floats, up: int, down: int) -> Floats:
    import scipy.signal

    lowpass = _lowpass(max(up, down)).astype(x.dtype)
    return scipy.signal.resample_poly(x, up, down, axis=-1, window=lowpass)


# Every recording of a corpus is converted between the same rates. Designing the filter takes a fourth of
# the time that converting ten seconds takes. The longest filters have some 30 MB.
@lru_cache(maxsize=4)
def _lowpass(slower: int) -> NDArray[np.float64]:
    """The filter of all conversions by ratios whose larger number is `slower`."""
    import scipy.signal

    n_taps, beta = _design(slower)
    lowpass = scipy.signal.firwin(n_taps, CUTOFF / slower, window=("kaiser", beta))
    lowpass.setflags(write=False)
    return lowpass


def _design(slower: int) -> tuple[int, float]:
    """Taps, an odd number, and the shape of the window of that filter."""
    import scipy.signal

    n_taps, beta = scipy.signal.kaiserord(ATTENUATION_DB, SLOPE / slower)
    return n_taps | 1, beta
