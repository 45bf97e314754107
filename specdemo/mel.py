"""Mel scales and the mel filter bank, with four ways back from bands to bins.

Chapter 3 goes down this step, chapter 4 comes back up.
"""

from __future__ import annotations

import warnings
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

import numpy as np

from specdemo import _checks
from specdemo.stft import STFT

SCALES = ("slaney", "htk")
NORMS = ("slaney", None)
SHAPES = ("hz", "mel")
METHODS = ("em", "nnls", "pinv", "transpose")

# Slaney's scale: linear below 1 kHz, 15 mel; above it 27 mel for every factor of 6.4.
BREAK_HZ, BREAK_MEL = 1000.0, 15.0
LINEAR_HZ_PER_MEL = BREAK_HZ / BREAK_MEL
LOG_STEP = np.log(6.4) / 27

# Exponents beyond this, or below its inverse, leave no digits; a matrix of more weights no memory.
MOST_POWER, MOST_WEIGHTS = 10, 2**26

# The smallest part of the largest value that a ratio in the EM iteration may be divided by.
EM_FLOOR = 1e-10

# Corrections of the magnitudes in every iteration of `invert_mel`, and the level, relative to the
# loudest band, below which a band is not divided by.
CORRECTIONS = 2
CORRECTION_FLOOR = 1e-7


def hz_to_mel(f, scale="slaney"):
    """Convert frequencies in Hz to mel.

    Parameters
    ----------
    f : float or array_like
        Frequencies in Hz, not negative.
    scale : {"slaney", "htk"}
        "htk": `2595 log10(1 + f / 700)` (O'Shaughnessy 1987). "slaney": linear below 1 kHz and
        logarithmic above (Slaney 1998), librosa's default.

    Returns
    -------
    float64 scalar or ndarray

    Examples
    --------
    >>> float(hz_to_mel(1000.0))
    15.0
    >>> round(float(hz_to_mel(1000.0, scale="htk")))
    1000
    """
    f = _scalar_or_array("f", f)
    if _checks.choice("scale", scale, SCALES) == "htk":
        return 2595.0 * np.log10(1.0 + f / 700.0)
    above = BREAK_MEL + np.log(np.maximum(f, BREAK_HZ) / BREAK_HZ) / LOG_STEP
    return np.where(f < BREAK_HZ, f / LINEAR_HZ_PER_MEL, above)[()]


