"""Projections: Griffin and Lim's algorithm in the plane, between a line and a circle."""

from __future__ import annotations

from specdemo.live.figure import Figure
from specdemo.live.traits import integer, number


class Projections(Figure):
    """A line, a circle and the path between them."""

    kind = "projections"
    caption_of = (
        "The line stands for the consistent arrays, the circle for those with the right magnitude; "
        "a step goes to the nearest point of the line, and from there to the nearest of the circle. "
        "Count the steps to a gap of a thousandth, without momentum and with as much as helps most. "
        "Then move the line, by the dot at its end: what is hard for the steps, and what "
        "impossible? And from which start on the circle do they lead nowhere?"
    )
    start = number(80.0, "on the circle, degrees", minimum=0, maximum=180)
    height = number(0.85, "of the line", minimum=0, maximum=1.3)
    momentum = number(0.0, "how far each step overshoots the last change", minimum=0, maximum=0.99)
    n_steps = integer(6, 0, 40, "steps")
