"""Which format an array can be in: what it would take to be one, and how ordinary that would be."""

from __future__ import annotations

import numpy as np

from specdemo._types import Floats
from specdemo.audio import resample
from specdemo.formats.bounds import without_strays
from specdemo.formats.melformat import TOO_LOUD, MelFormat

# What recordings of speech and music are like: the spread of their bands (from the 5th to the 95th
# percentile) and the peak of their loudest frame, each with how far recordings lie from it.
SPREAD_DB = 64.0
SPREAD_SCALE_DB = 12.0
DEEPEST_DB = 100.0  # what lies deeper below the loudest band is silence, which says nothing
PEAK_DB = -10.0
PEAK_SCALE_DB = 10.0

# How much more doubtful than the least doubtful format one may be to be proposed.
DOUBT_RANGE = 2.5

# How far a format's array of the same sound may lie from an array, as a part of its deviation: what
# another resampler changes; and how much further than the nearest format's.
AGREEMENT = 0.3
AGREEMENT_RATIO = 2.0
ROUNDING = 1e-3

# Frames that an array may have more or fewer than its sound has, where somebody has trimmed it.
FRAMES_BESIDE = 3

# What it adds to the doubt that the last frame is not overwritten in a format where it is.
NOT_BLANK = 1.0
# How far from its value such a frame may lie.
BLANK_TOLERANCE = 0.0045

# How far from 0 and 1 per-band statistics of an utterance may be found, on average.
STATISTICS_SCALE = 0.3
# How far from them bands lie that nobody has normalised.
NOT_NORMALISED = 0.6


def least_peak(fmt: MelFormat, A: Floats) -> float:
    """The least peak of a sound that has such bands.

    By Parseval, the bins of a frame cannot hold more power than the window lets through from a
    sound of that peak. Bands two apart share no bin, and a band of amplitudes tells by the
    inequality of Cauchy and Schwarz the least power of its bins.

    Parameters
    ----------
    fmt : MelFormat
        A format that `A` fits (`fmt.misfit(A)` is None).
    A : ndarray, shape (..., n_mels, n_frames), or (..., n_frames, n_mels) if `fmt.frames_first`

    Returns
    -------
    float
        1 is full scale.
    """
    bank, weights = fmt.bank, fmt.bank.matrix
    M = _bands(fmt, A) ** (2 / bank.power)
    strength = weights.max(axis=1) if bank.power == 2 else np.square(weights).sum(axis=1)
    M = np.divide(
        M, strength[:, np.newaxis], out=np.zeros_like(M), where=strength[:, np.newaxis] > 0
    )
    held = max(M[..., part::2, :].sum(axis=-2).max() for part in (0, 1))
    gain = fmt.gain * (1 + fmt.preemphasis)
    let_through = bank.stft.n_fft / 2 * np.square(bank.stft.window_array).sum() * gain**2
    return float(np.sqrt(held / let_through))


def spread(fmt: MelFormat, A: Floats) -> float:
    """How far the bands of a sound lie apart in dB, from the 5th to the 95th percentile."""
    M = _bands(fmt, A)
    to_db = 20 / fmt.bank.power
    least = max(M.max() * 10 ** (-DEEPEST_DB / to_db), np.finfo(M.dtype).tiny)
    low, high = np.percentile(np.maximum(M, least), [5, 95])
    return float(to_db * np.log10(high / low))


def doubt(fmt: MelFormat, A: Floats) -> float:
    """How unlike a recording the sound of an array would be in this format: 0 and above."""
    if fmt.scale is not None and fmt.scale.per_band:
        return _doubt_of_statistics(fmt, A)
    peak = least_peak(fmt, A)
    if peak > TOO_LOUD:
        return np.inf
    level = 20 * np.log10(max(peak, np.finfo(float).tiny))
    if fmt.scale is not None and fmt.scale.to_max:
        level = PEAK_DB  # it was taken away, and says nothing
    apart = abs(spread(fmt, A) - SPREAD_DB) / SPREAD_SCALE_DB
    return apart + abs(level - PEAK_DB) / PEAK_SCALE_DB + NOT_BLANK * (not _ends_blank(fmt, A))


