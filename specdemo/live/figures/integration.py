"""Integration: phases that are found cell by cell, and how wrong they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.live.figure import Figure, loudest, usual_frame
from specdemo.live.traits import integer
from specdemo.stft import STFT

# How much of the recording is shown, and up to where.
STRETCH_S = 0.8
HIGHEST_HZ = 3000


class Integration(Figure):
    """A spectrogram whose phases are found."""

    kind = "integration"
    caption_of = (
        "Phases are found here cell by cell, from the start on, always the loudest neighbour next. "
        "Blue are those as right as at the start, orange those that are half a circle off. Draw the "
        "dot at the bottom to the right: what is found first, what last, and where does the colour "
        "jump? Then, with all cells found, move the start, the dot in the picture, into another "
        "sound, and into a gap. What changes, and does the error?"
    )
    start = integer(0, 0, 2**31, "cell of the start: frame times number of bins, and bin")
    found = integer(25, 0, 100, "per cent of the cells that are found")

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest part, and its loudest cell."""
        part, n_fft = loudest(x, sr, STRETCH_S), usual_frame(sr)
        n_rows = min(n_fft // 2, int(HIGHEST_HZ * n_fft / sr)) + 1
        S = STFT(sr, n_fft, n_fft // 4).magnitude(part)[:n_rows]
        bin_start, frame_start = np.unravel_index(np.argmax(S), S.shape)
        return part, {"start": int(frame_start) * n_rows + int(bin_start)}
