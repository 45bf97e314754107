"""Back to sound: from magnitudes, a start for the phase and a refinement; from mel, both at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from specdemo import _checks
from specdemo._frames import blocks
from specdemo._types import Array, Floats, OnIteration, Seed
from specdemo.mel import MelBank
from specdemo.phase import REFINEMENTS, STARTS
from specdemo.phase.arguments import COMFORTABLE, refinement_arguments
from specdemo.phase.loop import refine as refine_frames
from specdemo.phase.refinements import fast_mel_griffin_lim, polar
from specdemo.stft import STFT


def invert_spectrogram(
    S: ArrayLike,
    stft: STFT,
    *,
    start: str | ArrayLike = "pghi",
    refine: str | None = "raar",
    n_iter: int = 32,
    momentum: float = 0.99,
    length: int | None = None,
    rng: Seed = None,
    on_iteration: OnIteration = None,
) -> Floats:
    """Find a signal whose magnitude spectrogram is `S`.

    Parameters
    ----------
    S : ndarray, shape (..., n_bins, n_frames)
        Magnitudes, float32 or float64, not negative.
    stft : STFT
        The grid that `S` was made on.
    start : {"zero", "random", "cross_correlation", "spsi", "pghi", "rtisi_la"} or ndarray
        First guess of the phase, or phases in radians, in the shape of `S`.
    refine : {"griffin_lim", "fast_griffin_lim", "raar", "admm", None}
        How to improve on it. "raar" and "admm" leave the places where projections get stuck, which
        matters for music; they end with "fast_griffin_lim".
    n_iter : int
        Iterations; 0 leaves the start as it is.
    momentum : float
        Momentum of "fast_griffin_lim", in [0, 1); 0 makes it "griffin_lim".
    length : int, optional
        Samples to return: those of the sound, if you know it. By default as many as the shortest
        signal that has n_frames frames.
    rng : int or numpy.random.Generator, optional
        Seed or source of the random phases. Default: different ones at every call.
    on_iteration : callable, optional
        `on_iteration(i, convergence_db)` is called after each iteration, i counting from 1, with
        the spectral convergence reached; once a channel when there are several.

    Returns
    -------
    ndarray, shape (..., length)
        Signal in the dtype of `S`.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind, shape or range, or the grid cannot be inverted.

    Warns
    -----
    UserWarning
        When the hop is so long that between two frames samples lie under almost no window.

    Notes
    -----
    Padding that copies the sound, such as a mirror, tells something of its beginning, and with
    `length` of its end. A `length` that makes fewer frames than there are is only a cut.

    Samples that hardly any window sees, such as the first when `center` is False and the window is
    Hann's, cannot be told from a guess: they are left softer than they may have been.

    References
    ----------
    Griffin & Lim 1984; Perraudin et al. 2013; Prusa et al. 2017.

    Examples
    --------
    >>> stft = STFT(sr=8000, n_fft=256, hop_length=64)
    >>> x = np.sin(2 * np.pi * 440 / 8000 * np.arange(2000))
    >>> x_hat = invert_spectrogram(stft.magnitude(x), stft, n_iter=10, length=2000, rng=0)
    >>> x_hat.shape
    (2000,)
    """
    S = _checks.array("S", S, ndim=2, minimum=0)
    _checks.instance("stft", stft, STFT)
    _checks.axis_length("S", S, -2, stft.n_bins, "bins")
    stft._check_invertible()
    length, support = known_lengths(length, stft, S.shape[-1])
    n_iter, momentum = refinement_arguments(n_iter, momentum)
    _check_callable(on_iteration)
    find_phase = _find_start(start, S, _mirror(stft, S.shape[-1], support))
    if refine is not None:
        _checks.choice("refine", refine, REFINEMENTS, "None")
    iterations = [] if refine is None else REFINEMENTS[refine](n_iter, momentum=momentum)
    rng = _checks.generator("rng", rng)

    def invert(wanted: Floats, channel: tuple[int, ...]) -> Floats:
        frames = np.ascontiguousarray(wanted.T)
        # The phases are not kept in a variable, so that they can be let go when they are used.
        start = _start(frames, find_phase(wanted, stft, rng, channel))
        return refine_frames(start, frames, stft, iterations, support, on_iteration=on_iteration)[
            :length
        ]

    return _each_channel("S", S, length, invert, in_range=COMFORTABLE)


def invert_mel(
    M: ArrayLike,
    bank: MelBank,
    *,
    n_iter: int = 100,
    length: int | None = None,
    rng: Seed = None,
    on_iteration: OnIteration = None,
) -> Floats:
    """Find a signal whose mel spectrogram is `M`, its magnitudes and its phase together.

    Parameters
    ----------
    M : ndarray, shape (..., n_mels, n_frames)
        Mel spectrogram, float32 or float64, not negative.
    bank : MelBank
        The bank that `M` was made with.
    n_iter : int
        Iterations; 0 leaves the start as it is: `bank.inverse`, with the phase of PGHI, and at
        0 Hz and at the Nyquist frequency the magnitude of the bin beside it.
    length : int, optional
        Samples to return: those of the sound, if you know it. By default as many as the shortest
        signal that has n_frames frames.
    rng : int or numpy.random.Generator, optional
        Seed or source of the phases of quiet bins. Default: different ones at every call.
    on_iteration : callable, optional
        `on_iteration(i, convergence_db)` is called after each iteration, i counting from 1, with
        the spectral convergence of the mel spectrogram reached; once a channel when there are
        several.

    Returns
    -------
    ndarray, shape (..., length)
        Signal in the dtype of `M`.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind, shape or range, or the grid cannot be inverted.

    Warns
    -----
    UserWarning
        When the hop is so long that between two frames samples lie under almost no window.

    Notes
    -----
    Many magnitudes have the same bands, and few of them belong to any sound. So the iteration of
    fast Griffin-Lim does not impose the magnitudes of the start, of which most are wrong. It keeps
    those that the waveform has, and corrects them by what the bands demand: one step of the
    expectation maximisation of `MelBank.inverse` instead of a replacement. The bins at 0 Hz and at
    the Nyquist frequency, which no band sees, follow their neighbours: see `MelBank.nearest_seen`.
    At ends that hardly any window sees, the signal is kept small, as in `invert_spectrogram`.

    References
    ----------
    Perraudin et al. 2013; Richardson 1972; Lucy 1974.

    Examples
    --------
    >>> stft = STFT(sr=8000, n_fft=256, hop_length=64)
    >>> bank = MelBank(stft, n_mels=20)
    >>> x = np.sin(2 * np.pi * 440 / 8000 * np.arange(2000))
    >>> invert_mel(bank.forward(stft.magnitude(x)), bank, n_iter=5, length=2000, rng=0).shape
    (2000,)
    """
    M = _checks.array("M", M, ndim=2, minimum=0)
    _checks.instance("bank", bank, MelBank)
    _checks.axis_length("M", M, -2, bank.n_mels, "bands")
    bank.stft._check_invertible()
    lengths = known_lengths(length, bank.stft, M.shape[-1])
    return invert_bands(M, bank, lengths, n_iter=n_iter, rng=rng, on_iteration=on_iteration)


def invert_bands(
    M: Floats,
    bank: MelBank,
    lengths: tuple[int, int | None],
    *,
    n_iter: int,
    rng: Seed,
    on_iteration: OnIteration,
) -> Floats:
    """`invert_mel` of bands that have been checked, with what `known_lengths` returns."""
    stft, (length, support) = bank.stft, lengths
    n_iter = _checks.iterations("n_iter", n_iter)
    _check_callable(on_iteration)
    rng = _checks.generator("rng", rng)
    correct = bank._corrector(M.dtype)
    find_phase = _find_start("pghi", M, _mirror(stft, M.shape[-1], support))

    def invert(wanted: Floats, channel: tuple[int, ...]) -> Floats:
        S = bank.inverse(wanted)
        phase = find_phase(S, stft, rng, channel)
        S = S[bank.nearest_seen]
        iterations = fast_mel_griffin_lim(n_iter, 0.99, correct.magnitudes)
        start = _start(np.ascontiguousarray(S.T), phase)
        bands = np.ascontiguousarray(wanted.T)
        return refine_frames(start, bands, stft, iterations, support, correct.bands, on_iteration)[
            :length
        ]

    return _each_channel("M", M, length, invert, bank.power)


def known_lengths(
    length: int | None, stft: STFT, n_frames: int, is_sounds: bool | None = None
) -> tuple[int, int | None]:
    """Samples to return, and samples of the sound before it is cut, None where they are unknown.

    A length is that of the sound, unless a sound so short has fewer frames: then it is only a cut.
    Who fills frames up in another way tells whether it `is_sounds`. Without padding that copies
    samples, the sound may as well be as long as its frames allow.
    """
    checked = stft._check_length(length, n_frames)
    if is_sounds is None:
        is_sounds = length is not None and checked >= stft._shortest(n_frames)
    if is_sounds:
        return checked, checked
    return checked, stft._longest(n_frames) if stft.pad_mode == "constant" else None


def _mirror(stft: STFT, n_frames: int, length: int | None) -> tuple[int, NDArray[np.intp]] | None:
    """The frames that a sound with mirrored ends would have if it went on, as indices of others.

    Behind a mirror it runs backwards, and has the magnitudes that it has before it. A start that
    sees them does not take the end of the spectrogram for the end of the sound: worth 5 dB at the
    end of the iterations. None where nothing is mirrored.
    """
    if not stft._padding.mirrors:
        return None
    if length is None:  # No more than half a hop off, which a frame does not tell.
        length = (stft._shortest(n_frames) + stft._longest(n_frames)) // 2
    more = -(-stft.n_fft // stft.hop_length)
    first = stft.n_fft / 2 - stft._padding.before
    centres = np.arange(-more, n_frames + more) * stft.hop_length + first
    inside = (length - 1) - np.abs((length - 1) - np.abs(centres))
    return more, np.clip(np.rint((inside - first) / stft.hop_length), 0, n_frames - 1).astype(int)


def _each_channel(
    name: str,
    values: Array,
    length: int,
    invert: Callable[[Array, tuple[int, ...]], Array],
    power: float = 1.0,
    in_range: tuple[float, float] = (1, 1),
) -> Floats:
    """Apply `invert(values of a channel, its index)` to values whose maximum is in range.

    If it is not, they are scaled to a maximum of 1, so that their squares stay in range. Silence
    stays silence. The values are amplitudes to the given power.
    """
    signals = []
    for channel in np.ndindex(values.shape[:-2]):
        loudest = values[channel].max()
        # A frame a row in memory, as the loop wants it, whatever the order of the input.
        if loudest == 0:
            signals.append(np.zeros(length, values.dtype))
        elif in_range[0] <= loudest <= in_range[1]:
            signals.append(invert(np.ascontiguousarray(values[channel].T).T, channel))
        else:
            scaled = np.divide(values[channel].T, loudest, order="C").T
            with np.errstate(over="ignore"):
                signals.append(invert(scaled, channel) * loudest ** (1 / power))
    x = np.stack(signals).reshape(*values.shape[:-2], length)
    return _checks.in_range(name, values, x)


def _start(frames: Floats, phase: Floats) -> Iterator[Array]:
    """Yield magnitudes, a frame a row, with their phases, block by block.

    The phases are cut up first, so that each block of them is let go when its coefficients are made.
    """
    parts = blocks(len(frames))
    phases = [phase.T[part].copy() for part in parts]
    del phase
    for part in parts:
        yield polar(frames[part], phases.pop(0))


def _find_start(
    start: str | ArrayLike, S: Floats, mirror: tuple[int, NDArray[np.intp]] | None
) -> Callable[..., Array]:
    if isinstance(start, str):
        function = STARTS[_checks.choice("start", start, STARTS, "an array of phases")]
        if mirror is None:
            return lambda wanted, stft, rng, channel: function(wanted, stft, rng=rng)
        more, frames = mirror
        return lambda wanted, stft, rng, channel: function(wanted[:, frames], stft, rng=rng)[
            :, more:-more
        ]
    phase = _checks.array("start", start)
    _checks.same_shape("start", phase, "S", S)
    return lambda wanted, stft, rng, channel: _of_one_turn(phase[channel], wanted.dtype)


def _of_one_turn(phase: Floats, dtype: np.dtype) -> Floats:
    """Phases without whole turns, which would take digits of single precision."""
    return np.fmod(phase, 2 * np.pi, dtype=np.float64).astype(dtype)


def _check_callable(on_iteration: object) -> None:
    if on_iteration is not None and not callable(on_iteration):
        raise TypeError(f"on_iteration must be callable; got {on_iteration!r}")
