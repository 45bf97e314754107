"""Merge: one band over time, its frames merged, and the curve that is drawn back through them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.live.figure import Figure, loudest, usual_frame
from specdemo.live.traits import integer, number
from specdemo.mel import MelBank
from specdemo.stft import STFT

# Seconds of the recording that are shown.
STRETCH_S = 1.2
N_MELS = 80


class Merge(Figure):
    """Groups of frames, and a curve."""

    kind = "merge"
    caption_of = (
        "Listen to one band, and stretch the groups by the dot on the axis: what is lost first, and "
        "what does not mind? Choose other bands in the picture. Then move the dot at the bottom from "
        "the mean of levels to that of powers: which of the two comes back nearer, and what do the "
        "powers do before a beginning?"
    )
    factor = integer(5, 1, 20, "frames that become one")
    band = integer(20, 0, N_MELS - 1, "from the lowest")
    power = number(0.0, "mean of levels, 0, of amplitudes, 1, of powers, 2", minimum=0, maximum=2)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest part, and a strong band whose level moves much."""
        part = loudest(x, sr, STRETCH_S)
        bands = frames(part, sr)
        levels = 20 * np.log10(np.maximum(bands, 1e-4 * (bands.max() or 1)))
        moves = np.abs(np.diff(levels, axis=1)).sum(axis=1) * (
            levels.max(axis=1) > -30 + levels.max()
        )
        return part, {"band": int(np.clip(np.argmax(moves), 10, N_MELS - 21))}


def frames(x: Array, sr: int) -> Array:
    """Return the mel bands of a sound on the grid of the chapter."""
    n_fft = usual_frame(sr)
    stft = STFT(sr, n_fft, n_fft // 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at odd rates, bands may be empty
        bank = MelBank(stft, N_MELS, fmax=min(8000, sr / 2))
    return bank.forward(stft.magnitude(x.astype(float)))
