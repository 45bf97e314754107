"""Frames: a lens that is drawn along a sound, and leaves the spectrogram behind as its trail."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.live.figure import Figure, loudest, usual_frame
from specdemo.live.traits import integer, number

# Seconds of the recording that are shown.
STRETCH_S = 0.8


class Frames(Figure):
    """The lens and its trail."""

    kind = "frames"
    caption_of = (
        "Take hold of the lens, by the dot at its top, and draw it along: what does it leave "
        "behind? Then make it longer and shorter by the dots at its edges, and draw the dashed "
        "one, the next lens, away from it. When do the stripes become sharp, and what becomes "
        "of the beginnings of sounds? And when does something pass between two lenses unseen?"
    )
    time = number(0.0, "where the lens is, s", minimum=0)
    n_fft = integer(1024, 2, 2**16, "length of the lens, samples")
    hop_length = integer(256, 1, 2**16, "from one lens to the next, samples")

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest part; the lens is where it is loud, and still has a way to go."""
        part = loudest(x, sr, STRETCH_S)
        n_fft = usual_frame(sr)
        early = part[: 6 * len(part) // 10]
        time = float(np.argmax(np.abs(early))) / sr if len(early) else 0.0
        return part, {"time": time, "n_fft": n_fft, "hop_length": n_fft // 4}
