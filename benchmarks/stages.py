"""What each stage of the corpus tool takes: clocks put around its own functions, while it works as ever."""

import hashlib
import time
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from unittest.mock import patch

import scipy

from specdemo.corpus import bands, recordings, shards

REST = "the rest: plan, opening, closing"


class Clock:
    """CPU seconds by stage; while one stage calls another, its own time stands still."""

    def __init__(self):
        self.seconds = {REST: 0.0}
        self._stage, self._since = REST, time.process_time()

    def _enter(self, stage):
        """Count for another stage from now on; return that of before."""
        now, before = time.process_time(), self._stage
        self.seconds[before] = self.seconds.get(before, 0.0) + now - self._since
        self._stage, self._since = stage, now
        return before

    @contextmanager
    def inside(self, stage):
        """Count the time of a block."""
        before = self._enter(stage)
        try:
            yield
        finally:
            self._enter(before)

    def call(self, stage, function):
        """The same function, whose time is counted."""

        def clocked(*arguments, **settings):
            with self.inside(stage):
                return function(*arguments, **settings)

        return clocked

    def iterator(self, stage, function):
        """The same generator, of which the time is counted that each item takes."""

        def clocked(*arguments):
            items = iter(function(*arguments))
            while True:
                with self.inside(stage):
                    item = next(items, None)
                if item is None:
                    return
                yield item

        return clocked

    def reader(self, stage, function):
        """The same context manager, whose entering is counted."""

        @contextmanager
        def clocked(*arguments):
            with ExitStack() as stack:
                with self.inside(stage):
                    opened = stack.enter_context(function(*arguments))
                yield opened

        return clocked


def shares(function):
    """Call a function that makes features; return the part that each stage has of its CPU time."""
    clock = Clock()
    fft = SimpleNamespace(rfft=clock.call("frames and FFT", scipy.fft.rfft))
    digest = SimpleNamespace(file_digest=clock.call("hash", hashlib.file_digest))
    clocked = (
        (recordings, "hashlib", digest),
        (recordings, "_quick", clock.reader("decode", recordings._quick)),
        (recordings._Quick, "read", clock.call("decode", recordings._Quick.read)),
        (recordings._Measured, "_measure", clock.call("check", recordings._Measured._measure)),
        (recordings, "converted", clock.iterator("convert", recordings.converted)),
        (bands, "_frames", clock.iterator("frames and FFT", bands._frames)),
        (bands, "scipy", SimpleNamespace(fft=fft)),
        (recordings, "numbers", clock.iterator("window, bands, logarithm", recordings.numbers)),
        (recordings, "_encoded", clock.call("encode", recordings._encoded)),
        (shards, "_write", clock.call("write", shards._write)),
    )
    with ExitStack() as stack:
        for owner, name, replaced in clocked:
            stack.enter_context(patch.object(owner, name, replaced))
        with clock.inside(REST):
            function()
    total = sum(clock.seconds.values())
    return {stage: seconds / total for stage, seconds in clock.seconds.items()}
