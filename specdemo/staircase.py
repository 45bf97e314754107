"""The whole staircase: a sound down every step and up again, and what it costs.

Chapter 6 walks it. Each step stands on the one above: `up` undoes them in the opposite order.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Array, Floats, OnIteration, Seed
from specdemo.inversion import invert_mel, invert_spectrogram
from specdemo.level import amplitude_to_db, db_to_amplitude
from specdemo.mel import MelBank
from specdemo.metrics import BEST_DB, log_spectral_distance, spectral_convergence
from specdemo.mfcc import inverse_mfcc, mfcc
from specdemo.stft import STFT
from specdemo.timescale import frames_left, lengthen
from specdemo.timescale import shorten as fewer_frames

# The amplitude that stands for digital silence, which has no level.
SILENCE = 1e-10
# The level up to which an amplitude counts as that: 1 dB above its own, out of the reach of rounding.
SILENCE_DB = -199.0


@dataclass(frozen=True)
class Staircase:
    """All steps of compression in a row, with one set of settings for the way down and up.

    Parameters
    ----------
    stft : STFT
        The grid.
    bank : MelBank
        The bank, on the same grid.
    shorten : float
        Frames that become one, at least 1.
    n_mfcc : int, optional
        Cepstral coefficients of the last step; None leaves it out.
    top_db : float or None
        Threshold: what is more than this below the loudest cell is not kept.

    Raises
    ------
    TypeError, ValueError
        When a setting is of the wrong kind or range, or the bank stands on another grid.

    See Also
    --------
    amplitude_to_db, MelBank, shorten, mfcc : The single steps.

    Examples
    --------
    >>> stft = STFT(sr=8000, n_fft=256, hop_length=64)
    >>> stairs = Staircase(stft, MelBank(stft, n_mels=20), shorten=4, n_mfcc=13)
    >>> x = np.sin(2 * np.pi * 440 / 8000 * np.arange(8001))
    >>> steps = stairs.down(x)
    >>> [(name, value.shape) for name, value in steps.items()][-3:]
    [('mel', (20, 126)), ('short', (20, 32)), ('mfcc', (13, 32))]
    >>> stairs.up("short", steps["short"], n_iter=5, length=8001, rng=0).shape
    (8001,)
    """

    stft: STFT
    bank: MelBank
    _: KW_ONLY
    shorten: float = 10
    n_mfcc: int | None = None
    top_db: float | None = 80.0

    def __post_init__(self) -> None:
        _checks.settle(self)
        _checks.instance("stft", self.stft, STFT)
        _checks.instance("bank", self.bank, MelBank)
        if self.bank.stft != self.stft:
            raise ValueError(
                f"bank must stand on the grid stft, {self.stft}; its own is {self.bank.stft}"
            )
        _checks.number("shorten", self.shorten, minimum=1)
        if self.n_mfcc is not None and _checks.integer("n_mfcc", self.n_mfcc) > self.bank.n_mels:
            raise ValueError(
                f"n_mfcc must be at most {self.bank.n_mels}, the bands of bank; got {self.n_mfcc}"
            )
        if self.top_db is not None:
            _checks.number("top_db", self.top_db, above=0)

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the steps from the top to the bottom, a tuple of str."""
        names = ("wave", "magnitude", "db", "mel", "short")
        return names if self.n_mfcc is None else (*names, "mfcc")

    def down(self, x: ArrayLike) -> dict[str, Floats]:
        """Take a sound down every step.

        Parameters
        ----------
        x : ndarray, shape (..., n_samples)
            Signal, float32 or float64.

        Returns
        -------
        dict of str to ndarray
            In this order, each made from the one before it and in the dtype of `x`:

            - "wave": a copy of `x`;
            - "magnitude": `stft.magnitude`, shape (..., n_bins, n_frames);
            - "db": the same in dB of amplitude 1, not lower than `top_db` below the loudest cell,
              and -200 dB for digital silence. The levels are absolute, so that loudness comes back;
            - "mel": `bank.forward` of the cells above the threshold, (..., n_mels, n_frames);
            - "short": `shorten` of these bands as amplitudes, (..., n_mels, n_short);
            - "mfcc": `mfcc` of their levels, with the threshold, (..., n_mfcc, n_short); only when
              `n_mfcc` is set.
        """
        x = _checks.signal("x", x)
        S = self.stft.magnitude(x)
        D = self._levels(S)
        M = self.bank.forward(self._kept(D))
        short = fewer_frames(self._rooted(M), self.shorten)
        values = [x.copy(), S, D, M, self._powered(short)]
        if self.n_mfcc is not None:
            values.append(mfcc(self._levels(short), n_mfcc=self.n_mfcc))
        return dict(zip(self.steps, values, strict=True))

    def up(
        self,
        step: str,
        value: ArrayLike,
        *,
        n_iter: int | None = None,
        length: int | None = None,
        rng: Seed = None,
        on_iteration: OnIteration = None,
    ) -> Floats:
        """Come back to sound from any step.

        Parameters
        ----------
        step : {"wave", "magnitude", "db", "mel", "short", "mfcc"}
            Where to start; "mfcc" only when `n_mfcc` is set.
        value : ndarray, shape (..., n_samples) of "wave", else (..., n_rows, n_frames)
            What `down` returned for it, or anything else of the same kind and number of rows.
        n_iter : int, optional
            Iterations. Default: that of `invert_spectrogram`, 32, from "magnitude" and "db"; that
            of `invert_mel`, 100, from the steps below.
        length : int, optional
            Samples to return, at most as far as the frames reach; from "short" and "mfcc" those of
            the sound that went down. Default: the shortest signal that has n_frames frames; from
            "short" and "mfcc" about n_frames, since only the length tells how many frames went into
            the last one.
        rng : int or numpy.random.Generator, optional
            Seed or source of the phases of quiet bins. Default: different ones at every call.
        on_iteration : callable, optional
            As for `invert_spectrogram` and `invert_mel`.

        Returns
        -------
        ndarray, shape (..., length)
            Signal in the dtype of `value`. From "wave" it is `value`, and exact.

        Raises
        ------
        TypeError, ValueError
            When an argument is of the wrong kind, shape or range, `length` is more than the frames
            of `value` reach or makes another number of short ones, or the grid cannot be inverted.
        """
        _checks.choice("step", step, self.steps)
        value = self._checked(step, value)
        if n_iter is not None:
            n_iter = _checks.iterations("n_iter", n_iter)
        rng = _checks.generator("rng", rng)
        if length is not None:
            length = _checks.integer("length", length, 1, _checks.MOST_SAMPLES)
        if step == "wave":
            return value[..., : _samples(length, value)].copy()
        try:
            return self._inverted(step, value, n_iter, length, rng, on_iteration)
        except _checks.OutOfRange as error:
            raise ValueError(f"value stands for a sound that is too loud: {error}") from error

    def _inverted(
        self,
        step: str,
        value: Array,
        n_iter: int | None,
        length: int | None,
        rng: Seed,
        on_iteration: OnIteration,
    ) -> Floats:
        options: dict[str, Any] = {"length": length, "rng": rng, "on_iteration": on_iteration}
        if n_iter is not None:
            options["n_iter"] = n_iter
        if step in ("magnitude", "db"):
            S = value if step == "magnitude" else self._kept(value)
            return invert_spectrogram(S, self.stft, **options)
        M = value if step == "mel" else self._all_frames(step, value, length)
        return invert_mel(M, self.bank, **options)

    def budget(self, x: ArrayLike, *, n_iter: int | None = None, rng: Seed = None) -> Budget:
        """Take a sound down, come back up from every step, and measure what became of it.

        Parameters
        ----------
        x : ndarray, shape (..., n_samples)
            Signal, float32 or float64.
        n_iter, rng
            As for `up`. An int as `rng` is the seed of every row.

        Returns
        -------
        Budget
            A list with a `Row` for every step, in order. Printed, it is a table.

        Examples
        --------
        >>> stft = STFT(sr=8000, n_fft=256, hop_length=64)
        >>> stairs = Staircase(stft, MelBank(stft, n_mels=20), shorten=4)
        >>> x = np.sin(2 * np.pi * 440 / 8000 * np.arange(8000))
        >>> [round(row.numbers_per_second) for row in stairs.budget(x, n_iter=5, rng=0)]
        [8000, 16254, 16254, 2520, 640]
        """
        steps = self.down(x)
        x = steps["wave"]
        S, M = self._analysed(x)
        # Without centring, samples behind the last whole frame do not come back.
        length = min(x.shape[-1], self.stft._longest(S.shape[-1]))
        rows = Budget()
        for step, value in steps.items():
            y = self.up(step, value, n_iter=n_iter, length=length, rng=rng)
            S_hat, M_hat = self._analysed(y)
            rows.append(
                Row(
                    step=step,
                    shape=value.shape,
                    numbers_per_second=value.size * self.stft.sr / x.shape[-1],
                    ratio=value.size / x.size,
                    convergence=spectral_convergence(S, S_hat),
                    log_spectral_distance=log_spectral_distance(S, S_hat),
                    log_mel_distance=log_spectral_distance(M, M_hat),
                    audio=y,
                )
            )
        return rows

    def _analysed(self, x: Floats) -> tuple[Array, Array]:
        """Magnitudes of a signal, and its bands as amplitudes."""
        S = self.stft.magnitude(x)
        return S, self._rooted(self.bank.forward(S))

    def _levels(self, A: Floats) -> Array:
        return amplitude_to_db(A, ref=1.0, amin=SILENCE, top_db=self.top_db)

    def _kept(self, D: Floats) -> Array:
        """The amplitudes of the levels above the threshold; the others were not kept: zero."""
        if self.top_db is None:
            return _amplitudes(D)
        return _amplitudes(D, max(SILENCE_DB, D.max() - self.top_db))

    def _rooted(self, M: Floats) -> Array:
        """Bands as amplitudes, whatever power of them the bank sums."""
        return M if self.bank.power == 1 else M ** M.dtype.type(1 / self.bank.power)

    def _powered(self, A: Floats) -> Array:
        return A if self.bank.power == 1 else A ** A.dtype.type(self.bank.power)

    def _all_frames(self, step: str, value: Array, length: int | None) -> Array:
        """The mel spectrogram that a shortened one, or its coefficients, came from."""
        if step == "mfcc":
            short = _amplitudes(inverse_mfcc(value, n_mels=self.bank.n_mels))
        else:
            short = self._rooted(value)
        n_frames = None if length is None else self._frames_of(length, short.shape[-1])
        return self._powered(lengthen(short, self.shorten, n_frames=n_frames))

    def _frames_of(self, length: int, n_short: int) -> int:
        """Frames of a sound of `length` samples, if they can have become `n_short`."""
        n_frames = self.stft.n_frames(max(length, self.stft._shortest(1)))
        if frames_left(n_frames, self.shorten) != n_short:
            raise ValueError(
                f"length = {length} makes {n_frames} frames, which shortened by "
                f"{self.shorten:g} are not the {n_short} of value"
            )
        return n_frames

    def _checked(self, step: str, value: ArrayLike) -> Array:
        """Return the value of a step after checking that it has its rows."""
        if step == "wave":
            return _checks.signal("value", value)
        signed = step in ("db", "mfcc")
        value = _checks.array("value", value, ndim=2, minimum=None if signed else 0)
        rows, what = {
            "magnitude": (self.stft.n_bins, "bins"),
            "db": (self.stft.n_bins, "bins"),
            "mel": (self.bank.n_mels, "bands"),
            "short": (self.bank.n_mels, "bands"),
            "mfcc": (self.n_mfcc, "coefficients"),
        }[step]
        _checks.axis_length("value", value, -2, rows, what)
        return value


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a budget: a step, its size, and what the sound that came back from it is worth.

    Parameters
    ----------
    step : str
        Name of the step.
    shape : tuple of int
        Shape of its array.
    numbers_per_second : float
        Numbers for a second of sound.
    ratio : float
        Numbers for a sample of the wave.
    convergence : float
        Spectral convergence in dB of the sound that came back, see `spectral_convergence`.
    log_spectral_distance, log_mel_distance : float
        Its distances in dB from the original, see `log_spectral_distance`: of the magnitudes, and
        of the bands as amplitudes.
    audio : ndarray, shape (..., n_samples)
        The sound itself.
    """

    step: str
    shape: tuple[int, ...]
    numbers_per_second: float
    ratio: float
    convergence: float
    log_spectral_distance: float
    log_mel_distance: float
    audio: Floats = field(repr=False, compare=False)

    @property
    def cells(self) -> tuple[str, ...]:
        """What a table shows of the row, a tuple of str."""
        exact = self.convergence <= BEST_DB
        return (
            self.step,
            f"{self.numbers_per_second:.0f}",
            f"{self.ratio:.3f}",
            "exact" if exact else f"{round(self.convergence)} dB",
            f"{self.log_spectral_distance:.1f} dB",
            f"{self.log_mel_distance:.1f} dB",
        )


class Budget(list[Row]):
    """The rows of a loss budget, from the top to the bottom; printed or shown, a table."""

    head = ("step", "numbers/s", "per sample", "convergence", "log-spectral", "log-mel")

    def __str__(self) -> str:
        lines = [self.head, *(row.cells for row in self)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "   ".join([first.ljust(widths[0]), *map(str.rjust, others, widths[1:])])
            for first, *others in lines
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in self.head)
        body = "".join(
            f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
            for first, *others in (row.cells for row in self)
        )
        return (
            f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )


def _samples(length: int | None, x: Array) -> int | None:
    """The number of samples asked for, or all."""
    if length is not None and length > x.shape[-1]:
        raise ValueError(
            f"length must be at most {x.shape[-1]}, the samples of value; got {length}"
        )
    return length


def _amplitudes(D: Floats, threshold: float = SILENCE_DB) -> Array:
    """The amplitudes of levels, with zero for those at the threshold or below."""
    try:
        A = db_to_amplitude(D)
    except ValueError as error:
        raise ValueError(f"value stands for levels that are too high: {error}") from error
    return np.where(D > threshold, A, A.dtype.type(0))
