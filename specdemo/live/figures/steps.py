"""Steps: tones in equal steps of a ruler that is bent between hertz and octaves."""

from __future__ import annotations

from specdemo.live.figure import Figure
from specdemo.live.traits import integer, number


class Steps(Figure):
    """A row of tones on three axes."""

    kind = "steps"
    caption_of = (
        "Play the tones: steps of hertz, as good as equal. Do they sound equally large? Bend the ruler "
        "by the dot at the bottom until to your ear they do; then look how far from the mark you are. "
        "Press a tone in the middle row to hear it alone, and draw along to the next ones. Does your "
        "answer change with the number of tones, by the dot under that row?"
    )
    corner = number(102400.0, "of the ruler, Hz: 700 is mel by HTK", minimum=12.5, maximum=204800)
    tone = number(0.0, "by its place in the row, %", minimum=0, maximum=100)
    n_tones = integer(9, 3, 17, "number of tones")
