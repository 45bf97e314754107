"""Phasors: what three bins see of a partial, frame by frame, and what its phases are for."""

from __future__ import annotations

from specdemo.live.figure import Figure
from specdemo.live.traits import integer, number


class Phasors(Figure):
    """Arrows of three bins, and the wave of all."""

    kind = "phasors"
    caption_of = (
        "One partial, a steady wave, as three bins see it: an arrow is as long as the magnitude and "
        "turned by the phase. Move the dot at the left, the partial's frequency. Where do the "
        "arrows stand still, and do the three turn unlike each other? Then lead the phases astray, "
        "by the dot at the top, to zero or to chance. What becomes of the lengths, and what of the "
        "wave? And can you still change its pitch?"
    )
    partial = number(8.2, "frequency of the partial, bins", minimum=6.5, maximum=9.5)
    astray = number(0.0, "phases: -1 zero, 0 true, 1 random", minimum=-1, maximum=1)
    frame = integer(3, 0, 6, "frame that is looked at")
