"""Many: other spectra with the mel bands of a frame, and all that lies between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.live.figure import USUAL_FRAME, Figure, loudest
from specdemo.live.traits import integer, number

# Up to where bands are shown at most.
HIGHEST_HZ = 4000.0
# The part of the sampling rate from which on bands are wide.
WIDE = 0.07


class Many(Figure):
    """A spectrum, another one, and the bands that they share."""

    kind = "many"
    caption_of = (
        "Listen, and draw the dot from the frame's own spectrum to another: what do the bands do on "
        "the way? Ask for another one, and another. Then take one bin by the dot in the spectrum, or "
        "press another, and pull it up or down: who gives way, so that the bands can stay? In which part "
        "of the axis can you change next to nothing?"
    )
    mixed = number(0.0, "from the frame's own spectrum to the other, %", minimum=0, maximum=100)
    which = integer(5, 1, 20, "which other spectrum")
    frequency = number(2400.0, "the bin that is pulled, Hz", minimum=0)
    pull = number(0.0, "how far it is pulled, dB", minimum=-30, maximum=30)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest frame, and its strongest bin in the wider bands."""
        part = loudest(x, sr, USUAL_FRAME)
        size = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        hertz = np.arange(len(size)) * sr / len(part)
        wide = (hertz >= WIDE * sr) & (hertz <= min(HIGHEST_HZ, sr / 2))
        found = hertz[np.argmax(np.where(wide, size, -1))]
        return part, {"frequency": float(found if wide.any() else min(HIGHEST_HZ, sr / 2))}
