"""What stands beyond the two ends of a signal: zeros, or copies of its samples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

# The words of NumPy and librosa.
PAD_MODES = ("constant", "reflect", "symmetric", "edge")


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
            return Ends(inside)
        places = self.around(np.arange(n_samples)) + self.before
        places = places[:reach]
        return Ends(inside, places[: inside.start], places[inside.stop :])


@dataclass(frozen=True)
class Ends:
    """Which samples of a padded signal are the signal, and of which of them the others are copies.

    Parameters
    ----------
    inside : slice
        The signal.
    before, behind : ndarray of int, or None
        For every sample before and behind the signal, the place inside that it copies. None: it
        copies nothing, but is zero.

    Notes
    -----
    With `P` the matrix that pads a signal, the signal whose frames are nearest to given ones is
    `P.T y / P.T w`: the windowed frames `y`, overlap-added, and the sums `w` of squared windows,
    both folded back onto the samples that the padding copies. It is Griffin & Lim 1984, eq. 6, for
    signals whose ends are mirrored.
    """

    inside: slice
    before: np.ndarray | None = None
    behind: np.ndarray | None = None

    def fold(self, x):
        """Add what lies on the padding to the samples that it copies, in place (`P.T`)."""
        if self.before is not None:
            behind = slice(self.inside.stop, self.inside.stop + len(self.behind))
            for one in x.reshape(-1, x.shape[-1]):
                np.add.at(one, self.before, one[: self.inside.start].copy())
                np.add.at(one, self.behind, one[behind].copy())

    def extend(self, x):
        """Make the padding of the signal in place, and silence behind it (`P`)."""
        x[: self.inside.start] = 0 if self.before is None else x[self.before]
        x[self.inside.stop :] = 0
        if self.behind is not None:
            x[self.inside.stop : self.inside.stop + len(self.behind)] = x[self.behind]
