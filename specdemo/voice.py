"""A voice in parts, and from its parts: pitch, voicing, and an outline over a source (chapter 9).

A vowel is an outline that is held over a buzz, an s an outline over a hiss: the idea of the channel
vocoder. What is parted can be changed, or invented, each by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._frames import blocks, frame, one_over_enough, window_sum
from specdemo._types import Array, Floats, Seed
from specdemo.level import amplitude_to_db, db_to_amplitude
from specdemo.mel import MelBank
from specdemo.mfcc import inverse_mfcc, mfcc
from specdemo.stft import STFT

__all__ = ["buzz_and_hiss", "outline", "pitch", "put_outline"]

# How much more alike, for each octave, a longer lag must be than a shorter one, of which it may be a
# multiple. With 0.05, pulses between samples were taken for those of half the pitch; with 0.15, a voice
# jumped to its second harmonic.
PREFERENCE = 0.1
# The share of its beginning to which the autocorrelation of a window may fall; what is divided by less
# is noise.
LEAST_OVERLAP = 0.1
# Lags for each sample: what repeats between two samples fits neither of them.
FINER = 4
# Hz: below that there is no pitch.
LOWEST_HZ = 1e-3
# Levels in dB, above 0 and below, of which single precision holds the amplitudes.
MOST_DB = 700
# The power of a frame, against that of the loudest sample, up to which nothing repeats.
SILENCE = 1e-12


def pitch(
    x: ArrayLike, stft: STFT, *, fmin: float = 60.0, fmax: float = 400.0
) -> tuple[Floats, Floats]:
    """Pitch and voicing of each frame, from its autocorrelation.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    stft : STFT
        Frames whose window holds at least two periods of `fmin`.
    fmin, fmax : float
        Lowest and highest pitch in Hz.

    Returns
    -------
    f0 : ndarray, shape (n_frames,)
        Pitch in Hz, whether there is one or not, in the dtype of `x`.
    voicing : ndarray, shape (n_frames,)
        How alike the frame and itself one period later are, beyond what it is at all lags up to there:
        near 1 for a vowel, near 0 for a hiss, an offset or a rumble.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind, shape or range, or the window is too short for `fmin`.

    Notes
    -----
    The autocorrelation of a windowed frame falls off with that of the window, by which it is divided;
    it is read between the samples, and shorter periods are preferred by their logarithm (Boersma 1993).

    Examples
    --------
    >>> stft = STFT(16000, 1024, 160)
    >>> f0, voicing = pitch(np.sin(2 * np.pi * 200 * np.arange(16000) / 16000), stft)
    >>> print(round(f0[50]), voicing[50].round(2))
    200 1.0
    """
    x = _checks.one_channel("x", x)
    _checks.instance("stft", stft, STFT)
    fmin = _checks.number("fmin", fmin, minimum=LOWEST_HZ, maximum=stft.sr)
    fmax = _checks.number("fmax", fmax, minimum=LOWEST_HZ, maximum=stft.sr)
    of_window = _autocorrelation(stft.window_array[:, np.newaxis])
    lowest = FINER * stft.sr / _longest_lag(of_window[:, 0], stft._width)
    if fmin >= fmax or fmin < lowest:
        raise ValueError(
            f"fmin must be below fmax, and with stft's window of {stft._width} samples at least "
            f"{np.ceil(10 * lowest) / 10:g} Hz; got {fmin:g} and {fmax:g}"
        )
    stft.n_frames(len(x))  # refuses a sound that is too short
    lags = np.arange(int(FINER * stft.sr // fmax), int(-(-FINER * stft.sr // fmin)) + 1)
    # Levels do not matter to what is alike; so none is too large to be squared.
    around = stft._padding.around(x.astype(float) / (np.abs(x).max() or 1))
    frames = frame(around, stft.n_fft, stft.hop_length)
    f0, voicing = np.empty((2, frames.shape[1]), x.dtype)
    for block in blocks(frames.shape[1]):
        alike = _alike(frames[:, block], stft.window_array, of_window[: lags[-1] + 2])
        lag, voicing[block] = _period(alike, lags)
        f0[block] = np.clip(FINER * stft.sr / lag, fmin, fmax)
    return f0, voicing


def _longest_lag(of_window: Floats, width: int) -> int:
    """The longest lag, at most half a window, at which the window still overlaps itself enough."""
    half = FINER * width // 2
    too_little = of_window[: half + 1] < LEAST_OVERLAP * of_window[0]
    return int(np.argmax(too_little)) - 1 if too_little.any() else half


def _alike(frames: Floats, window: Floats, of_window: Floats) -> Floats:
    """How alike each frame, without its mean, is to itself at every lag: 1 at none."""
    level = window @ frames / window.sum()
    r = _autocorrelation((frames - level) * window[:, np.newaxis])[: len(of_window)]
    return r / np.maximum(r[0], SILENCE) * of_window[0] / of_window


def _autocorrelation(frames: Floats) -> Floats:
    """Of each column; twice as many bins as samples keep its end apart from its beginning."""
    power = np.abs(np.fft.rfft(frames, 2 * len(frames), axis=0)) ** 2
    return np.fft.irfft(power, 2 * FINER * len(frames), axis=0)


def _period(alike: Floats, lags: Array) -> tuple[Floats, Floats]:
    """The lag of each column at which it is most alike, and by how much; 0 where there is no peak."""
    first, last = lags[0], lags[-1]
    before, here, after = alike[first - 1 : last], alike[first : last + 1], alike[first + 1 :]
    # Where something changes slowly, all short lags are alike: what counts is how far a peak rises.
    rise = here - np.maximum(np.minimum.accumulate(alike, axis=0)[first : last + 1], 0)
    cost = PREFERENCE * np.log2(lags / first)
    score = np.where((here >= before) & (here > after), rise - cost[:, np.newaxis], -np.inf)
    best = np.argmax(score, axis=0)[np.newaxis]
    before, here, after, rise, score = (
        np.take_along_axis(values, best, axis=0)[0] for values in (before, here, after, rise, score)
    )
    # The top of a parabola through three points; without a peak there is none.
    bend = np.where(np.isfinite(score), before - 2 * here + after, -np.inf)
    past = (before - after) / (2 * bend)
    top = rise - (before - after) * past / 4
    return lags[best[0]] + past, np.clip(np.where(np.isfinite(score), top, 0), 0, 1)


def buzz_and_hiss(f0: ArrayLike, voicing: ArrayLike, stft: STFT, *, rng: Seed = None) -> Floats:
    """A source for a voice: pulses where it is voiced, noise where it is not, as loud as each other.

    Parameters
    ----------
    f0 : ndarray, shape (n_frames,)
        Pitch in Hz.
    voicing : ndarray, shape (n_frames,)
        Share of the power that is pulses, from 0 to 1.
    stft : STFT
        For its rate and its hop; frame m is centred on sample m * hop_length.
    rng : int or numpy.random.Generator, optional
        Source of the noise.

    Returns
    -------
    x : ndarray, shape (n_samples,)
        A hop for each frame but the last, in the dtype of `f0` and `voicing`.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind, shape or range.

    Examples
    --------
    >>> x = buzz_and_hiss(np.full(101, 100.0), np.ones(101), STFT(16000, 512, 160))
    >>> len(x), round(float(np.mean(x**2)), 2)
    (16000, 1.0)
    """
    f0, voicing = _checks.array("f0", f0), _checks.array("voicing", voicing)
    _checks.axes("f0", f0, "(n_frames,)")
    _checks.axes("voicing", voicing, "(n_frames,)")
    _checks.instance("stft", stft, STFT)
    rng = _checks.generator("rng", rng)
    if f0.shape != voicing.shape or len(f0) < 2:
        raise ValueError(
            "f0 and voicing must be one number a frame each, for two frames or more; "
            f"got the shapes {f0.shape} and {voicing.shape}"
        )
    if np.any(f0 < LOWEST_HZ) or np.any(f0 > stft.sr / 2):
        raise ValueError(f"f0 must be between {LOWEST_HZ:g} and {stft.sr / 2:g} Hz")
    if np.any((voicing < 0) | (voicing > 1)):
        raise ValueError("voicing must be between 0 and 1")
    n = np.arange((len(f0) - 1) * stft.hop_length) / stft.hop_length
    rate, share = (np.interp(n, np.arange(len(f0)), values) for values in (f0 / stft.sr, voicing))
    pulses = _pulses(rate) / np.sqrt(rate)  # each with the power of its whole period
    noise = rng.standard_normal(len(n))
    x = np.sqrt(share) * pulses + np.sqrt(1 - share) * noise
    return x.astype(np.result_type(f0, voicing))


def _pulses(rate: Floats) -> Floats:
    """A pulse wherever a period ends, shared between two samples when it ends between them."""
    phase = np.cumsum(rate)
    (ends,) = np.nonzero(np.diff(np.floor(phase + 1e-9), prepend=0.0) > 0)
    late = np.clip((phase[ends] - np.floor(phase[ends] + 1e-9)) / rate[ends], 0, 1)
    power = np.sqrt(late**2 + (1 - late) ** 2)
    pulses = np.zeros_like(rate)
    pulses[ends] += (1 - late) / power
    pulses[ends - 1] += late / power
    return pulses


def outline(M: ArrayLike, n_mfcc: int) -> Floats:
    """Smooth mel bands: what the first cosines of their levels describe, in dB.

    Parameters
    ----------
    M : ndarray, shape (n_mels, n_frames)
        Mel bands, as amplitudes. Those below 1e-6 count as that.
    n_mfcc : int
        Number of cosines.

    Returns
    -------
    ndarray, shape (n_mels, n_frames)
        Levels in dB, re 1.
    """
    M = _checks.array("M", M, ndim=2, minimum=0)
    _checks.integer("n_mfcc", n_mfcc, maximum=M.shape[-2])
    log_mel = amplitude_to_db(M, amin=1e-6, top_db=None)
    return inverse_mfcc(mfcc(log_mel, n_mfcc=n_mfcc), n_mels=log_mel.shape[-2])


def put_outline(
    x: ArrayLike, wanted: ArrayLike, bank: MelBank, *, n_mfcc: int, n_iter: int = 2
) -> Floats:
    """Give a sound the outline that is wanted, and leave its pitch as it is.

    Each time, the sound is analysed, the difference of outlines is drawn through the bins, and the
    STFT is multiplied by it.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        A source, of any level.
    wanted : ndarray, shape (n_mels, n_frames)
        Smooth levels in dB, of bands as amplitudes whatever power of them the bank sums. Frames that
        the sound has beyond these keep the last.
    bank : MelBank
        Also holds the STFT.
    n_mfcc : int
        Number of cosines of the outline.
    n_iter : int
        How often; the second time mends what neighbouring frames did to each other.

    Returns
    -------
    x : ndarray, shape (n_samples,)
        In the dtype of `x`. Samples behind the last whole frame of a grid without padding are silent.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind, shape or range, or the grid cannot be inverted.
    """
    x = _checks.one_channel("x", x)
    _checks.instance("bank", bank, MelBank)
    wanted = _checks.spectrogram("wanted", wanted, bank.n_mels, "mels", minimum=None)
    if np.abs(wanted).max() > MOST_DB:
        raise ValueError(
            f"wanted must be levels within {MOST_DB} dB of 0; got {np.abs(wanted).max():.4g}"
        )
    _checks.integer("n_mfcc", n_mfcc, maximum=bank.n_mels)
    stft, n_frames = bank.stft, bank.stft.n_frames(len(x))
    wanted = np.pad(wanted, ((0, 0), (0, max(0, n_frames - wanted.shape[1]))), mode="edge")
    # Levels are counted from their mean, so that quiet outlines, too, stay above the floor of `outline`.
    middle = wanted[:, :n_frames].mean()
    y = x.astype(float) / (np.abs(x).max() or 1)
    seen = _seen(stft, n_frames)
    for _ in range(_checks.iterations("n_iter", n_iter, minimum=1)):
        Y = stft.forward(y)
        bands = bank.forward(np.abs(Y)) ** (1 / bank.power)
        missing = wanted[:, :n_frames] - middle - outline(bands, n_mfcc)
        gains = _drawn(bank, np.clip(missing, -60, 60))
        y = stft.inverse(Y * gains, length=min(len(x), stft._longest(n_frames)))
        y *= seen[: len(y)]
    return np.pad(y * db_to_amplitude(middle), (0, len(x) - len(y))).astype(x.dtype)


def _seen(stft: STFT, n_frames: int) -> Floats:
    """How much of each sample windows see: 1, or less where `STFT.inverse` divides by next to nothing."""
    total = window_sum(stft.window_array, stft.hop_length, n_frames)
    return (total * one_over_enough(total, float))[stft._padding.before :]


def _drawn(bank: MelBank, D: Floats) -> Floats:
    """Levels of the bands, drawn through the bins as factors of their magnitudes."""
    powers = db_to_amplitude(D) ** bank.power
    flat = bank.envelope(np.ones_like(powers))
    return (bank.envelope(powers) / flat) ** (1 / bank.power)
