"""Excerpt: a piece of a spectrogram, heard alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from specdemo import _checks
from specdemo._types import Array
from specdemo.live.figure import Figure
from specdemo.live.traits import number

# How much of the recording is shown, and up to where.
STRETCH_S = 4.0
HIGHEST_HZ = 8000.0

# Where the edges are at the start, in parts of the picture: a low band, as through a wall.
START = {"start": 0.1, "end": 0.9, "low": 0.02, "high": 0.12}


# Edges across from each other; and the smallest piece, in parts of the picture.
PAIRS, LEAST = (("start", "end"), ("low", "high")), 0.02


class Excerpt(Figure):
    """A frame over a spectrogram."""

    kind = "excerpt"
    caption_of = (
        "Time runs to the right, frequency upwards, bright is loud. Let it sound, and draw the upper "
        "edge of the box up: what comes in, and where? Then make the box as low as you can, move "
        "it up and down, and still recognise the sound: which band is it? Beside the box you can "
        "draw a new one."
    )
    start = number(0.0, "left edge, s", minimum=0)
    end = number(1.0, "right edge, s", minimum=0)
    low = number(0.0, "lower edge, Hz", minimum=0)
    high = number(1000.0, "upper edge, Hz", minimum=0)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the beginning of the clip, with the frame around a low band."""
        part = np.ascontiguousarray(x[: round(STRETCH_S * sr)], np.float32)
        sizes = _sizes(part, sr)
        return part, {name: share * sizes[name] for name, share in START.items()}

    def _together(self, values: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """Return the edges, of which one that is not given makes way; two that have crossed are refused."""
        values |= {name: _checks.number(name, values[name], minimum=0) for name in START}
        sizes = _sizes(self.x, self.sr)
        for first, last in PAIRS:
            if values[first] < values[last]:
                continue
            if first in given and last in given:
                raise ValueError(
                    f"{first} must be below {last}; got {given[first]!r} and {given[last]!r}"
                )
            size = sizes[first] * (START[last] - START[first])
            if first in given:
                values[last] = values[first] + size
            else:
                values[first] = max(0.0, values[last] - size)
        return values

    @traitlets.observe(*START)
    def _push(self, change: Any) -> None:
        """An edge that comes to the one across pushes it before it, as in the drawing."""
        least = LEAST * _sizes(self.x, self.sr)[change.name]
        for first, last in PAIRS:
            if getattr(self, first) < getattr(self, last):
                continue
            if change.name == first:
                setattr(self, last, getattr(self, first) + least)
            elif change.name == last:
                setattr(self, first, max(0.0, getattr(self, last) - least))


def _sizes(x: Array, sr: int) -> dict[str, float]:
    """Seconds and Hz that the picture shows, by the names of its edges."""
    width, height = len(x) / sr, min(HIGHEST_HZ, sr / 2)
    return {"start": width, "end": width, "low": height, "high": height}
