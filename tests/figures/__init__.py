"""What the tests know of each figure to take hold of: a module for each, of the same name.

It has

`DRAGS`
    The pixels to the right and down by which each handle is drawn in the tests: little on every
    screen, and another value.
`expected(value, figure)`
    The numbers under the drawing that the package gives, by their names: each a number, or a pair
    of it and how far that may be apart for how it is printed (by default, half of a tenth).
    `value(handle)` is where a handle is, a float; a handle in `NOT_COMPARED` is not moved for this.
`add(golden)`
    Adds the cases that hold the mathematics in JavaScript to the package, if there are any.
"""

from importlib import import_module

from specdemo.live.figures import KINDS

ABOUT = {made.kind: import_module(f"figures.{made.kind}") for made in KINDS}
NAMES = tuple(ABOUT)
