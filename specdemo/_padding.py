"""What stands beyond the two ends of a signal: zeros, or copies of its samples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from specdemo import _checks

# The words of NumPy and librosa.
PAD_MODES = ("constant", "reflect", "symmetric", "edge")

NOWHERE = np.zeros(0, np.intp)


def checked_pad(pad, maximum):
    """Return samples to pad with: an int, a pair of them as a tuple, or None."""
    if isinstance(pad, (tuple, list)):
        if len(pad) != 2:
            raise ValueError(f"pad must be an int or two of them; got {pad!r}")
        for samples in pad:
            _checks.integer("pad", samples, 0, maximum)
        return tuple(pad)
    return None if pad is None else _checks.integer("pad", pad, 0, maximum)


@dataclass(frozen=True)
class Padding:
    """Samples put around a signal before its frames are cut.

    Parameters
    ----------
    before, behind : int
        Samples before the signal, and behind it.
    mode : {"constant", "reflect", "symmetric", "edge"}
        What these samples are, as in `numpy.pad`; constant ones are zero.
    """

    before: int
    behind: int
    mode: str

    @property
    def mirrors(self):
        """Whether there are samples, and they are the signal run backwards."""
        return self.mode in ("reflect", "symmetric") and bool(self.before or self.behind)

    def around(self, x):
        """A signal with its padding."""
        axes = [(0, 0)] * (x.ndim - 1) + [(self.before, self.behind)]
        return np.pad(x, axes, mode=self.mode)

    def stream(self, pieces):
        """The pieces of a signal between the padding at its two ends.

        The padding of an end is made of the samples next to it: these are waited for at the
        beginning, and remembered at the end.
        """
        first = next(pieces, None)
        if first is None:
            raise ValueError("x is empty: it has no samples")
        head, enough = [first], self._copied
        while sum(piece.shape[-1] for piece in head) < enough:
            piece = next(pieces, None)
            if piece is None:  # a signal that mirrors itself more than once
                yield self.around(np.concatenate(head, axis=-1))
                return
            head.append(piece)
        head = np.concatenate(head, axis=-1)
        yield self.around(head[..., :enough])[..., : self.before]
        tail = head[..., :0]
        for piece in chain([head], pieces):
            yield piece
            tail = np.concatenate([tail, piece[..., -enough:]], axis=-1)[..., -enough:]
        yield self.around(tail)[..., self.before + tail.shape[-1] :]

    @property
    def _copied(self):
        """Samples at an end that its padding is made of: a mirror stands on one more."""
        copied = max(self.before, self.behind) if self.mode in ("reflect", "symmetric") else 0
        return copied + 1

    def ends(self, n_samples, reach):
        """The ends of a signal of `n_samples` samples, of which frames reach `reach`; see `Ends`."""
        inside = slice(self.before, self.before + n_samples)
        if self.mode == "constant":
            silent = (slice(0, inside.start), slice(inside.stop, None))
            return Ends(inside, NOWHERE, NOWHERE, silent)
        sources = self.around(np.arange(n_samples))[:reach] + self.before
        places = np.delete(np.arange(len(sources)), inside)
        return Ends(inside, places, sources[places], (slice(len(sources), None),))

    def open_ends(self, n_samples, reach):
        """The ends of a signal that goes on as far as frames reach, for all that is known of it.

        It has at least `n_samples` samples. So it is known what its padding before copies, save
        where that runs through the whole signal and back; but not where its padding behind begins.
        """
        inside = slice(self.before, reach)
        if self.mode == "constant":
            return Ends(inside, NOWHERE, NOWHERE, (slice(0, inside.start),))
        # A mirror on the first sample shows all but this; one before it shows all.
        shown = {"edge": self.before, "reflect": n_samples - 1, "symmetric": n_samples}[self.mode]
        places = np.arange(max(0, self.before - shown), self.before)
        sources = np.pad(np.arange(n_samples), (self.before, 0), mode=self.mode)[places]
        return Ends(inside, places, sources + self.before, ())


@dataclass(frozen=True)
class Ends:
    """Which samples of a padded signal are the signal, and of which of them the others are copies.

    Parameters
    ----------
    inside : slice
        The signal.
    places, sources : ndarray of int
        The places of samples beside the signal that copy one of it, and the places of these.
    silent : tuple of slices
        Where there are zeros. Of all that is left, nothing is known.

    Notes
    -----
    With `P` the matrix that pads a signal, the signal whose frames are nearest to given ones is
    `P.T y / P.T w`: the windowed frames `y`, overlap-added, and the sums `w` of squared windows,
    both folded back onto the samples that the padding copies. It is Griffin & Lim 1984, eq. 6, for
    signals whose ends are mirrored.
    """

    inside: slice
    places: np.ndarray
    sources: np.ndarray
    silent: tuple[slice, ...]

    def fold(self, x):
        """Add what lies on the padding to the samples that it copies, in place (`P.T`)."""
        for one in x.reshape(-1, x.shape[-1]):
            np.add.at(one, self.sources, one[self.places])

    def extend(self, x):
        """Make the padding of the signal in place, and silence where it is known to be (`P`)."""
        for part in self.silent:
            x[part] = 0
        x[self.places] = x[self.sources]
