"""What limits what can be shown of a recording."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Floats

# Shorter recordings, in s, can show little.
SHORT = 1.0

# So can those with a lower peak.
FAINT = 0.01

# A recording is cut at an end if the RMS of END seconds there is more than CUT times its peak.
END = 0.01
CUT = 0.1

# It is clipped if more samples than this rest at its peak. A side that reaches less than PEAK times as
# far as the other has none: what rests there is silence, such as between pulses that only push.
CLIPPED = 10
PEAK = 0.5


def remarks(x: ArrayLike, sr: float) -> list[str]:
    """Say what limits what can be shown of a recording.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1], float32 or float64.
    sr : float
        Sampling rate in Hz.

    Returns
    -------
    list of str
        A sentence for each limit: that it is short, faint, clipped, or cut at an end. Empty for a
        recording that has none of these.

    Examples
    --------
    >>> from specdemo import load
    >>> x, sr = load("speech")
    >>> remarks(x, sr)
    []
    >>> remarks(x[-15000:], sr)
    ['This recording lasts 0.68 s: too short for a sentence, a tune or a rhythm.']
    """
    x = _checks.one_channel("x", x)
    sr = _checks.rate("sr", sr)
    extremes = [(float(value), at_rest(x, value)) for value in (x.min(), x.max())]
    peak = max(abs(value) for value, _ in extremes)
    found = limits(len(x) / sr, extremes)
    end = max(1, round(END * sr))
    for does, what, part in (("begins", "beginning", x[:end]), ("ends", "end", x[-end:])):
        if peak and np.sqrt(np.mean((part / peak) ** 2)) > CUT:
            found.append(
                f"This recording {does} in the middle of a sound: a column at its {what} is the cut."
            )
    return found


def limits(seconds: float, extremes: Collection[tuple[float, int]]) -> list[str]:
    """Those of the remarks that do not depend on how a recording begins and ends.

    Of the lowest value and of the highest, `at_rest` tells how often the recording rests there.
    """
    found = []
    peak = max(abs(value) for value, _ in extremes)
    n_at_rest = max(n for value, n in extremes if abs(value) >= PEAK * peak)
    if round(seconds, 2) < SHORT:  # as it is said
        found.append(f"lasts {seconds:.2f} s: too short for a sentence, a tune or a rhythm.")
    if peak == 0:
        found.append("is silent.")
    elif peak < FAINT:
        found.append(
            f"is faint: its peak is at {20 * np.log10(peak):.0f} dB, "
            f"{peak * 2**15:.0f} steps of 16 bits."
        )
    if peak and n_at_rest > CLIPPED:
        found.append("was clipped: it rests at its peaks, where a sound would go on.")
    return [f"This recording {remark}" for remark in found]


def at_rest(x: Floats, value: float) -> int:
    """How often three samples in a row have this value; 0 where it is rare."""
    there = x == value
    if np.count_nonzero(there) <= CLIPPED:
        return 0
    return int(np.count_nonzero(there[2:] & there[1:-1] & there[:-2]))
