"""Excerpt: a piece of a spectrogram, heard alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.live.figure import Figure
from specdemo.live.traits import number

# Seconds of the recording that are shown; Hz up to which.
STRETCH_S, HIGHEST_HZ = 4.0, 8000.0

# Where the edges are at the start, in parts of the picture: a low band, as through a wall.
START = {"start": 0.1, "end": 0.9, "low": 0.02, "high": 0.12}


class Excerpt(Figure):
    """A frame over a spectrogram."""

    kind = "excerpt"
    caption_of = (
        "Time runs to the right, frequency upwards, bright is loud. Let it sound, and draw the upper "
        "edge of the box up: what comes in, and where? Then make the box as low as you can, move "
        "it up and down, and still recognise the sound: which band is it?"
    )
    start = number(0.0, "left edge, s", minimum=0)
    end = number(1.0, "right edge, s", minimum=0)
    low = number(0.0, "lower edge, Hz", minimum=0)
    high = number(1000.0, "upper edge, Hz", minimum=0)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the beginning of the clip, with the frame around a low band."""
        part = np.ascontiguousarray(x[: round(STRETCH_S * sr)], np.float32)
        width, height = len(part) / sr, min(HIGHEST_HZ, sr / 2)
        sizes = {"start": width, "end": width, "low": height, "high": height}
        return part, {name: share * sizes[name] for name, share in START.items()}
