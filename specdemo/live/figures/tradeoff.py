"""Tradeoff: two clicks and two tones, and the frame that should part both pairs."""

from __future__ import annotations

from specdemo.live.figure import Figure
from specdemo.live.traits import number


class Tradeoff(Figure):
    """Two clicks, two tones and a frame."""

    kind = "tradeoff"
    caption_of = (
        "Two clicks stand in the spectrogram, and two tones lie in it. The frame is below, and "
        "beside the picture the peak that it gives to a tone. Make the frame longer and shorter by "
        "either of their dots: can you find a length at which the clicks are two and the tones "
        "are two, with a dip of 3 dB between them? Then move the clicks apart by the dot at the "
        "top, as little as you need. What is the product of the two distances by then? Try it with "
        "the tones farther apart."
    )
    clicks = number(15.0, "from click to click, ms", minimum=2, maximum=120)
    tones = number(40.0, "from tone to tone, Hz", minimum=4, maximum=240)
    frame = number(45.5, "length of the frame, ms", minimum=8, maximum=256)
