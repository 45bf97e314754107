"""Pictures of sounds side by side, with a player each: HTML that needs no script.

Where a script runs, `figures/players/` gives them one transport and a cursor.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from specdemo import _checks
from specdemo._types import Array, Floats, Reference
from specdemo.audio import resample
from specdemo.audio.filters import MOST_PHASES
from specdemo.audio.remarks import FAINT
from specdemo.audio.wav import HIGHEST_RATE, wav_bytes
from specdemo.level import amplitude_to_db
from specdemo.mel import MelBank, hz_to_mel, mel_to_hz
from specdemo.plot import AXES, LOG_AXIS_START, NARROWEST_DB, WIDEST_DB
from specdemo.stft import STFT

# Beyond this, sounds have no level that could be matched; below its inverse, they count as silent.
LOUDEST = 1e30

# The sampling rates in Hz that every browser plays, and the longest sound in s that is brought to one
# of them: at 8 kHz, 10 MB.
LOWEST_PLAYED, HIGHEST_PLAYED = 8000, 96_000
LONGEST_PLAYED = 600.0


def listen(
    sounds: Mapping[str, ArrayLike],
    stft: STFT,
    *,
    bank: MelBank | None = None,
    axis: str = "linear",
    top_db: float = 80.0,
    match: bool = True,
    caption: str | None = None,
) -> Players:
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
        turned down where one of them would clip, and up where none could be heard.
    caption : str, optional
        What to see and hear.

    Returns
    -------
    Players
        Shown as HTML by Jupyter and on the page of the book.

    Notes
    -----
    Not every browser plays rates below 8 or above 96 kHz. A sound of such a rate, of at most ten
    minutes, is resampled for its player, and the note under it says so; its picture is that of the
    samples as they are.
    """
    _checks.instance("stft", stft, STFT)
    if bank is not None:
        _checks.instance("bank", bank, MelBank)
        if bank.stft.sr != stft.sr:
            raise ValueError(
                "bank must have the sampling rate of stft; "
                f"got {bank.stft.sr:g} Hz and {stft.sr:g} Hz"
            )
    _checks.choice("axis", axis, AXES)
    top_db = _checks.number("top_db", top_db, minimum=NARROWEST_DB, maximum=WIDEST_DB)
    _checks.flag("match", match)
    _checks.text_or_none("caption", caption)
    if not _checks.instance("sounds", sounds, dict):
        raise ValueError("sounds must hold at least one sound; got none")
    signals = {label: _sound(label, x) for label, x in sounds.items()}
    face = _face_of_bands(bank, top_db) if bank else _face_of_bins(stft, axis, top_db)
    gains = _gains(list(signals.values()), match)
    # Relative to the first, so that its picture is the same file wherever it is shown.
    cells = [
        _analysed(f"sounds[{label!r}]", x * (gain / gains[0]), face)
        for (label, x), gain in zip(signals.items(), gains, strict=True)
    ]
    ref = float(cells[0].max()) or 1.0
    columns = PICTURE_COLUMNS if len(sounds) > 1 else WIDE_PICTURE_COLUMNS
    items = [
        _item(label, x, gain, S, ref, face, columns)
        for (label, x), gain, S in zip(signals.items(), gains, cells, strict=True)
    ]
    return Players(items, caption, list(sounds))


def _sound(label: object, x: ArrayLike) -> Array:
    """Return the samples of a sound of `listen` after checking them and their label."""
    if not isinstance(label, str):
        raise TypeError(f"sounds must have labels that are text; got {label!r}")
    name = f"sounds[{label!r}]"
    x = _checks.one_channel(name, x)
    peak = max(float(x.max()), -float(x.min()))
    if peak > LOUDEST:
        raise ValueError(f"{name} must stay within {LOUDEST:g}; it reaches {peak:.4g}")
    return x


def _analysed(name: str, x: Floats, face: Any) -> Floats:
    """The cells of a picture; an error names the sound."""
    try:
        return face.analyse(x)
    except ValueError as error:
        raise ValueError(f"{name} cannot be drawn: {error}") from error


