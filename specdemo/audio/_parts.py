"""Which samples of a recording make a part of it, at its own rate and at another one."""

from __future__ import annotations

from dataclasses import dataclass

from specdemo.audio import filters


@dataclass(frozen=True)
class Part:
    """A part of a recording, in samples.

    The filters of a conversion reach beyond the part, to sound that is there; and the samples at the
    new rate are counted from the beginning of the recording, as if all of it were converted.

    Attributes
    ----------
    skip : int
        Samples of the recording that are left out.
    wanted : int or None
        Samples of the recording behind them that are read. None: all.
    lead : int
        Samples, at the new rate, that these make in front of the part.
    length : int or None
        Samples of the part, at the new rate. None: all.
    """

    skip: int
    wanted: int | None
    lead: int
    length: int | None

    @property
    def stop(self) -> int | None:
        """Samples, at the new rate, up to the end of the part; None: all."""
        return None if self.length is None else self.lead + self.length


def part(offset: float, duration: float | None, sr: int, up: int = 1, down: int = 1) -> Part:
    """The part of a recording at `sr` Hz, of which `down` samples become `up`.

    Parameters
    ----------
    offset, duration : float
        Start and length in s; a duration of None means all that follows.
    sr : int
        Rate of the recording in Hz.
    up, down : int
        Ratio of the new rate to it, in lowest terms.
    """
    new_sr = sr * up // down
    first = round(offset * new_sr)
    length = None if duration is None else round(duration * new_sr)
    if up == down:
        return Part(first, length, 0, length)
    reach = filters.reach(up, down)
    # A multiple of `down` before, so that samples at the new rate fall on those of the whole.
    skip = max(0, (first * down - reach) // (up * down) * down)
    last = None if length is None else ((first + length - 1) * down + reach) // up
    return Part(skip, None if last is None else last + 1 - skip, first - skip // down * up, length)
