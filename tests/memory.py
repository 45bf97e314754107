"""How much memory is allocated at a time, as far as Python and NumPy do it."""

import tracemalloc
from contextlib import contextmanager


class Peak:
    """The most bytes that were allocated inside of `traced_memory`."""

    peak = 0


@contextmanager
def traced_memory():
    """Trace what is allocated; the result's `peak` is there at the end."""
    memory = Peak()
    tracemalloc.start()
    try:
        yield memory
        memory.peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peak_of(function):
    """The most bytes that were allocated at a time, on a second call, when all is imported."""
    function()
    with traced_memory() as memory:
        function()
    return memory.peak