class Players:
    """What `listen` returns: HTML with a spectrogram and a player for every sound."""

    def __init__(self, items: Any, caption: str | None, labels: Any) -> None:
        self.items, self.caption, self.labels = items, caption, labels

    def __repr__(self) -> str:
        return f"<players: {', '.join(self.labels)}>"

    def _repr_html_(self) -> str:
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        sounds = f'<div class="sd-sounds">{"".join(self.items)}</div>'
        style = f"<style>{PLAYER_CSS}</style>"
        return f'<figure class="sd-listen">{style}{sounds}{caption}</figure>'


# Look of the players; ":where" weighs nothing, so that a page's own style sheet has the last word.
PLAYER_CSS = """
:where(.sd-listen){margin:.5em 0}
:where(.sd-sounds){display:flex;flex-wrap:wrap;gap:12px}
:where(.sd-sound){flex:1 1 230px;min-width:0;max-width:430px}
:where(.sd-sound:only-child){max-width:880px}
:where(.sd-name){margin:0 0 .2em 2.6em;font-weight:600}
:where(.sd-frame){position:relative;margin:0 .8em 1.4em 2.6em}
:where(.sd-frame img){display:block;width:100%;max-width:none;height:auto}
:where(.sd-frame span){position:absolute;font-size:80%;line-height:1;white-space:nowrap}
:where(.sd-hz span){right:calc(100% + .4em);transform:translateY(50%)}
:where(.sd-s span){top:calc(100% + .4em);transform:translateX(-50%)}
:where(.sd-frame .sd-unit){bottom:auto;top:-1.3em;transform:none}
:where(.sd-sound audio){width:100%}
:where(.sd-note){font-size:85%;opacity:.8}
"""


class _Face:
    """How `listen` analyses sounds and shows them: cells, rows of pixels, ticks.

    `edges` and `rows` are frequencies in Hz, those between the cells of `analyse(x)` and those
    between the rows of the picture; `units` places a frequency on the axis, 0 (bottom) to 1 (top).
    """

    def __init__(
        self,
        stft: STFT,
        analyse: Callable[[Array], Array],
        edges: Array,
        rows: Array,
        axis: str,
        scale: str,
        top_db: float,
    ) -> None:
        self.stft, self.analyse, self.axis, self.top_db = stft, analyse, axis, top_db
        self.edges, self.rows = edges, rows
        self.low, self.high = float(rows[0]), float(rows[-1])
        self.units = _units(axis, scale, self.low, self.high)


def _face_of_bins(stft: STFT, axis: str, top_db: float) -> _Face:
    width, high = stft.sr / stft.n_fft, stft.sr / 2
    edges = np.arange(stft.n_bins + 1) * width - width / 2
    low = min(LOG_AXIS_START, high / 10) if axis == "log" else 0.0
    return _Face(
        stft, stft.magnitude, edges, _rows(axis, "slaney", low, high), axis, "slaney", top_db
    )


def _face_of_bands(bank: MelBank, top_db: float) -> _Face:
    """Bands are evenly high; the lowest begins half a step below its centre."""
    low, high = hz_to_mel(np.array([bank.fmin, bank.fmax]), scale=bank.scale)
    steps = (np.arange(bank.n_mels + 1) + 0.5) / (bank.n_mels + 1)
    edges = mel_to_hz(low + (high - low) * steps, scale=bank.scale)

    def analyse(x: Floats) -> Array:
        return bank.forward(bank.stft.magnitude(x))

    rows = _rows("mel", bank.scale, edges[0], edges[-1])
    return _Face(bank.stft, analyse, edges, rows, "mel", bank.scale, top_db)


def _rows(axis: str, scale: str, low: float, high: float) -> Array:
    """Frequencies between the rows of a picture."""
    if axis == "mel":
        mel = np.linspace(
            hz_to_mel(low, scale=scale), hz_to_mel(high, scale=scale), PICTURE_ROWS + 1
        )
        return mel_to_hz(mel, scale=scale)
    space = np.geomspace if axis == "log" else np.linspace
    return space(low, high, PICTURE_ROWS + 1)


