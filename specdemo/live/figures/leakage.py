"""Leakage: a tone that does not fit into the frame, and the window that decides how it leaks."""

from __future__ import annotations

from specdemo.live.figure import Figure
from specdemo.live.traits import number


class Leakage(Figure):
    """A tone, a window and its leaks."""

    kind = "leakage"
    caption_of = (
        "Ten and a half cycles of a tone in a frame, and the tone is in every bin. Move the dot at "
        "the bottom, its frequency, or stretch the wave, until nothing leaks: what has become of the "
        "jump at the seam of the frame? Then go back between two bins, and pull the window's shoulder down "
        "by its dot. What happens to the worst leak, and what to the width of the peak? Is the leak "
        "the smaller the further you pull? Near Hann, go by the arrow keys."
    )
    cycles = number(10.5, "of the tone in a frame", minimum=8, maximum=16)
    shoulders = number(0.0, "the window: 0 rectangular, 1 Hann, 2 Blackman", minimum=0, maximum=2)
