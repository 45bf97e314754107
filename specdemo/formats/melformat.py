"""What a model calls a mel spectrogram: sound to the model's array, and the array back to sound."""

from __future__ import annotations

import warnings
from bisect import bisect_left
from dataclasses import KW_ONLY, dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._frames import frames_first
from specdemo._types import Complexes, Floats, OnIteration, Seed
from specdemo.formats.bounds import reach, slack, without_strays
from specdemo.formats.scale import LEAST, MOST, LogScale, half_to_single
from specdemo.formats.sound import deemphasised, emphasised, followed_by_zeros
from specdemo.inversion import invert_bands, known_lengths
from specdemo.mel import MelBank

FILLS = ("zeros", "silence", "front")

# A sound that reaches further than this was not meant: sounds lie within -1 and 1.
TOO_LOUD = 1.5


@dataclass(frozen=True)
class MelFormat:
    """What a system calls a mel spectrogram, with the way back to sound.

    Parameters
    ----------
    bank : MelBank
        Grid and bands. A grid that pads, and a window that is shorter than its frame, say how the
        system cuts frames.
    scale : LogScale or None
        What the system does to the bands; None leaves them as they are.
    eps : float
        Added to the power of every bin: `sqrt(S**2 + eps)`.
    preemphasis : float
        Factor of the sample before, which is subtracted from every sample.
    remove_mean : bool
        Whether the mean of every frame is removed before the window, as Kaldi does.
    gain : float
        What samples in [-1, 1] are multiplied by: 32768 for those who read 16-bit integers.
    frames_first : bool
        Whether the array has shape (n_frames, n_mels).
    fill : {"zeros", "silence", "front", None}
        What stands around the sound: zeros behind its padding, which make the last frame whole;
        silence in the place of the padding behind; or zeros in front, as many as make the number of
        frames a power of two.
    drop_last : bool
        Whether the last frame is left out.
    blank_last : float, optional
        What the last frame is overwritten with.
    sr : float, optional
        Sampling rate of the sound in Hz, where the bank was made for another one.
    name : str
        As the registry calls it.

    Examples
    --------
    >>> from specdemo import STFT, MelBank
    >>> grid = STFT(22050, 1024, 256, pad=384, pad_mode="reflect")
    >>> fmt = MelFormat(MelBank(grid, 80, fmax=8000), LogScale(floor=1e-5), eps=1e-9)
    >>> A = fmt.forward(np.sin(0.1 * np.arange(8192)))
    >>> A.shape
    (80, 32)
    >>> fmt.inverse(A, n_iter=5, rng=0).shape
    (8192,)
    """

    bank: MelBank
    scale: LogScale | None = LogScale()
    _: KW_ONLY
    eps: float = 0.0
    preemphasis: float = 0.0
    remove_mean: bool = False
    gain: float = 1.0
    frames_first: bool = False
    fill: str | None = None
    drop_last: bool = False
    blank_last: float | None = None
    sr: float = cast("float", None)  # the bank's, once it is checked
    name: str = ""

    def __post_init__(self) -> None:
        _checks.settle(self)
        _checks.instance("bank", self.bank, MelBank)
        if self.scale is not None:
            _checks.instance("scale", self.scale, LogScale)
        _checks.number("eps", self.eps, minimum=0, maximum=MOST)
        _checks.number("preemphasis", self.preemphasis, minimum=0, below=1)
        _checks.number("gain", self.gain, minimum=LEAST, maximum=MOST)
        if self.blank_last is not None:
            _checks.number("blank_last", self.blank_last, minimum=-MOST, maximum=MOST)
        for flag in ("remove_mean", "frames_first", "drop_last"):
            _checks.flag(flag, getattr(self, flag))
        if self.fill is not None:
            _checks.choice("fill", self.fill, FILLS, "None")
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a text; got {self.name!r}")
        sr = self.bank.stft.sr if self.sr is None else _checks.rate("sr", self.sr)
        object.__setattr__(self, "sr", sr)

    @property
    def losses(self) -> list[str]:
        """What cannot be had back from an array alone, in a sentence for each rule of the format."""
        lost = [] if self.scale is None else list(self.scale.losses)
        if self.drop_last:
            lost.append("The last frame is left out.")
        if self.blank_last is not None:
            lost.append(f"The last frame is overwritten with {self.blank_last:g}.")
        return lost

    @property
    def lowest(self) -> float:
        """The least value that an array can have."""
        bands = self.bank.matrix.sum(axis=1) * self.eps ** (self.bank.power / 2)
        least = float(bands.min())
        return least if self.scale is None else self.scale._lowest_of(least)

    @property
    def highest(self) -> float:
        """The largest value that an array can have when the sound stays within -1 and 1."""
        amplitude = self.gain * (1 + self.preemphasis) * np.abs(self.bank.stft.window_array).sum()
        power = (amplitude**2 + self.eps) ** (self.bank.power / 2)
        loudest = float(self.bank.matrix.sum(axis=1).max() * power)
        return loudest if self.scale is None else self.scale._highest_of(loudest)

    def n_frames(self, n_samples: int) -> int:
        """Frames of a sound of `n_samples` samples."""
        n_samples = _checks.integer("n_samples", n_samples)
        n_frames = self._frames_of(n_samples)
        if n_frames < self._fewest:
            raise ValueError(
                f"x must have at least {self._least_samples()} samples in "
                f"{self.name or 'this format'}; got {n_samples}"
            )
        return n_frames

    def _frames_of(self, n_samples: int) -> int:
        """Frames of a sound, or none or less than none where it is too short for one."""
        stft = self.bank.stft
        padded = n_samples + self._filling(n_samples) + stft._padding.before + stft._padding.behind
        return 1 + (padded - stft.n_fft) // stft.hop_length - self.drop_last

    @property
    def _fewest(self) -> int:
        """Frames that an array must have: one of the sound itself, two for a deviation."""
        own = 2 if self.scale is not None and self.scale.per_band else 1
        return own + (self.blank_last is not None)

    def _least_samples(self) -> int:
        """Samples of the shortest sound that has an array."""
        enough = self.bank.stft._shortest(self._fewest + self.drop_last)
        return 1 + bisect_left(range(1, enough), self._fewest, key=self._frames_of)

    def forward(self, x: ArrayLike) -> Floats:
        """The array that the system makes of a sound.

        Parameters
        ----------
        x : ndarray, shape (..., n_samples)
            Samples in [-1, 1] at `sr`, float32 or float64.

        Returns
        -------
        ndarray, shape (..., n_mels, n_frames), or (..., n_frames, n_mels) if `frames_first`
            In the dtype of `x`.
        """
        samples = _checks.signal("x", x)
        self.n_frames(samples.shape[-1])  # Refuses a sound that is too short.
        samples = samples * samples.dtype.type(self.gain)
        X = self._transform(emphasised(samples, self.preemphasis))
        if self.remove_mean:
            X -= self._transform_of_means(samples)
        S = np.abs(X)
        if self.eps:
            S = np.sqrt(np.square(S) + S.dtype.type(self.eps))
        M = self.bank.forward(S)
        A = M if self.scale is None else self._scaled(M, self.scale)
        return A.swapaxes(-1, -2) if self.frames_first else A

    def inverse(
        self,
        A: ArrayLike,
        *,
        length: int | None = None,
        n_iter: int = 100,
        rng: Seed = None,
        on_iteration: OnIteration = None,
    ) -> Floats:
        """A sound whose array is `A`.

        Parameters
        ----------
        A : array_like, shape (..., n_mels, n_frames), or (..., n_frames, n_mels) if `frames_first`
            What the system, or a model that was trained on it, made: float16, float32 or float64.
        length : int, optional
            Samples to return, those of the sound if you know it. Default: a hop for every frame.
        n_iter, rng, on_iteration
            As for `invert_mel`.

        Returns
        -------
        ndarray, shape (..., length)
            Samples, float64 for float64 and float32 for all else.

        Raises
        ------
        TypeError, ValueError
            When `A` cannot be an array of this format: the message says of which it can be one.

        Warns
        -----
        UserWarning
            When the sound goes far beyond -1 and 1, or one value in a thousand lies where no sound
            within -1 and 1 leads: such are moved into the reach of the others.
        """
        A = self._checked(A)
        if self.blank_last is not None and A.shape[-1] > 1:
            A = A[..., :-1]
        M = np.ascontiguousarray(A if self.scale is None else self.scale.inverse(A))
        stft, n_frames = self.bank.stft, A.shape[-1]
        stft._check_invertible()
        length, seen = self._lengths(length, n_frames)
        # Fewer samples than `n_frames` frames take, with what fills them, are not the sound's.
        is_sounds = self._frames_of(seen) >= n_frames + (self.blank_last is not None)
        lengths = known_lengths(seen, stft, n_frames, is_sounds)
        y = invert_bands(M, self.bank, lengths, n_iter=n_iter, rng=rng, on_iteration=on_iteration)
        is_front = self.fill == "front"
        y = y[..., seen - length :] if is_front else followed_by_zeros(y, length - seen)
        x = deemphasised(y, self.preemphasis) / y.dtype.type(self.gain)
        self._warn_if_too_loud(x)
        return x

    def with_statistics(self, mean: ArrayLike, std: ArrayLike) -> MelFormat:
        """The format of an utterance whose mean and deviation of every band are known.

        Parameters
        ----------
        mean, std : array_like, shape (n_mels,)
            What was subtracted from the logarithms, and divided by.

        Returns
        -------
        MelFormat
        """
        return replace(self, scale=self._own_scale().with_statistics(mean, std))

    def with_peak(self, peak: float) -> MelFormat:
        """The format of an utterance whose largest value, which was subtracted, is known.

        Parameters
        ----------
        peak : float
            That value.

        Returns
        -------
        MelFormat
        """
        return replace(self, scale=self._own_scale().with_peak(peak))

    def _own_scale(self) -> LogScale:
        if self.scale is None:
            raise ValueError(
                "scale must be a LogScale for something to be given back to it; got None"
            )
        return self.scale

    def misfit(self, A: ArrayLike) -> str | None:
        """Why an array cannot be in this format.

        Parameters
        ----------
        A : array_like, shape (..., n_mels, n_frames), or (..., n_frames, n_mels) if `frames_first`

        Returns
        -------
        str or None
            The end of a sentence; None when it can be.
        """
        A = _checks.array("A", half_to_single(A), ndim=2)
        shape, axis = A.shape, -1 if self.frames_first else -2
        n_mels = self.bank.n_mels
        if shape[axis] != n_mels:
            layout = "(n_frames, n_mels)" if self.frames_first else "(n_mels, n_frames)"
            return f"it must have shape {layout} with {n_mels} bands; got {shape}"
        low, high = reach(A)
        beyond = slack(low, high)
        if low < self.lowest - beyond:
            return f"it must not go below {self.lowest:.4g}; its values go down to {low:.4g}"
        if high > self.highest + beyond:
            return (
                f"no sound within -1 and 1 makes it go beyond {self.highest:.4g}; its values go up "
                f"to {high:.4g}"
            )
        widest = np.inf if self.scale is None else self.scale._widest
        if high - low > widest + beyond:
            return f"its values must lie within {widest:.4g}; they lie {high - low:.4g} apart"
        return None

    def _checked(self, A: ArrayLike) -> Floats:
        """The array with bands before frames, in float32 or float64."""
        A = _checks.array("A", half_to_single(A), ndim=2)
        wrong = self.misfit(A)
        if wrong:
            # Which is made of this module's formats.
            from specdemo.formats.registry import what_fits

            raise ValueError(
                f"A cannot be an array of {self.name or 'this format'}: {wrong}; {what_fits(A)}"
            )
        A, n_strays = without_strays(A, self.lowest, self.highest)
        if n_strays:
            warnings.warn(
                f"{n_strays} of the {A.size} values of A lie beyond {self.lowest:.4g} and "
                f"{self.highest:.4g}, where no sound leads; they are moved into the reach of the others",
                stacklevel=3,
            )
        return A.swapaxes(-1, -2) if self.frames_first else A

    def _scaled(self, M: Floats, scale: LogScale) -> Floats:
        if self.blank_last is not None:
            A = scale.forward(M[..., :-1])
            blank = np.full_like(A[..., :1], self.blank_last)
            return np.concatenate([A, blank], axis=-1)
        return scale.forward(M[..., :-1] if self.drop_last else M)

    def _lengths(self, length: int | None, n_frames: int) -> tuple[int, int]:
        """Samples to return, and those of them that frames see.

        Less than a hop at the end of a sound may belong to no frame; it comes back as silence.
        """
        if length is None:
            length = self._length(n_frames)
        length = _checks.integer("length", length)
        reach = self.bank.stft._reach(n_frames)
        if self.fill == "front":
            return _checks.integer("length", length, maximum=reach), reach
        beyond = length - reach
        return length, reach if 0 < beyond < self.bank.stft.hop_length else length

    def _length(self, n_frames: int) -> int:
        """Samples of a sound that has `n_frames` frames, a hop for each where the grid allows it."""
        stft = self.bank.stft
        if self.fill in ("zeros", "front") or self.drop_last or self.blank_last is not None:
            return min(n_frames * stft.hop_length, stft._longest(n_frames))
        return stft._shortest(n_frames)

    def _filling(self, n_samples: int) -> int:
        """Zeros that stand around `n_samples` samples beside the padding of the grid."""
        stft = self.bank.stft
        if self.fill == "front":
            n_hops = max(1, -(-n_samples // stft.hop_length))
            n_frames = 1 << (n_hops - 1).bit_length()
            return stft.n_fft + (n_frames - 1) * stft.hop_length - n_samples
        missing = stft.n_fft - n_samples - stft._padding.before - stft._padding.behind
        if self.fill != "zeros":
            return 0
        return missing if missing > 0 else missing % stft.hop_length

    def _transform(self, x: Floats) -> Complexes:
        """The transform of a sound, with what stands behind it."""
        stft, n = self.bank.stft, x.shape[-1]
        if self.fill == "silence":
            return stft.forward(followed_by_zeros(x, stft.n_fft))[..., : stft.n_frames(n)]
        if self.fill == "zeros":
            x = followed_by_zeros(stft._padding.around(x), self._filling(n))
            return replace(stft, pad=0).forward(x)
        if self.fill == "front":
            return stft.forward(np.pad(x, [(0, 0)] * (x.ndim - 1) + [(self._filling(n), 0)]))
        return stft.forward(x)

    def _transform_of_means(self, x: Floats) -> Complexes:
        """The transform of the mean of every frame, constant under the window.

        Pre-emphasis, which every frame of Kaldi's begins anew, leaves `1 - preemphasis` of a
        constant, save in the first sample, which the window weighs with zero.
        """
        stft = self.bank.stft
        width = stft.win_length or stft.n_fft
        first = (stft.n_fft - width) // 2
        frames = frames_first(stft._padding.around(x), stft.n_fft, stft.hop_length)
        means = frames[..., first : first + width].mean(axis=-1) * (1 - self.preemphasis)
        window = np.fft.rfft(stft.window_array)[:, np.newaxis]
        return (window * means[..., np.newaxis, :]).astype(np.result_type(x.dtype, np.complex64))

    def _warn_if_too_loud(self, x: Floats) -> None:
        peak = float(np.abs(x).max())
        if peak > TOO_LOUD:
            warnings.warn(
                f"the sound reaches {peak:.3g}, where sounds stay within -1 and 1: is A still "
                "normalised (by a mean and a deviation of the model's own), its logarithm of another "
                "base, or a power where the format has magnitudes?",
                stacklevel=3,
            )