def _units(axis: str, scale: str, low: float, high: float) -> Any:
    spacings: dict[str, Callable[[float], Any]] = {
        "linear": float,
        "log": np.log,
        "mel": lambda f: hz_to_mel(f, scale=scale),
    }
    spacing = spacings[axis]
    bottom, top = spacing(low), spacing(high)
    return lambda f: float((spacing(f) - bottom) / (top - bottom))


def _gains(signals: list[Array], match: bool) -> list[float]:
    """Factors that make every RMS that of the first, and the largest peak neither faint nor over 1."""
    rms = [float(np.sqrt(np.mean(np.square(x, dtype=np.float64)))) for x in signals]
    gains = [rms[0] / level if match and min(level, rms[0]) > 1 / LOUDEST else 1.0 for level in rms]
    peak = max(gain * float(np.abs(x).max()) for gain, x in zip(gains, signals, strict=True))
    if 1 / LOUDEST < peak < FAINT:
        return [gain / (2 * peak) for gain in gains]
    return [gain / max(1.0, peak) for gain in gains]


def _item(
    label: str, x: Floats, gain: float, cells: Any, ref: Reference, face: _Face, columns: int
) -> str:
    name = html.escape(label)
    sr = face.stft.sr
    duration = len(x) / sr
    change = 20 * np.log10(gain)
    played, played_sr, rate_note = _playable(x * gain, sr)
    notes = [
        f"{duration:.2f} s",
        f"level {change:+.1f} dB".replace("-", "\N{MINUS SIGN}") if abs(change) >= 0.05 else "",
        rate_note,
    ]
    note = " · ".join(filter(None, notes))
    wav = wav_bytes(np.atleast_2d(played), played_sr)
    start, end = _span(face.stft, cells.shape[1])
    return (
        f'<div class="sd-sound" data-seconds="{duration:.6g}" '
        f'data-start="{start:.6g}" data-end="{end:.6g}">'
        f'<div class="sd-name">{name}</div><div class="sd-frame">'
        f"{_picture(name, duration, cells / ref, face, columns)}"
        f'<div class="sd-hz" aria-hidden="true"><span class="sd-unit">Hz</span>'
        f"{''.join(_ticks(_frequency_ticks(face), 'bottom'))}</div>"
        f'<div class="sd-s" aria-hidden="true">'
        f"{''.join(_ticks(_time_ticks(start, end), 'left'))}</div></div>"
        f'<audio controls aria-label="{name}" src="{_data_url("audio/wav", wav)}"></audio>'
        f'<div class="sd-note">{note}</div></div>'
    )


def _playable(x: Floats, sr: float) -> tuple[Array, int, str]:
    """Bring a sound to a sampling rate that every browser plays.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1].
    sr : float
        Their sampling rate in Hz.

    Returns
    -------
    x : ndarray, shape (n_samples,)
    sr : int
        Between 8 and 96 kHz, unless the sound is too long for that.
    note : str
        What the reader should know; empty when nothing was changed.
    """
    if LOWEST_PLAYED <= sr <= HIGHEST_PLAYED:
        return x, round(sr), ""
    is_low = sr < LOWEST_PLAYED
    is_too_long = is_low and len(x) / sr > LONGEST_PLAYED
    if is_too_long or not 1 <= sr <= HIGHEST_RATE:
        stated = min(max(1, round(sr)), HIGHEST_RATE)
        return x, stated, f"{sr:g} Hz, which browsers do not play"
    played_sr = LOWEST_PLAYED if is_low else HIGHEST_PLAYED
    # As near as `resample` comes: a low rate, rounded, would be heard at another pitch.
    ratio = Fraction(played_sr / sr).limit_denominator(int(MOST_PHASES / max(1, played_sr / sr)))
    y = resample(x, ratio.denominator, ratio.numerator)
    return y, played_sr, f"played at {played_sr} Hz"


