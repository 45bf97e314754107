"""The Explorer without a kernel: HTML that mounts the live figure by itself."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from specdemo._types import Array
from specdemo.audio.wav import wav_bytes
from specdemo.live import join
from specdemo.live.join import joined
from specdemo.stft import STFT

if TYPE_CHECKING:
    from specdemo.live.widget import Explorer

FOLDER = Path(__file__).parent
VIEW = FOLDER / "figures" / "explorer" / "index.js"
# In this order: a later sheet refines an earlier one.
STYLES = [
    FOLDER / "figures" / "explorer" / f"{name}.css" for name in ("explorer", "stage", "controls")
]
WORKER = FOLDER / "js" / "dsp" / "worker.js"
LOADER = FOLDER / "loader.js"
PLAYERS = FOLDER / "figures" / "players" / "index.js"
HEAR = FOLDER / "figures" / "hear" / "index.js"
HEAR_STYLE = FOLDER / "figures" / "hear" / "hear.css"
HEAR_WORKER = FOLDER / "js" / "dsp" / "hear.js"

# Comments that fill whole lines, a third of the sources, which no page needs; and types within a line.
COMMENTS = re.compile(
    r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)\n|/\*\* @(?:type|param) [^\n*]*\*/ ?", re.DOTALL | re.MULTILINE
)
# Indents, and lines with nothing on them.
SPACE = re.compile(r"^[ \t]+|^\n", re.MULTILINE)


def figure(explorer: Explorer, names: Iterable[str]) -> str:
    """Return an Explorer as HTML that mounts itself.

    Parameters
    ----------
    explorer : Explorer
    names : sequence of str
        The traits that the figure starts with.

    Returns
    -------
    str
    """
    x, sr = explorer.sound(explorer.clip)
    settings = {name: getattr(explorer, name) for name in names}
    labels = dict.fromkeys([explorer.clip, *explorer._sounds])
    sounds = {label: _data_url("audio/wav", _wav(*explorer.sound(label))) for label in labels}
    name = html.escape(explorer.clip)
    picture = _data_url("image/png", _poster(x, sr, explorer))
    caption = explorer.caption and f"<figcaption>{html.escape(explorer.caption)}</figcaption>"
    return (
        f'<figure class="sd-explorer" id="explorer-{explorer.step}" '
        f"data-settings='{_attribute(settings)}' data-sounds='{_attribute(sounds)}'>"
        f'<img alt="Spectrogram of the sound “{name}”, {len(x) / sr:.1f} s long" '
        f'src="{picture}">'
        f'<audio controls preload="none" aria-label="{name}" '
        f'src="{_data_url("audio/wav", _wav(*_played(x, sr)))}"></audio>'
        f"{caption}</figure>\n<script data-specdemo>{script()}</script>"
    )


def script() -> str:
    """The classic script that mounts the twins of a page, as text.

    Returns
    -------
    str
        JavaScript that may stand in a `<script>` element or in a file of its own, any number of
        times on a page. It asks no server for anything.

    Notes
    -----
    It holds the sources as strings, and imports them from blob URLs: a page that was opened from a
    disk (file://) may neither import a module nor fetch a file.
    """
    sources = {
        "view": joined(VIEW),
        "dsp": joined(WORKER),
        "css": style(),
    }
    bare = {name: short(text) for name, text in sources.items()}
    return short(join.script(LOADER)).replace("SOURCES", _json(bare))


def short(text: str) -> str:
    """A program or a style sheet without what only its readers need: no text in it goes over several lines.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return SPACE.sub("", COMMENTS.sub("", text))


def style() -> str:
    """The style sheet of the Explorer, as text.

    Returns
    -------
    str
    """
    return "\n".join(path.read_text(encoding="utf-8") for path in STYLES)


def players_script() -> str:
    """The classic script that makes the players of a page live, as text.

    Returns
    -------
    str
        JavaScript for the end of a page, behind its players.
    """
    return short(join.script(PLAYERS))


def hear_script() -> str:
    """The classic script of the page where a reader's array becomes sound, as text.

    Returns
    -------
    str
        JavaScript that mounts itself in every `<figure class="sd-hear-place" data-sounds='...'>` of a
        page, whose attribute names the scripts of the bundled clips. It asks no server for anything
        else.
    """
    sources = {
        "worker": joined(HEAR_WORKER),
        "css": style() + HEAR_STYLE.read_text(encoding="utf-8"),
    }
    bare = {name: short(text) for name, text in sources.items()}
    return short(join.script(HEAR)).replace("HEAR", _json(bare))


def sound_script(name: str, x: ArrayLike, sr: int) -> str:
    """The text of a .js file that hands a sound to the figures of a page.

    Parameters
    ----------
    name : str
        Label of the sound.
    x : ndarray, shape (n_samples,)
        Samples in [-1, 1], stored with 16 bits.
    sr : int
        Sampling rate in Hz.

    Returns
    -------
    str
    """
    samples = base64.b64encode(_wav(x, sr)[44:]).decode()
    return f'specdemo.sound({_json(name)}, {sr}, "{samples}");\n'


def _json(value: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _attribute(value: Any) -> str:
    """JSON that may stand between single quotes."""
    text = json.dumps(value, ensure_ascii=False)
    return html.escape(text, quote=False).replace("'", "&#x27;")


def _played(x: Array, sr: float) -> tuple[Array, int]:
    """The sound of a host without JavaScript, at a rate that its player takes."""
    from specdemo.live import players

    return players._playable(x, sr)[:2]


def _wav(x: ArrayLike, sr: int) -> bytes:
    return wav_bytes(np.atleast_2d(x), sr)


def _data_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _poster(x: Array, sr: float, explorer: Explorer) -> bytes:
    """PNG of the spectrogram that a host without JavaScript shows."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from PIL import Image

    from specdemo import plot

    grid = STFT(sr, explorer.n_fft, explorer.hop_length, window=explorer.window)
    drawn, smaller = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(fname=plot.STYLE):
        figure = Figure(figsize=(6.4, 2.4))
        axes = figure.subplots()
        plot.spectrogram(
            grid.magnitude(x), grid, ax=axes, axis=explorer.axis, top_db=explorer.range_db
        )
        figure.savefig(drawn, format="png", dpi=100)
    with Image.open(drawn) as picture:
        # Colours that cover all levels, the few loud ones too.
        palette = picture.convert("RGB").quantize(64, Image.Quantize.MAXCOVERAGE)
    palette.save(smaller, format="png", optimize=True)
    return smaller.getvalue()
