"""Pictures of sound in one style, and players beside them.

Every spectrogram of the book is drawn by `spectrogram` or `mel_spectrogram`: dB below the loudest
cell, the same limits and colours everywhere, seconds across and Hz upwards.
"""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter
from PIL import Image

from specdemo import _checks
from specdemo.level import amplitude_to_db
from specdemo.mel import MelBank, hz_to_mel, mel_to_hz
from specdemo.stft import STFT
from specdemo.wav import wav_bytes

STYLE = Path(__file__).with_name("specdemo.mplstyle")
AXES = ("linear", "log", "mel")

# The lowest frequency that a logarithmic axis shows, in Hz.
LOG_AXIS_START = 50.0


def use_style():
    """Draw all figures from here on in the style of the book."""
    plt.style.use(STYLE)


def waveform(x, sr, ax=None, start=0.0, **line):
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
    x = _checks.array("x", x)
    _checks.axes("x", x, "(n_samples,)")
    sr = _checks.number("sr", sr, above=0)
    start = _checks.number("start", start)
    ax = ax or plt.gca()
    ax.plot(start + np.arange(len(x)) / sr, x, **{"linewidth": 0.6, **line})
    ax.margins(x=0)
    ax.set(xlabel="time (s)", ylabel="amplitude")
    return ax


def spectrogram(S, stft, ax=None, axis="linear", top_db=80.0, ref=np.max, title=None,
                colorbar=True):
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
    ax = ax or plt.gca()
    _image(ax, S, stft, stft.frequencies, top_db, ref, title, colorbar)
    _frequency_axis(ax, axis, stft.sr / 2)
    return ax


def mel_spectrogram(M, bank, ax=None, top_db=80.0, ref=np.max, title=None, colorbar=True,
                    factor=1.0):
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
    factor = _checks.number("factor", factor, minimum=1)
    ax = ax or plt.gca()
    _image(ax, M, bank.stft, bank.center_frequencies, top_db, ref, title, colorbar, factor)
    _frequency_axis(ax, "mel", bank.fmax, bank.fmin, bank.scale)
    return ax


def listen(sounds, stft, bank=None, axis="linear", top_db=80.0, match=True, caption=None):
    """Show sounds side by side: label, spectrogram and player of each.

    Parameters
    ----------
    sounds : dict of str to ndarray, shape (n_samples,)
        Label and signal of each.
    stft : STFT
        Grid of the pictures; its `sr` is the sampling rate.
    bank : MelBank, optional
        Show mel spectrograms instead.
    axis, top_db
        As for `spectrogram`. All pictures have the same 0 dB: the loudest cell of the first.
    match : bool
        Whether to bring every sound to the level (RMS) of the first. The change is printed under
        the player. Never is anything else done to the level, save that all sounds together are
        turned down where one of them would clip.
    caption : str, optional
        What to see and hear.

    Returns
    -------
    Players
        Shown as HTML by Jupyter and on the page of the book.
    """
    _checks.instance("stft", stft, STFT)
    if bank is not None:
        _checks.instance("bank", bank, MelBank)
    _checks.flag("match", match)
    if not _checks.instance("sounds", sounds, dict):
        raise ValueError("sounds must hold at least one sound; got none")
    sounds = {label: _checks.array(f"sounds[{label!r}]", x) for label, x in sounds.items()}
    for label, x in sounds.items():
        _checks.axes(f"sounds[{label!r}]", x, "(n_samples,)")
    gains = _gains(list(sounds.values()), match)
    played = {label: x * gain for (label, x), gain in zip(sounds.items(), gains, strict=True)}
    draw = _draw_mel(bank, top_db) if bank else _draw_linear(stft, axis, top_db)
    first = draw.analyse(next(iter(played.values())))
    ref = float(first.max()) or 1.0
    items = [_item(label, x, gain, stft.sr, draw, ref, len(played))
             for (label, x), gain in zip(played.items(), gains, strict=True)]
    return Players(items, caption, list(sounds))


class Players:
    """What `listen` returns: HTML with a spectrogram and a player for every sound."""

    def __init__(self, items, caption, labels):
        self.items, self.caption, self.labels = items, caption, labels

    def __repr__(self):
        return f"<players: {', '.join(self.labels)}>"

    def _repr_html_(self):
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        grid = f'<div class="sd-grid">{"".join(self.items)}</div>'
        return f'<figure class="sd-listen">{_PLAYER_STYLE}{grid}{caption}</figure>'