def _span(stft: STFT, n_frames: int) -> tuple[float, float]:
    """Times in s at the left and right edge of a picture: half a hop before and after."""
    times, half = stft.times(n_frames), stft.hop_length / stft.sr / 2
    return times[0] - half, times[-1] + half


# Pixels of a picture. Text lies around it as HTML, so that it stays sharp at any size.
PICTURE_ROWS = 216
PICTURE_COLUMNS = 400
WIDE_PICTURE_COLUMNS = 800
# Steps of the colour scale: at a range of 80 dB, 1.3 dB each.
N_COLORS = 64


def _picture(name: str, duration: float, S: Floats, face: _Face, columns: int) -> str:
    """An <img> of a spectrogram, whose loudest level is 1."""
    levels = _levels(S, face, columns)
    indices = np.rint((N_COLORS - 1) * (1 + levels / face.top_db)).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(indices[::-1]))
    picture.putpalette(_palette())
    buffer = io.BytesIO()
    picture.save(buffer, format="png", optimize=True)
    alt = (
        f"Spectrogram of the sound “{name}”, {duration:.1f} s long, "
        f"{face.low:.0f} to {face.high:.0f} Hz"
    )
    return (
        f'<img alt="{alt}" width="{picture.width}" height="{picture.height}" '
        f'src="{_data_url("image/png", buffer.getvalue())}">'
    )


def _levels(S: Floats, face: _Face, columns: int) -> Array:
    """Levels of the pixels in dB, at most 0: mean powers over what each of them covers."""
    n_frames = S.shape[1]
    power = _area_mean(np.square(S, dtype=np.float64), face.edges, face.rows)
    edges = np.linspace(0, n_frames, columns + 1)
    power = _area_mean(power.T, np.arange(n_frames + 1.0), edges).T
    floor = 10 ** (-face.top_db / 20)
    return np.minimum(amplitude_to_db(np.sqrt(power), amin=floor, top_db=None), 0)


def _area_mean(values: Array, edges: Array, new_edges: Array) -> Array:
    """Means over new intervals of what is constant in the old ones, along the first axis."""
    below = np.zeros((len(edges), values.shape[1]))
    np.cumsum(values * np.diff(edges)[:, None], axis=0, out=below[1:])
    sums = np.column_stack([np.interp(new_edges, edges, column) for column in below.T])
    return np.maximum(np.diff(sums, axis=0), 0) / np.diff(new_edges)[:, None]


def _palette() -> bytes:
    colors = plt.get_cmap("magma")(np.linspace(0, 1, N_COLORS))[:, :3]
    return np.rint(255 * colors).astype(np.uint8).tobytes()


def _ticks(places: Iterable[tuple[str, float]], side: str) -> Iterator[str]:
    """Labels beside a picture: text, and how far along the axis it stands."""
    return (f'<span style="{side}:{100 * unit:.3g}%">{text}</span>' for text, unit in places)


def _frequency_ticks(face: _Face) -> list[tuple[str, float]]:
    """Round frequencies, from the top down, each far enough below the one before."""
    step = _round_step(face.high / 6)
    even = step * np.arange(int(face.high / step) + 1)
    # Where mel is even below 1 kHz, lower octaves would stand in the way of 0.
    lowest = 250 if face.axis == "mel" else 125
    octaves = np.array([0, *(lowest * 2.0 ** np.arange(9))])
    places: list[tuple[str, float]] = []
    for f in (even if face.axis == "linear" else octaves)[::-1]:
        if face.low <= f <= face.high and (not places or places[-1][1] - face.units(f) > 0.13):
            places.append((f"{f / 1000:g}k" if f >= 1000 else f"{f:g}", face.units(f)))
    return places


def _time_ticks(start: float, end: float) -> list[tuple[str, float]]:
    """Round times, the last of them with its unit."""
    step = _round_step((end - start) / 5)
    times = step * np.arange(int(end / step) + 1)
    texts = [f"{t:g}" for t in times]
    texts[-1] += " s"
    return [(text, (t - start) / (end - start)) for text, t in zip(texts, times, strict=True)]


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... and their fractions that is at least `least`."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9)))


def _data_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