def mel_to_hz(m, scale="slaney"):
    """Convert mel to frequencies in Hz: the inverse of `hz_to_mel`.

    Parameters
    ----------
    m : float or array_like
        Mel values, not negative.
    scale : {"slaney", "htk"}

    Returns
    -------
    float64 scalar or ndarray
    """
    m = _scalar_or_array("m", m)
    _checks.choice("scale", scale, SCALES)
    with np.errstate(over="ignore"):
        if scale == "htk":
            f = 700.0 * (10.0 ** (m / 2595.0) - 1.0)
        else:
            above = BREAK_HZ * np.exp(LOG_STEP * (np.maximum(m, BREAK_MEL) - BREAK_MEL))
            f = np.where(m < BREAK_MEL, m * LINEAR_HZ_PER_MEL, above)[()]
    if not np.all(np.isfinite(f)):
        raise ValueError(f"m must be the mel of a finite frequency; got {np.max(m):g}")
    return f


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
    fmin: float = 0.0
    fmax: float | None = None
    scale: str = "slaney"
    norm: str | None = "slaney"
    power: float = 1.0
    _: KW_ONLY
    shape: str = "hz"

    def __post_init__(self):
        _checks.settle(self)
        _checks.choice("shape", self.shape, SHAPES)
        _checks.instance("stft", self.stft, STFT)
        _checks.integer("n_mels", self.n_mels)
        nyquist = self.stft.sr / 2
        _checks.number("fmin", self.fmin, minimum=0)
        if self.fmax is None:
            object.__setattr__(self, "fmax", nyquist)
        _checks.number("fmax", self.fmax, maximum=nyquist)
        if self.fmin >= self.fmax:
            raise ValueError(f"fmin must be below fmax; got {self.fmin} and {self.fmax} Hz")
        _checks.choice("scale", self.scale, SCALES)
        if self.norm is not None:
            _checks.choice("norm", self.norm, ("slaney",))
        _checks.number("power", self.power, minimum=1 / MOST_POWER, maximum=MOST_POWER)
        if self.n_mels * self.stft.n_bins > MOST_WEIGHTS:
            raise ValueError(f"n_mels = {self.n_mels} bands of {self.stft.n_bins} bins make a "
                             f"matrix of more than {MOST_WEIGHTS} weights")
        if np.diff(self.edges).min() <= 0:
            raise ValueError(f"fmax must be further above fmin for {self.n_mels} bands; "
                             f"got {self.fmin} and {self.fmax} Hz")
        self._warn_of_empty_filters()

    @cached_property
    def edges(self):
        """Corners of the triangles in Hz, shape (n_mels + 2,): band i spans edges i to i + 2."""
        low, high = hz_to_mel([self.fmin, self.fmax], self.scale)
        edges = mel_to_hz(np.linspace(low, high, self.n_mels + 2), self.scale)
        # To mel and back there is a rounding error, which would let a bin on the rim into the bank.
        edges[[0, -1]] = self.fmin, self.fmax
        return edges

    @property
    def center_frequencies(self):
        """Frequencies of the tips of the triangles in Hz, shape (n_mels,)."""
        return self.edges[1:-1]

    @cached_property
    def matrix(self):
        """Weights of the bins in every band: read-only float64 of shape (n_mels, n_bins)."""
        f, edges = self.stft.frequencies, self.edges
        if self.shape == "mel":
            f, edges = hz_to_mel(f, self.scale), hz_to_mel(edges, self.scale)
        low, tip, high = (edges[i : i + self.n_mels, np.newaxis] for i in range(3))
        rising, falling = (f - low) / (tip - low), (high - f) / (high - tip)
        matrix = np.maximum(0, np.minimum(rising, falling))
        if self.norm == "slaney":
            matrix *= 2 / (self.edges[2:] - self.edges[:-2])[:, np.newaxis]
        matrix.setflags(write=False)
        return matrix

    @cached_property
    def empty(self):
        """Indices of the bands that contain no bin."""
        return np.flatnonzero(self.matrix.max(axis=1) == 0)

    @cached_property
    def covered(self):
        """Whether any band sees the bin, bool of shape (n_bins,)."""
        return self.matrix.max(axis=0) > 0

    @cached_property
    def nearest_seen(self):
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

    def forward(self, S):
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
            M = _product(self._bands, _raise(S, self.power))
        if not np.isfinite(M).all():
            raise ValueError(f"S is too large for power = {self.power:g} in {S.dtype}: its largest "
                             f"value is {S.max():.4g}")
        return M

    def inverse(self, M, method="em", n_iter=None):
        """Guess the spectrogram from its bands: there are more bins than bands, so many fit.

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
            S = self._em(M, 50 if n_iter is None else n_iter)
        elif method == "nnls":
            S = self._nnls(M, n_iter)
        elif method == "pinv":
            S = np.maximum(_product(np.linalg.pinv(self.matrix), M), 0)
        else:
            S = _product(self._back, M)
            flat = _product(self._back, self.matrix.sum(axis=1, keepdims=True))
            S /= np.where(flat > 0, flat, 1)
        S *= self.covered[:, np.newaxis]
        with np.errstate(over="ignore"):
            S = _raise(S, 1 / self.power) * _raise(loudest, 1 / self.power)
        return _checks.in_range("M", wanted, S)

    def envelope(self, M):
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
            level = M[..., filled, :] / weights[filled, np.newaxis].astype(M.dtype)
            loudest = level.max(axis=(-2, -1), keepdims=True)
            floor = np.maximum(M.dtype.type(EM_FLOOR) * loudest, np.finfo(M.dtype).tiny)
            log_level = np.log(np.maximum(level, floor))
            S = np.exp(_product(self._interpolation(filled), log_level))
        return _checks.in_range("M", M, S)

    @cached_property
    def _bands(self):
        """The matrix, sparse: 2 of its weights in a column are not zero."""
        from scipy.sparse import csr_array

        return csr_array(self.matrix)

    @cached_property
    def _back(self):
        """The back-projection, sparse: the transposed matrix, every row divided by its sum."""
        from scipy.sparse import csr_array

        sums = self.matrix.sum(axis=0)
        scale = np.divide(1, sums, out=np.zeros_like(sums), where=self.covered)
        return csr_array(self.matrix.T * scale[:, np.newaxis])

    def _em(self, M, n_iter):
        S = self.envelope(M) * self.covered[:, np.newaxis]
        tiny = M.dtype.type(EM_FLOOR)
        for _ in range(n_iter):
            S *= _product(self._back, M / np.maximum(_product(self._bands, S), tiny))
        return S

    def _nnls(self, M, n_iter):
        from scipy.optimize import nnls

        frames = M.astype(np.float64).swapaxes(-1, -2).reshape(-1, self.n_mels)
        try:
            solved = np.array([nnls(self.matrix, frame, maxiter=n_iter)[0] for frame in frames])
        except RuntimeError as error:
            raise ValueError(f"n_iter = {n_iter} is too small for 'nnls' to finish a frame: "
                             "take more, or leave it out") from error
        shape = (*M.shape[:-2], M.shape[-1], self.stft.n_bins)
        return solved.reshape(shape).swapaxes(-1, -2).astype(M.dtype)

    def _interpolation(self, filled):
        """Sparse matrix that interpolates linearly from the tips of filled bands to the bins."""
        from scipy.sparse import csr_array

        tips = self.center_frequencies[filled]
        units = np.eye(len(tips))
        columns = [np.interp(self.stft.frequencies, tips, unit) for unit in units]
        return csr_array(np.array(columns).T)

    def _corrector(self, dtype):
        """The steps of the EM iteration on frames a row; see `MelCorrector`."""
        back = self._back[self.nearest_seen].astype(dtype)
        return MelCorrector(self._bands.astype(dtype), back, self.power)

    def _warn_of_empty_filters(self):
        if self.empty.size == 0:
            return
        names = ", ".join(str(i) for i in self.empty[:8]) + (" ..." if self.empty.size > 8 else "")
        warnings.warn(
            f"{self.empty.size} of {self.n_mels} mel bands contain no bin and stay zero: {names}; "
            "take fewer bands or a larger n_fft",
            stacklevel=4,
        )


@dataclass(frozen=True)
class MelCorrector:
    """What `specdemo.invert_mel` needs of a bank in every iteration: spectra are rows here.

    Parameters
    ----------
    forward, back : sparse array
        The bank's matrix, and its back-projection with rows that add up to 1.
    power : float
        The bank's exponent.
    """

    forward: object
    back: object
    power: float

    def bands(self, C):
        """Bands of complex coefficients, shape (n_frames, n_mels)."""
        return (self.forward @ _raise(np.abs(C), self.power).T).T

    def magnitudes(self, S, M):
        """Correct magnitudes, shape (n_frames, n_bins), towards bands, shape (n_frames, n_mels)."""
        S = np.ascontiguousarray(_raise(S, self.power).T)
        for _ in range(CORRECTIONS):
            S *= self.back @ (M.T / np.maximum(self.forward @ S, CORRECTION_FLOOR))
        return _raise(S.T, 1 / self.power)


def _raise(S, power):
    """`S**power`, without work where there is none to do."""
    if power == 1:
        return S
    return np.square(S) if power == 2 else np.sqrt(S) if power == 0.5 else S**S.dtype.type(power)


def _product(matrix, values):
    """`matrix @ values` over the last two axes, in the dtype of `values`."""
    matrix = matrix.astype(values.dtype)
    if values.ndim == 2:
        return matrix @ values
    flat = values.reshape(-1, *values.shape[-2:])
    product = np.array([matrix @ one for one in flat])
    return product.reshape(*values.shape[:-2], *product.shape[-2:])


def _scalar_or_array(name, value):
    value = _checks.ndarray(name, value)
    if value.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be real numbers; got {value.dtype}")
    return _checks.array(name, value.astype(np.float64), ndim=0, minimum=0)[()]
