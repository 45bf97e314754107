"""EM: a spectrum on its way from its bands, and three other ways beside it."""

from __future__ import annotations

from specdemo.live.figure import Figure
from specdemo.live.traits import integer


class Em(Figure):
    """A guess, by how well it fits and how near it is."""

    kind = "em"
    caption_of = (
        "Draw the dot along its path, iteration by iteration: what changes in the spectrum, and "
        "where does the path end? Then take the other three ways, in the plane or on the line "
        "below. Two of the four fit the bands as exactly as can be. What have they made of the "
        "spectrum, and which do you hear?"
    )
    n_iter = integer(2, 0, 60, "iterations of EM")
    way = integer(1, 1, 4, "EM, transpose, pseudo-inverse, NNLS")