# For notebooks; ":where" weighs nothing, so that the page's own style sheet has the last word.
_PLAYER_STYLE = """<style>
:where(.sd-listen){margin:.5em 0}
:where(.sd-grid){display:flex;flex-wrap:wrap;gap:12px}
:where(.sd-item){flex:1 1 230px;max-width:430px}
:where(.sd-item:only-child){max-width:880px}
:where(.sd-label){font-weight:600}
:where(.sd-item img,.sd-item audio){width:100%}
:where(.sd-note){font-size:85%;opacity:.8}
</style>"""


class _Drawing:
    """How `listen` analyses and draws a sound."""

    def __init__(self, analyse, draw):
        self.analyse, self.draw = analyse, draw


def _draw_linear(stft, axis, top_db):
    def draw(S, ax, ref):
        spectrogram(S, stft, ax, axis, top_db, ref, colorbar=False)

    return _Drawing(stft.magnitude, draw)


def _draw_mel(bank, top_db):
    def draw(M, ax, ref):
        mel_spectrogram(M, bank, ax, top_db, ref, colorbar=False)

    return _Drawing(lambda x: bank.forward(bank.stft.magnitude(x)), draw)


def _gains(signals, match):
    """Factors that make every RMS that of the first, and no peak larger than 1."""
    rms = [float(np.sqrt(np.mean(np.square(x, dtype=np.float64)))) for x in signals]
    gains = [rms[0] / level if match and level > 0 and rms[0] > 0 else 1.0 for level in rms]
    peak = max(gain * float(np.abs(x).max()) for gain, x in zip(gains, signals, strict=True))
    return [gain / max(1.0, peak) for gain in gains]


def _item(label, x, gain, sr, drawing, ref, n_items):
    name = html.escape(label)
    duration = len(x) / sr
    change = 20 * np.log10(gain)
    note = f"{duration:.2f} s" + (f" · level {change:+.1f} dB" if abs(change) >= 0.05 else "")
    alt = f"Spectrogram of the sound “{name}”, {duration:.1f} s long"
    wav = wav_bytes(np.atleast_2d(x), round(sr))
    return (
        f'<div class="sd-item"><div class="sd-label">{name}</div>'
        f'<img alt="{alt}" src="{_data_url("image/png", _picture(x, drawing, ref, n_items))}">'
        f'<audio controls aria-label="{name}" src="{_data_url("audio/wav", wav)}"></audio>'
        f'<div class="sd-note">{note}</div></div>'
    )


def _picture(x, drawing, ref, n_items):
    """PNG of a sound's spectrogram; a single one is drawn wide."""
    with plt.style.context(STYLE):
        figure = Figure(figsize=(8, 2.6) if n_items == 1 else (3.9, 2.5), layout="constrained")
        drawing.draw(drawing.analyse(x), figure.subplots(), ref)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=130)
    return _lighter(buffer)


def _lighter(png):
    """The same picture in 128 colours: a third of the bytes, and nobody sees the difference."""
    with Image.open(png) as picture:
        smaller = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    smaller.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def _data_url(kind, data):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _image(ax, S, stft, frequencies, top_db, ref, title, colorbar, factor=1.0):
    top_db = _checks.number("top_db", top_db, above=0)
    ref = float(ref(S)) or 1.0 if callable(ref) else ref
    S = S / _checks.number("ref", ref, above=0)
    D = amplitude_to_db(S, amin=10 ** (-top_db / 20), top_db=None)
    # Few bands do not reach to the edges of the picture: what is left is as dark as silence.
    ax.set_facecolor(plt.get_cmap("magma")(0))
    start, step = stft.times(1)[0], stft.hop_length / stft.sr
    # A shortened frame stands for `factor` frames, and its centre lies in the middle of them.
    times = start + (np.arange(S.shape[1]) * factor + (factor - 1) / 2) * step
    image = ax.pcolormesh(times, frequencies, D, vmin=-top_db, vmax=0, cmap="magma",
                          shading="nearest" if S.shape[1] > 1 else "auto", rasterized=True)
    ax.set(xlabel="time (s)", ylabel="frequency (Hz)")
    ax.set_title(title or "")
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="level (dB)", pad=0.01, aspect=15)


def _frequency_axis(ax, axis, high, low=0.0, scale="slaney"):
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


def _mel_functions(scale):
    def forward(f):
        return hz_to_mel(np.maximum(f, 0), scale)

    def inverse(m):
        return mel_to_hz(np.maximum(m, 0), scale)

    return forward, inverse
