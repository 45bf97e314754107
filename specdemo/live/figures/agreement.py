"""Agreement: three frames of a tone, which have to agree about what they share."""

from __future__ import annotations

from typing import Any

import numpy as np

from specdemo._types import Array
from specdemo.live.figure import USUAL_FRAME, Figure, loudest
from specdemo.live.traits import integer, number

# Between these the strongest partial is looked for.
LOWEST_HZ = 60.0
HIGHEST_HZ = 4000.0


class Agreement(Figure):
    """Three frames and their sum."""

    kind = "agreement"
    caption_of = (
        "Three frames of one tone, each with a phase of its own; what leaves on the right comes "
        "in on the left. Push the waves sideways until their sum is the tone again, everywhere "
        "equally high; for small turns there are the arrow keys. Is there more than one way? Then "
        "spoil it, and let Griffin and Lim do it, step by step. Can you find phases from which the "
        "steps lead nowhere?"
    )
    phase1 = number(-60.0, "of the first frame, degrees", minimum=-180, maximum=180)
    phase2 = number(90.0, "of the second frame, degrees", minimum=-180, maximum=180)
    phase3 = number(-15.0, "of the third frame, degrees", minimum=-180, maximum=180)
    n_steps = integer(0, 0, 40, "steps of Griffin and Lim")
    hertz = number(440.0, "the tone, the strongest of the clip, Hz", minimum=1)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest frame, and its strongest partial as the tone."""
        part = loudest(x, sr, USUAL_FRAME)
        size = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        hertz = np.arange(len(size)) * sr / len(part)
        inside = (hertz >= LOWEST_HZ) & (hertz <= min(HIGHEST_HZ, sr / 2))
        strongest = hertz[np.argmax(np.where(inside, size, -1))]
        return part, {"hertz": float(min(max(strongest, LOWEST_HZ), HIGHEST_HZ))}
