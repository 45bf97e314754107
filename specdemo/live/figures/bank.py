"""Bank: the triangles of a mel bank over the bins of a short frame, and what they collect."""

from __future__ import annotations

from typing import Any

from specdemo._types import Array
from specdemo.live.figure import USUAL_FRAME, Figure, loudest
from specdemo.live.traits import integer, number

# Up to where the drawing goes at most.
HIGHEST_HZ = 8800
# How far the bank reaches at the start.
REACH_HZ = 8000


class Bank(Figure):
    """Triangles and their bands."""

    kind = "bank"
    caption_of = (
        "Take hold of the tip of the last triangle, and make more and more of them: which bands run "
        "empty first, and why just those? Draw the dot on the right from height to area: what "
        "becomes of the dashed line, the bands of a flat spectrum? Which bands move when the scale "
        "is HTK's? Press a band and listen: what of the frame is in it, and what could not be told "
        "apart?"
    )
    fmin = number(0.0, "lower edge, Hz", minimum=0)
    fmax = number(8000.0, "upper edge, Hz", minimum=0)
    n_mels = integer(12, 1, 128, "number of bands")
    norm = number(0.0, "from height one, 0, to area one, 1", minimum=0, maximum=1)
    htk = integer(0, 0, 1, "scale: Slaney's, 0, or that of HTK, 1")
    place = number(30.0, "of the band, in per cent of all", minimum=0, maximum=100)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the loudest frame, of which a quarter is shown, and the whole range."""
        return loudest(x, sr, USUAL_FRAME), {
            "fmax": min(HIGHEST_HZ, sr / 2) * REACH_HZ / HIGHEST_HZ
        }
