"""Probe: a wave that is laid over a frame, and how much of it is there."""

from __future__ import annotations

from specdemo.live.figure import Figure
from specdemo.live.traits import number


class Probe(Figure):
    """A wave and a frame."""

    kind = "probe"
    caption_of = (
        "Move the dot along the axis at the bottom, which changes the frequency of the blue wave; or "
        "take the wave itself and stretch it. Where does the arrow grow? There, turn the dot on "
        "the dial, which shifts the wave by that part of its cycle, its phase, until the sum is "
        "largest; and then by a quarter more: what is left of the sum, and what of the arrow?"
    )
    frequency = number(440.0, "frequency of the wave, Hz", minimum=0)
    phase = number(0.0, "phase of the wave, degrees", minimum=-180, maximum=180)
