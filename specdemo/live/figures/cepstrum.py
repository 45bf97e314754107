"""Cepstrum: the heights of a few cosines, and the voice whose outline they add up to."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.level import amplitude_to_db
from specdemo.live.figure import Figure, loudest, usual_frame
from specdemo.live.traits import Setting, number
from specdemo.mel import MelBank
from specdemo.mfcc import mfcc
from specdemo.stft import STFT

# Seconds of the recording that are shown.
STRETCH_S = 3.0
N_MELS = 80
N_MFCC = 13
# The most sounds of the clip that are found.
N_SOUNDS = 5
# The least power of their frames, as a part of that of the loudest frame.
LOUD = 0.1
# The least distance between the outlines of two of them.
ALIKE_DB = 6
# Coefficients that an outline is compared by, the mean among them, which is left out.
N_SHAPE = 7
# Frames: the change of a sound is taken from NEAR before to NEAR behind, and is the least within
# AROUND where the sound is steady.
NEAR = 2
AROUND = 3
# The softest that is drawn.
LOWEST_DB = -80
# The highest that a cosine can be.
HIGHEST_DB = 24


def _height(n: int) -> Setting:
    """The trait of a coefficient above the first."""
    return number(0.0, f"height of cosine {n}, dB", minimum=-HIGHEST_DB, maximum=HIGHEST_DB)


class Cepstrum(Figure):
    """Bars, a curve and a voice."""

    kind = "cepstrum"
    caption_of = (
        "Listen, and draw the dot over the clip from number to number, which in speech are vowels: "
        "which bars tell one from another? The dot under it goes to any moment. Then take a bar by "
        "its dot. Which one makes the voice dark or bright? Keep, beside the mean, the three largest"
        " alone: is it still the vowel? At last, move the pitch. Does any bar move with it, and is "
        "it still the same vowel?"
    )
    moment = number(0.0, "moment of the clip, s", minimum=0)
    pitch = number(120.0, "of the voice, Hz; 60 is a whisper", minimum=60, maximum=400)
    c0 = number(-40.0, "mean level, dB below the loudest band", minimum=LOWEST_DB, maximum=0)
    c1, c2, c3, c4, c5, c6 = (_height(n) for n in range(1, 7))
    c7, c8, c9, c10, c11, c12 = (_height(n) for n in range(7, 13))

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest part, and the coefficients of its loudest sound, or of a loud moment."""
        part = loudest(x, sr, STRETCH_S)
        hop_length = usual_frame(sr) // 4
        levels = columns(part, sr)
        # Not at the ends, where the sound is cut.
        inside = range(levels.shape[1] // 10, 1 + 9 * levels.shape[1] // 10)
        power = powers(levels)
        m = max([m for m in sounds(levels) if m in inside] or inside, key=lambda m: power[m])
        values = {"moment": m * hop_length / sr}
        return part, values | {f"c{n}": v for n, v in enumerate(heights(levels[:, [m]]))}


def columns(x: Array, sr: int) -> Array:
    """Return the mel levels of a sound in dB below the loudest, down to -80."""
    n_fft = usual_frame(sr)
    stft = STFT(sr, n_fft, n_fft // 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at odd rates, bands may be empty
        bank = MelBank(stft, N_MELS, fmax=min(8000, sr / 2))
    M = bank.forward(stft.magnitude(x.astype(float)))
    return np.maximum(amplitude_to_db(M, ref=M.max() or 1.0, amin=1e-30, top_db=None), LOWEST_DB)


def powers(levels: Array) -> Array:
    """Return the power of every frame, as a part of that of the loudest band."""
    return np.sum(10 ** (levels / 10), axis=0)


def sounds(levels: Array) -> list[int]:
    """Return the frames of up to five sounds that differ most; in speech, they are vowels.

    Of the frames that are loud, and change less than those around, these are the loudest, and then
    each that is the furthest from those before.
    """
    C = mfcc(levels, n_mfcc=N_SHAPE)[1:] / np.sqrt(N_MELS / 2)
    change = np.full(C.shape[1], np.inf)
    change[NEAR:-NEAR] = np.linalg.norm(C[:, 2 * NEAR :] - C[:, : -2 * NEAR], axis=0)
    power = powers(levels)
    loud = np.flatnonzero((power > LOUD * power.max()) & np.isfinite(change))
    steady = [m for m in loud if change[m] == change[max(0, m - AROUND) : m + AROUND + 1].min()]
    found = sorted(steady, key=lambda m: -power[m])[:1]
    while found and len(found) < N_SOUNDS:
        far = [np.linalg.norm(C[:, found] - C[:, [m]], axis=0).min() for m in steady]
        if max(far) < ALIKE_DB:
            break
        found.append(steady[int(np.argmax(far))])
    return sorted(int(m) for m in found)


def heights(column: Array) -> list[float]:
    """Return the mean of a column and the heights of its next cosines, in dB."""
    C = mfcc(column, n_mfcc=N_MFCC)[:, 0] / np.sqrt(N_MELS / 2)
    C[0] /= np.sqrt(2)
    return [float(v) for v in np.append(min(C[0], 0), np.clip(C[1:], -HIGHEST_DB, HIGHEST_DB))]
