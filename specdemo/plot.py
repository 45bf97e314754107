"""Pictures of sound in one style, and players beside them.

Every spectrogram of the book is drawn by `spectrogram` or `mel_spectrogram`: dB below the loudest
cell, the same limits and colours everywhere, seconds across and Hz upwards.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, ScalarFormatter
from numpy.typing import ArrayLike

from specdemo import _checks
from specdemo._types import Array, Reference
from specdemo.level import amplitude_to_db
from specdemo.mel import MelBank, hz_to_mel, mel_to_hz
from specdemo.stft import STFT

STYLE = Path(__file__).with_name("specdemo.mplstyle")
AXES = ("linear", "log", "mel")

# Ranges of colours in dB. The ratio of the ends of the widest is a number in single precision.
NARROWEST_DB, WIDEST_DB = 0.1, 700.0

# The lowest frequency that a logarithmic axis shows, in Hz.
LOG_AXIS_START = 50.0


def use_style() -> None:
    """Draw all figures from here on in the style of the book."""
    plt.style.use(STYLE)


def waveform(
    x: ArrayLike, sr: float, *, ax: Axes | None = None, start: float = 0.0, **line: Any
) -> Axes:
    """Draw a signal over time.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
    sr : float
        Sampling rate in Hz.
    ax : matplotlib Axes, optional
        Where to draw; by default the current axes.
    start : float
        Time of the first sample in s.
    **line
        For `Axes.plot`: `label`, `color`, `linewidth`, ...

    Returns
    -------
    matplotlib Axes
    """
    x = _checks.one_channel("x", x)
    sr = _checks.rate("sr", sr)
    start = _checks.number("start", start)
    ax = _axes(ax)
    usual: dict[str, Any] = {} if line.keys() & {"linewidth", "lw"} else {"linewidth": 0.6}
    ax.plot(start + np.arange(len(x)) / sr, x, **usual, **line)
    ax.margins(x=0)
    ax.set(xlabel="time (s)", ylabel="amplitude")
    return ax


def spectrogram(
    S: ArrayLike,
    stft: STFT,
    *,
    ax: Axes | None = None,
    axis: str = "linear",
    top_db: float = 80.0,
    ref: Reference = np.max,
    title: str | None = None,
    colorbar: bool = True,
) -> Axes:
    """Draw a magnitude spectrogram in dB.

    Parameters
    ----------
    S : ndarray, shape (n_bins, n_frames)
        Magnitudes.
    stft : STFT
        Their grid.
    ax : matplotlib Axes, optional
        Where to draw; by default the current axes.
    axis : {"linear", "log", "mel"}
        Spacing of the frequencies.
    top_db : float
        Range of the colours in dB.
    ref : float or callable
        The amplitude of 0 dB, by default the largest.
    title : str, optional
    colorbar : bool

    Returns
    -------
    matplotlib Axes
    """
    S = _checks.array("S", S, ndim=2, minimum=0)
    _checks.axes("S", S, "(n_bins, n_frames)")
    _checks.instance("stft", stft, STFT)
    _checks.axis_length("S", S, 0, stft.n_bins, "bins")
    _checks.choice("axis", axis, AXES)
    ax = _axes(ax)
    rows = stft.frequencies, (0.0, stft.sr / 2)
    _image(ax, S, stft, rows, top_db, ref, title, colorbar)
    _frequency_axis(ax, axis, stft.sr / 2)
    return ax


def mel_spectrogram(
    M: ArrayLike,
    bank: MelBank,
    *,
    ax: Axes | None = None,
    top_db: float = 80.0,
    ref: Reference = np.max,
    title: str | None = None,
    colorbar: bool = True,
    factor: float = 1.0,
) -> Axes:
    """Draw a mel spectrogram in dB: its rows are evenly spaced, their labels are in Hz.

    Parameters
    ----------
    M : ndarray, shape (n_mels, n_frames)
        Mel spectrogram.
    bank : MelBank
        The bank that it comes from.
    ax, top_db, ref, title, colorbar
        As for `spectrogram`.
    factor : float
        The factor by which time was shortened, if it was.

    Returns
    -------
    matplotlib Axes
    """
    M = _checks.array("M", M, ndim=2, minimum=0)
    _checks.axes("M", M, "(n_mels, n_frames)")
    _checks.instance("bank", bank, MelBank)
    _checks.axis_length("M", M, 0, bank.n_mels, "bands")
    factor = _checks.number("factor", factor, minimum=1, maximum=_checks.MOST_FRAMES)
    ax = _axes(ax)
    rows = bank.center_frequencies, (float(bank.edges[0]), float(bank.edges[-1]))
    _image(ax, M, bank.stft, rows, top_db, ref, title, colorbar, factor)
    _frequency_axis(ax, "mel", bank.edges[-1], bank.fmin, bank.scale)
    return ax


def corpus(features: Any, *, ax: Axes | None = None, colorbar: bool = True) -> Axes:
    """Draw the levels of a corpus: how often every band has every number, over all frames.

    Parameters
    ----------
    features : specdemo.corpus.Features
        Stored as bytes.
    ax : matplotlib Axes, optional
        Where to draw; by default the current axes.
    colorbar : bool
        Whether to say what the colours mean.

    Returns
    -------
    matplotlib Axes
        Bands upon frequency across, numbers of the format upwards. Three lines part the frames of
        each band: 5 %, 50 % and 95 % of them lie below.

    Raises
    ------
    ValueError
        When half precision is stored, of which nothing was counted; or no frame.
    TypeError
        When these are no features.
    """
    if not hasattr(features, "levels"):
        raise TypeError(f"features must be specdemo.corpus.Features; got {features!r:.80}")
    values, counts = features.levels()
    if not counts.any():
        raise ValueError("features must have frames; of these recordings there are none")
    bank = features.fmt.bank
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    numbers = np.broadcast_to(values, counts.shape)
    bands = np.arange(bank.n_mels)
    places = bands
    if bank.n_mels == 1:  # twice, since the width of a single one cannot be told from the next
        places, bands = np.array([-0.25, 0.25]), np.array([0, 0])
    ax = _axes(ax)
    image = ax.pcolormesh(
        np.broadcast_to(places[:, np.newaxis], (len(places), counts.shape[1])),
        numbers[bands],
        np.ma.masked_equal(shares[bands], 0),
        cmap="magma_r",
        vmin=0,
        vmax=np.percentile(shares.max(axis=1), 90),
        shading="nearest",
        rasterized=True,
    )
    for percent, style in ((95, ":"), (50, "-"), (5, "--")):
        below = (shares.cumsum(axis=1) >= percent).argmax(axis=1)
        ax.plot(places, numbers[bands, below[bands]], f"C0{style}", label=f"{percent} % below")
    _frequency_ticks(ax, bank)
    seen = np.flatnonzero(counts.sum(axis=0))
    ax.set(ylim=(numbers[:, seen[0]].min(), numbers[:, seen[-1]].max()))
    ax.set(xlabel="frequency (Hz)", ylabel="number of the format")
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="frames (%)", pad=0.01, aspect=15)
    return ax


def _axes(ax: Any) -> Axes:
    """The axes to draw in, by default the current ones."""
    return plt.gca() if ax is None else _checks.instance("ax", ax, Axes)


def _frequency_ticks(ax: Axes, bank: MelBank) -> None:
    """Label bands, which are evenly spaced across, by the frequencies of their centres."""
    centres = bank.center_frequencies
    places: dict[int, float] = {}
    for f in (8000, 4000, 2000, 1000, 500, 250):
        place = float(np.interp(f, centres, np.arange(bank.n_mels)))
        # A label is about as wide as a tenth of the axis.
        is_free = all(other - place > 0.1 * bank.n_mels for other in places.values())
        if centres[0] <= f <= centres[-1] and is_free:
            places[f] = place
    ax.set_xticks(list(places.values()), [str(f) for f in places])


def _image(
    ax: Axes,
    S: Array,
    stft: STFT,
    rows: tuple[Array, tuple[float, float]],
    top_db: float,
    ref: Reference,
    title: str | None,
    colorbar: bool,
    factor: float = 1.0,
) -> None:
    """Draw levels; `rows` are the frequencies of their centres, and where all of them begin and end."""
    _checks.text_or_none("title", title)
    top_db = _checks.number("top_db", top_db, minimum=NARROWEST_DB, maximum=WIDEST_DB)
    D = _levels(S, top_db, ref)
    # Few bands do not reach to the edges of the picture: what is left is as dark as silence.
    ax.set_facecolor(plt.get_cmap("magma")(0))
    start, step = stft.times(1)[0], stft.hop_length / stft.sr
    # A shortened frame stands for `factor` frames, and its centre lies in the middle of them.
    times = start + (np.arange(S.shape[1]) * factor + (factor - 1) / 2) * step
    cells: tuple[Array, Array] = times, rows[0]
    if min(S.shape) == 1:  # the width of a single one cannot be told from the next
        around = times[0] - factor * step / 2, times[-1] + factor * step / 2
        cells = _edges(times, around), _edges(*rows)
    image = ax.pcolormesh(
        *cells,
        D,
        vmin=-top_db,
        vmax=0,
        cmap="magma",
        shading="auto",
        rasterized=True,
    )
    ax.set(xlabel="time (s)", ylabel="frequency (Hz)")
    ax.set_title(title or "")
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="level (dB)", pad=0.01, aspect=15)


def _levels(S: Array, top_db: float, ref: Reference) -> Array:
    """Levels in dB above `-top_db`."""
    if callable(ref):
        ref = _checks.number("ref", ref(S), minimum=0) or 1.0
    ref = _checks.number("ref", ref, above=0)
    with np.errstate(over="ignore"):
        relative = S / ref
    if not np.isfinite(relative).all():
        raise ValueError(f"ref = {ref:g} is too small for S, which reaches {S.max():.4g}")
    return amplitude_to_db(relative, amin=10 ** (-top_db / 20), top_db=None)


def _edges(centres: Array, ends: tuple[float, float]) -> Array:
    """Where cells around these centres begin and end."""
    return np.concatenate([ends[:1], (centres[1:] + centres[:-1]) / 2, ends[1:]])


def _frequency_axis(
    ax: Axes, axis: str, high: float, low: float = 0.0, scale: str = "slaney"
) -> None:
    if axis == "linear":
        ax.set_ylim(low, high)
        return
    if axis == "log":
        ax.set_yscale("log")
        low = max(low, min(LOG_AXIS_START, high / 10))
    else:
        ax.set_yscale("function", functions=_mel_functions(scale))
    ax.set_ylim(low, high)
    ticks = [t for t in (0, 125, 250, 500, 1000, 2000, 4000, 8000, 16000) if low <= t <= high]
    if axis == "mel" and scale == "slaney":
        ticks = [t for t in ticks if t not in (125, 250)]
    ax.set_yticks(ticks)
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())


def _mel_functions(scale: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    # Older releases of Matplotlib ask for the places of no ticks at all.
    def forward(f: Array) -> Any:
        return hz_to_mel(np.maximum(f, 0), scale=scale) if np.size(f) else f

    def inverse(m: Array) -> Any:
        return mel_to_hz(np.maximum(m, 0), scale=scale) if np.size(m) else m

    return forward, inverse


def __getattr__(name: str) -> Any:
    # The players are built on this module, and have always been called by its name.
    if name in ("Players", "listen"):
        return getattr(import_module("specdemo.live.players"), name)
    raise AttributeError(f"module 'specdemo.plot' has no attribute {name!r}")
