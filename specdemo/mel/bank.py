"""The mel filter bank: bins summed into bands.

Chapter 3 goes down this step.
"""

from __future__ import annotations

import warnings
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from specdemo import _checks
from specdemo._types import Floats
from specdemo.mel.inverse import (
    EM_FLOOR,
    METHODS,
    MelCorrector,
    em,
    nnls,
    pinv,
    product,
    raised,
    transpose,
)
from specdemo.mel.scale import SCALES, hz_to_mel, mel_to_hz
from specdemo.stft import STFT

SHAPES = ("hz", "mel")

# The largest exponent; the smallest is one over it. Beyond them float32 overflows or underflows.
MOST_POWER = 10

# Weights (bands times bins) of the largest matrix, which fills 512 MiB.
MOST_WEIGHTS = 2**26


@dataclass(frozen=True)
class _Weights:
    """The weights of a bank as bytes of float64, so that banks compare and hash by them."""

    values: bytes

    def __repr__(self) -> str:
        return f"<{len(self.values) // 8} weights>"


@dataclass(frozen=True)
class MelBank:
    """A bank of triangular filters, evenly spaced in mel, on the bins of an `STFT`.

    Parameters
    ----------
    stft : STFT
        The grid whose magnitudes the bank takes.
    n_mels : int
        Number of bands.
    fmin, fmax : float
        Lower edge of the first and upper edge of the last band in Hz; `fmax=None` is `sr / 2`.
    scale : {"slaney", "htk"}
        Mel scale, see `hz_to_mel`.
    norm : {"slaney", None}
        "slaney": every triangle has the area 1 over frequency in Hz. None: every triangle has the
        height 1.
    power : float
        Exponent of the magnitudes before they are summed: 1 for magnitudes, 2 for powers, which is
        what `librosa.feature.melspectrogram` sums.
    shape : {"hz", "mel"}
        On which axis the sides of the triangles are straight: "hz" as in librosa, "mel" as in HTK,
        Kaldi and TensorFlow.
    weights : array_like, shape (n_mels, n_bins), optional
        A bank of other shapes, not negative: it takes the place of the triangles, and `norm` and
        `shape` say nothing then.

    Raises
    ------
    TypeError, ValueError
        When a setting is of the wrong kind, or the edges are out of order or of range.

    Warns
    -----
    UserWarning
        When bands are so narrow that no bin lies inside them: they stay zero for every sound.

    References
    ----------
    Davis & Mermelstein 1980; Slaney 1998.

    Examples
    --------
    >>> bank = MelBank(STFT(sr=22050), n_mels=40)
    >>> bank.matrix.shape
    (40, 513)
    """

    stft: STFT
    n_mels: int = 80
    _: KW_ONLY
    fmin: float = 0.0
    fmax: float | None = None
    scale: str = "slaney"
    norm: str | None = "slaney"
    power: float = 1.0
    shape: str = "hz"
    weights: ArrayLike | None = None

    def __post_init__(self) -> None:
        _checks.settle(self)
        _checks.choice("shape", self.shape, SHAPES)
        _checks.instance("stft", self.stft, STFT)
        _checks.integer("n_mels", self.n_mels)
        nyquist = self.stft.sr / 2
        _checks.number("fmin", self.fmin, minimum=0)
        if self.fmax is None:
            object.__setattr__(self, "fmax", nyquist)
        fmax = _checks.number("fmax", self.fmax, maximum=nyquist)
        if self.fmin >= fmax:
            raise ValueError(f"fmin must be below fmax; got {self.fmin} and {self.fmax} Hz")
        _checks.choice("scale", self.scale, SCALES)
        if self.norm is not None:
            _checks.choice("norm", self.norm, ("slaney",), "None")
        _checks.number("power", self.power, minimum=1 / MOST_POWER, maximum=MOST_POWER)
        if self.n_mels * self.stft.n_bins > MOST_WEIGHTS:
            raise ValueError(
                f"n_mels = {self.n_mels} bands of {self.stft.n_bins} bins make a "
                f"matrix of more than {MOST_WEIGHTS} weights"
            )
        if np.diff(self.edges).min() <= 0:
            raise ValueError(
                f"fmax must be further above fmin for {self.n_mels} bands; "
                f"got {self.fmin} and {self.fmax} Hz"
            )
        if self.weights is not None and not isinstance(self.weights, _Weights):
            self._keep_weights()
        self._warn_of_empty_filters()

    def _keep_weights(self) -> None:
        weights = _checks.array("weights", self.weights, ndim=2, minimum=0).astype(np.float64)
        if weights.shape != (self.n_mels, self.stft.n_bins):
            raise ValueError(
                f"weights must have shape {(self.n_mels, self.stft.n_bins)}, (n_mels, n_bins); "
                f"got {weights.shape}"
            )
        object.__setattr__(self, "weights", _Weights(weights.tobytes()))

    @cached_property
    def edges(self) -> NDArray[np.float64]:
        """Corners of the triangles in Hz, shape (n_mels + 2,), where band i spans edges i to i + 2."""
        low, high = hz_to_mel(np.array([self.fmin, self.fmax]), scale=self.scale)
        edges = mel_to_hz(np.linspace(low, high, self.n_mels + 2), scale=self.scale)
        # To mel and back there is a rounding error, which would let a bin on the rim into the bank.
        edges[[0, -1]] = self.fmin, self.fmax
        return edges

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Frequencies of the tips of the triangles in Hz, shape (n_mels,).

        Of other shapes, the centres of gravity; where they are empty, those of the triangles.
        """
        if self.weights is None:
            return self.edges[1:-1]
        sums = self.matrix.sum(axis=1)
        centres = self.matrix @ self.stft.frequencies / np.where(sums > 0, sums, 1)
        return np.where(sums > 0, centres, self.edges[1:-1])

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """Weights of the bins in every band, read-only float64 of shape (n_mels, n_bins)."""
        if isinstance(self.weights, _Weights):
            # Bytes cannot be written to.
            return np.frombuffer(self.weights.values).reshape(self.n_mels, self.stft.n_bins)
        f, edges = self.stft.frequencies, self.edges
        if self.shape == "mel":
            f, edges = hz_to_mel(f, scale=self.scale), hz_to_mel(edges, scale=self.scale)
        low, tip, high = (edges[i : i + self.n_mels, np.newaxis] for i in range(3))
        rising, falling = (f - low) / (tip - low), (high - f) / (high - tip)
        matrix = np.maximum(0, np.minimum(rising, falling))
        if self.norm == "slaney":
            matrix *= 2 / (self.edges[2:] - self.edges[:-2])[:, np.newaxis]
        matrix.setflags(write=False)
        return matrix

    @cached_property
    def empty(self) -> NDArray[np.intp]:
        """Indices of the bands that contain no bin."""
        return np.flatnonzero(self.matrix.max(axis=1) == 0)

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """Whether any band sees the bin, bool of shape (n_bins,)."""
        return self.matrix.max(axis=0) > 0

    @cached_property
    def nearest_seen(self) -> NDArray[np.intp]:
        """For every bin the one that it follows when magnitudes are corrected, shape (n_bins,).

        That is the bin itself, save at 0 Hz and at the Nyquist frequency. There the outermost
        triangles are zero, so that no band sees these two bins; but no sound with energy in the bin
        beside them leaves them empty, since the main lobe of a window is wider than a bin.
        """
        nearest = np.arange(self.stft.n_bins)
        for bin_, neighbour in ((0, 1), (-1, -2)):
            if self.covered[neighbour] and not self.covered[bin_]:
                nearest[bin_] = nearest[neighbour]
        return nearest

    def forward(self, S: ArrayLike) -> Floats:
        """Sum the bins of a spectrogram into bands.

        Parameters
        ----------
        S : ndarray, shape (..., n_bins, n_frames)
            Magnitudes, float32 or float64, not negative.

        Returns
        -------
        ndarray, shape (..., n_mels, n_frames)
            `matrix @ S**power`, in the dtype of `S`.
        """
        S = _checks.array("S", S, ndim=2, minimum=0)
        _checks.axis_length("S", S, -2, self.stft.n_bins, "bins")
        with np.errstate(over="ignore"):
            M = product(self._bands, raised(S, self.power))
        if not np.isfinite(M).all():
            raise ValueError(
                f"S is too large for power = {self.power:g} in {S.dtype}: its largest "
                f"value is {S.max():.4g}"
            )
        return M

    def inverse(self, M: ArrayLike, *, method: str = "em", n_iter: int | None = None) -> Floats:
        """Guess the spectrogram from its bands: more bins than bands: there are many answers.

        Parameters
        ----------
        M : ndarray, shape (..., n_mels, n_frames)
            Mel spectrogram, float32 or float64, not negative.
        method : {"em", "nnls", "pinv", "transpose"}
            "em": expectation maximisation from a smooth envelope (Richardson 1972, Lucy 1974), the
            best to listen to. "nnls": non-negative least squares, solved exactly (Lawson & Hanson
            1974). "pinv": pseudo-inverse, negative values set to zero. "transpose": every band
            spread over its bins; a flat spectrum stays flat.
        n_iter : int, optional
            Iterations of "em" (default 50), or the most that "nnls" may take for a frame.

        Returns
        -------
        ndarray, shape (..., n_bins, n_frames)
            Magnitudes in the dtype of `M`, not negative; zero where no band sees the bin.
        """
        M = _checks.array("M", M, ndim=2, minimum=0)
        _checks.axis_length("M", M, -2, self.n_mels, "bands")
        _checks.choice("method", method, METHODS)
        if n_iter is not None:
            if method not in ("em", "nnls"):
                raise ValueError(f"n_iter is for the methods 'em' and 'nnls'; method is {method!r}")
            n_iter = _checks.iterations("n_iter", n_iter, minimum=0 if method == "em" else 1)
        wanted = M
        # Scaled to 1, so that the squares of very small and very large values stay in range.
        loudest = M.max(axis=(-2, -1), keepdims=True)
        if not self.covered.any():
            return np.zeros((*M.shape[:-2], self.stft.n_bins, M.shape[-1]), M.dtype)
        M = M / np.where(loudest > 0, loudest, 1)
        if method == "em":
            S = self.envelope(M) * self.covered[:, np.newaxis]
            S = em(M, self._bands, self._back, S, 50 if n_iter is None else n_iter)
        elif method == "nnls":
            S = nnls(M, self.matrix, n_iter)
        elif method == "pinv":
            S = pinv(M, self.matrix)
        else:
            S = transpose(M, self.matrix, self._back)
        S *= self.covered[:, np.newaxis]
        with np.errstate(over="ignore"):
            S = raised(S, 1 / self.power) * raised(loudest, 1 / self.power)
        return _checks.in_range("M", wanted, S)

    def envelope(self, M: ArrayLike) -> Floats:
        """Draw a smooth spectrum through the bands: log-linear between the tips of the triangles.

        Parameters
        ----------
        M : ndarray, shape (..., n_mels, n_frames)

        Returns
        -------
        ndarray, shape (..., n_bins, n_frames)
        """
        M = _checks.array("M", M, ndim=2, minimum=0)
        _checks.axis_length("M", M, -2, self.n_mels, "bands")
        weights = self.matrix.sum(axis=1)
        filled = weights > 0
        with np.errstate(over="ignore"):
            means = M[..., filled, :] / weights[filled, np.newaxis].astype(M.dtype)
            loudest = means.max(axis=(-2, -1), keepdims=True)
            floor = np.maximum(M.dtype.type(EM_FLOOR) * loudest, np.finfo(M.dtype).tiny)
            log_means = np.log(np.maximum(means, floor))
            S = np.exp(product(self._interpolation(filled), log_means))
        return _checks.in_range("M", M, S)

    @cached_property
    def _bands(self) -> Any:
        """The matrix, sparse: 2 of its weights in a column are not zero."""
        from scipy.sparse import csr_array

        return csr_array(self.matrix)

    @cached_property
    def _back(self) -> Any:
        """The back-projection, sparse: the transposed matrix, every row divided by its sum."""
        from scipy.sparse import csr_array

        sums = self.matrix.sum(axis=0)
        scale = np.divide(1, sums, out=np.zeros_like(sums), where=self.covered)
        return csr_array(self.matrix.T * scale[:, np.newaxis])

    def _interpolation(self, filled: NDArray[np.bool_]) -> Any:
        """Sparse matrix that interpolates linearly from the tips of filled bands to the bins."""
        from scipy.sparse import csr_array

        tips = self.center_frequencies[filled]
        units = np.eye(len(tips))
        columns = [np.interp(self.stft.frequencies, tips, unit) for unit in units]
        return csr_array(np.array(columns).T)

    def _corrector(self, dtype: DTypeLike) -> MelCorrector:
        """The steps of the EM iteration on frames a row; see `MelCorrector`."""
        back = self._back[self.nearest_seen].astype(dtype)
        return MelCorrector(self._bands.astype(dtype), back, self.power)

    def _warn_of_empty_filters(self) -> None:
        if self.empty.size == 0:
            return
        names = ", ".join(str(i) for i in self.empty[:8]) + (" ..." if self.empty.size > 8 else "")
        warnings.warn(
            f"{self.empty.size} of {self.n_mels} mel bands contain no bin and stay zero: {names}; "
            "take fewer bands or a larger n_fft",
            stacklevel=4,
        )
