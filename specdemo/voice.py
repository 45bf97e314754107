"""A voice in parts, and from its parts: pitch, voicing, and an outline over a source (chapter 9).

A vowel is an outline that is held over a buzz, an s an outline over a hiss: the idea of the channel
vocoder. What is parted can be changed, or invented, each by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._frames import frame
from specdemo._types import Floats, Seed
from specdemo.level import amplitude_to_db, db_to_amplitude
from specdemo.mel import MelBank
from specdemo.mfcc import inverse_mfcc, mfcc
from specdemo.stft import STFT

__all__ = ["buzz_and_hiss", "outline", "pitch", "put_outline"]

# Of two lags that fit alike, the shorter is the period and the other a multiple of it.
PREFERENCE = 0.2
# Hz: below that there is no pitch.
LOWEST_HZ = 1e-3
SILENCE = 1e-12  # a power, so that silence is divided by something


def pitch(
    x: ArrayLike, stft: STFT, *, fmin: float = 60.0, fmax: float = 400.0
) -> tuple[Floats, Floats]:
    """Pitch and voicing of each frame, from its autocorrelation.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    stft : STFT
        Frames that hold at least two periods of `fmin`.
    fmin, fmax : float
        Lowest and highest pitch in Hz.

    Returns
    -------
    f0 : ndarray, shape (n_frames,)
        Pitch in Hz, whether there is one or not.
    voicing : ndarray, shape (n_frames,)
        How alike the frame and itself one period later are: near 1 for a vowel, near 0 for a hiss.

    Notes
    -----
    The autocorrelation of a windowed frame falls off with that of the window, by which it is divided
    (Boersma 1993).

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
    shortest, longest = int(stft.sr // fmax), int(-(-stft.sr // fmin))
    if fmin >= fmax or 2 * longest > stft.n_fft:
        raise ValueError(
            f"fmin must be below fmax, and in frames of stft's {stft.n_fft} samples at least "
            f"{2 * stft.sr / stft.n_fft:.0f} Hz; got {fmin:g} and {fmax:g}"
        )
    # Levels do not matter to what is alike; so none is too large to be squared.
    x = x.astype(float) / max(np.abs(x).max(), SILENCE)
    frames = frame(stft._padding.around(x), stft.n_fft, stft.hop_length)
    r = _autocorrelation(frames * stft.window_array[:, np.newaxis])[: longest + 1]
    of_window = _autocorrelation(stft.window_array[:, np.newaxis])[: longest + 1]
    alike = (r / of_window)[shortest:] / np.maximum(r[0] / of_window[0], SILENCE)
    ramp = np.linspace(0, PREFERENCE, len(alike))[:, np.newaxis]
    best = np.argmax(alike * (1 - ramp), axis=0)
    voicing = np.take_along_axis(alike, best[np.newaxis], axis=0)[0]
    return stft.sr / (shortest + best), np.clip(voicing, 0, 1)


def _autocorrelation(frames: Floats) -> Floats:
    """Of each column; twice as many bins as samples keep its end apart from its beginning."""
    return np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * len(frames), axis=0)) ** 2, axis=0)


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
        A hop for each frame but the last.

    Examples
    --------
    >>> x = buzz_and_hiss(np.full(101, 100.0), np.ones(101), STFT(16000, 512, 160))
    >>> len(x), round(float(np.mean(x**2)), 2)
    (16000, 1.0)
    """
    f0, voicing = _checks.one_channel("f0", f0), _checks.one_channel("voicing", voicing)
    _checks.instance("stft", stft, STFT)
    rng = _checks.generator("rng", rng)
    if f0.shape != voicing.shape or len(f0) < 2:
        raise ValueError(
            "f0 and voicing must be one number a frame each, for two frames or more; "
            f"got the shapes {f0.shape} and {voicing.shape}"
        )
    if np.any(f0 < LOWEST_HZ) or np.any(f0 > stft.sr):
        raise ValueError(f"f0 must be between {LOWEST_HZ:g} and {stft.sr:g} Hz")
    if np.any((voicing < 0) | (voicing > 1)):
        raise ValueError("voicing must be between 0 and 1")
    n = np.arange((len(f0) - 1) * stft.hop_length) / stft.hop_length
    rate, share = (np.interp(n, np.arange(len(f0)), values) for values in (f0 / stft.sr, voicing))
    pulses = _pulses(rate) / np.sqrt(rate)  # each with the power of its whole period
    noise = rng.standard_normal(len(n))
    return np.sqrt(share) * pulses + np.sqrt(1 - share) * noise


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
        Mel bands, as amplitudes.
    n_mfcc : int
        Number of cosines.

    Returns
    -------
    ndarray, shape (n_mels, n_frames)
        Levels in dB, re 1.
    """
    M = _checks.array("M", M, ndim=2, minimum=0)
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
        A source.
    wanted : ndarray, shape (n_mels, n_frames)
        Smooth levels in dB. Frames that the sound has beyond these keep the last.
    bank : MelBank
        Also holds the STFT.
    n_mfcc : int
        Number of cosines of the outline.
    n_iter : int
        How often; the second time mends what neighbouring frames did to each other.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    """
    x = _checks.one_channel("x", x)
    _checks.instance("bank", bank, MelBank)
    wanted = _checks.spectrogram("wanted", wanted, bank.n_mels, "mels", minimum=None)
    _checks.integer("n_mfcc", n_mfcc, maximum=bank.n_mels)
    n_frames = bank.stft.n_frames(len(x))
    wanted = np.pad(wanted, ((0, 0), (0, max(0, n_frames - wanted.shape[1]))), mode="edge")
    for _ in range(_checks.iterations("n_iter", n_iter, minimum=1)):
        X = bank.stft.forward(x)
        missing = wanted[:, :n_frames] - outline(bank.forward(np.abs(X)), n_mfcc)
        gains = bank.envelope(db_to_amplitude(np.clip(missing, -60, 60)))
        x = bank.stft.inverse(X * gains / bank.envelope(np.ones_like(missing)), length=len(x))
    return x