def unlike_a_recording(fmt: MelFormat, A: Floats) -> str:
    """Why an array that fits a format is not proposed in it, as a sentence without a full stop."""
    if fmt.scale is not None and fmt.scale.per_band:
        return "its bands do not have the mean 0 and the deviation 1"
    return (
        f"its sound would reach {least_peak(fmt, A):.2g} or more, with bands that lie "
        f"{spread(fmt, A):.0f} dB apart"
    )


def proposals(A: Floats, formats: list[MelFormat]) -> list[MelFormat]:
    """Those of the formats that an array fits in which it is not much more doubtful than in others.

    The least doubtful comes first.
    """
    doubts = {fmt.name: doubt(fmt, A) for fmt in formats if fmt.misfit(A) is None}
    limit = min(doubts.values(), default=0) + DOUBT_RANGE
    found = [
        fmt for fmt in formats if doubts.get(fmt.name, np.inf) <= min(limit, np.finfo(float).max)
    ]
    return sorted(found, key=lambda fmt: doubts[fmt.name])


def agreeing(A: Floats, formats: list[MelFormat], x: Floats, sr: float) -> list[MelFormat]:
    """Those of the formats whose array of the sound `x` is `A`, the nearest first."""
    errors = {fmt.name: _error(fmt, A, x, sr) for fmt in formats if fmt.misfit(A) is None}
    nearest = min(errors.values(), default=np.inf)
    limit = min(AGREEMENT, max(AGREEMENT_RATIO * nearest, ROUNDING))
    found = [fmt for fmt in formats if errors.get(fmt.name, np.inf) <= limit]
    return sorted(found, key=lambda fmt: errors[fmt.name])


def _error(fmt: MelFormat, A: Floats, x: Floats, sr: float) -> float:
    """RMS distance of an array from the format's array of a sound, in deviations of the array."""
    n_frames = fmt._frames_of(max(1, round(len(x) * fmt.sr / sr)))
    if (
        n_frames < fmt._fewest
        or abs(A.shape[-2 if fmt.frames_first else -1] - n_frames) > FRAMES_BESIDE
    ):
        return np.inf
    B = fmt.forward(resample(x, round(sr), round(fmt.sr)))
    A, B = (_whole_frames(fmt, array) for array in (A, B))
    n_frames = min(A.shape[-1], B.shape[-1])
    distance = A[..., :n_frames] - B[..., :n_frames]
    return float(np.sqrt(np.mean(np.square(distance))) / max(A.std(), np.finfo(float).tiny))


def _whole_frames(fmt: MelFormat, A: Floats) -> Floats:
    """Bands before frames, in float64, without a frame that was overwritten."""
    A = np.asarray(A, np.float64)
    A = A.swapaxes(-1, -2) if fmt.frames_first else A
    return A[..., :-1] if fmt.blank_last is not None and A.shape[-1] > 1 else A


def _ends_blank(fmt: MelFormat, A: Floats) -> bool:
    """Whether the last frame is overwritten, if that of the format is."""
    last = np.asarray(A)[..., -1, :] if fmt.frames_first else np.asarray(A)[..., -1]
    return fmt.blank_last is None or bool(np.all(np.abs(last - fmt.blank_last) < BLANK_TOLERANCE))


def _bands(fmt: MelFormat, A: Floats) -> Floats:
    """The bands of an array before their logarithm."""
    A, _ = without_strays(_whole_frames(fmt, A), fmt.lowest, fmt.highest)
    return A.copy() if fmt.scale is None else fmt.scale.inverse(A)


def _doubt_of_statistics(fmt: MelFormat, A: Floats) -> float:
    """How far the statistics of the bands are from those that they are normalised to."""
    bands = _whole_frames(fmt, A)
    mean, std = np.abs(bands.mean(axis=-1)).mean(), np.abs(bands.std(axis=-1) - 1).mean()
    if mean + std > NOT_NORMALISED:
        return np.inf
    return float((mean + std) / STATISTICS_SCALE) + NOT_BLANK * (not _ends_blank(fmt, A))
