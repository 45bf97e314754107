"""Figures to take hold of: one idea each, whose handles are traits and lie in the drawing."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import traitlets

from specdemo import _checks
from specdemo._types import Array
from specdemo.audio import load
from specdemo.live.join import library, member
from specdemo.live.still import still
from specdemo.live.traits import Setting, Twinned, integer, name_of, number
from specdemo.live.twin import COMMENTS, _attribute, _data_url, _json, _wav
from specdemo.stft import frame

FOLDER = Path(__file__).parent
PARTS = FOLDER / "js" / "parts"
KINDS, MOUNT, HOSTS = FOLDER / "figures", FOLDER / "figures" / "mount.js", PARTS / "hosts.js"
STYLE = FOLDER / "figures" / "figures.css"

INDENTS = re.compile(r"^[ \t]+", re.MULTILINE)

# What several figures import; the rest of the mathematics comes with the figure that needs it.
SHARED = (HOSTS, PARTS / "axes.js", FOLDER / "js" / "dsp" / "stft.js")

# Seconds: of a recording that is looked at, as in the chapters; of it that `frames` shows; of the
# frame that is the book's usual one.
LONGEST, STRETCH, USUAL_FRAME = 8.0, 0.8, 0.046

# Hz, between which `agreement` looks for the strongest partial.
LOWEST_TONE, HIGHEST_TONE = 60.0, 4000.0


class Figure(Twinned):
    """An idea to take hold of: its handles are in the drawing, and traits of this object.

    Parameters
    ----------
    name : {"frames", "probe", "agreement"}
        What is seen: a lens that leaves the spectrogram behind as its trail; a wave laid over a
        frame; three frames of a tone that have to agree.
    clip : str, path-like, binary file or bytes-like
        A bundled clip, or a recording as for `load`, of which the first 8 s are looked at.
    caption : str, optional
        What to take hold of, and what to find out by doing so; a default is there.
    **settings
        Where the handles are at the start: the traits of the figure, below.

    Attributes
    ----------
    x, sr : ndarray of float32, int
        The part of the clip that the figure shows, and its sampling rate in Hz.
    time, n_fft, hop_length : float, int, int
        Of "frames": where the lens is, in s from the start of `x`; its length; the hop to the
        next one. The lens takes the nearest of its lengths, four to the octave.
    frequency, phase : float
        Of "probe": the wave, in Hz and degrees.
    phase1, phase2, phase3, n_steps : float, float, float, int
        Of "agreement": how far each frame is turned from the tone, in degrees, and how many steps
        of Griffin and Lim's algorithm follow.

    Raises
    ------
    TypeError, ValueError
        When a setting is of the wrong kind or out of range; the message names it.
    FileNotFoundError
        When `clip` is neither a clip nor a file.

    Examples
    --------
    >>> figure = Figure("probe", clip="speech", frequency=300)
    >>> figure
    Figure('probe', clip='speech')
    >>> figure.phase = 90
    """

    caption_of: ClassVar[str] = ""
    kind: ClassVar[str] = ""
    _css = STYLE.read_text(encoding="utf-8")
    _samples = traitlets.Bytes().tag(sync=True)
    _given = traitlets.Dict().tag(sync=True)

    def __new__(cls, name: str, clip: Any = "speech", **settings: Any) -> Figure:
        """Make the figure that has this name."""
        return super().__new__(_kinds()[_checks.choice("name", name, _kinds())])

    def __init__(
        self, name: str, clip: Any = "speech", *, caption: str | None = None, **settings: Any
    ) -> None:
        names = self.names()
        unknown = sorted(set(settings) - set(names))
        if unknown:
            raise TypeError(
                f"{unknown[0]} is no setting of the figure {name!r}; known are {', '.join(names)}"
            )
        x, self.sr = load(clip, duration=LONGEST)
        self.clip = clip if isinstance(clip, str) else name_of(clip)
        self.x, start = self.chosen(x, self.sr)
        self.caption = self.caption_of if caption is None else caption
        given = {"names": names, "caption": self.caption, "sr": self.sr}
        super().__init__(
            _samples=np.ascontiguousarray(self.x, "<f4").tobytes(),
            _given=given,
            **{**start, **settings},
        )

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the handles' traits."""
        # Not of `cls`, of which every widget has one of its own.
        traits = vars(_kinds()[cls.kind])
        return [name for name, trait in traits.items() if isinstance(trait, Setting)]

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the part of a clip that is shown, and where the handles start."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"Figure({self.kind!r}, clip={self.clip!r})"

    def twin(self) -> str:
        """The figure as HTML that mounts itself, for pages without a kernel.

        Returns
        -------
        str
            Its picture, which a host without JavaScript shows, its caption, and the scripts that
            make it live. Where there is no Node to draw the picture, words stand in its place.
        """
        values = {name: getattr(self, name) for name in self.names()}
        picture = still(self.kind, self.x, self.sr, values) or (
            '<p class="sd-still">This figure is drawn by the browser, and needs JavaScript.</p>'
        )
        return (
            f'<figure class="sd-figure" id="figure-{self.kind}" data-figure="{self.kind}" '
            f"data-settings='{_attribute(values)}' "
            f'data-samples="{_data_url("audio/wav", _wav(self.x, self.sr))}">'
            f"<style>{style()}</style>{picture}"
            f"<figcaption>{html.escape(self.caption)}</figcaption></figure>\n"
            f"<script data-figures>{library_script()}</script>\n"
            f'<script data-kind="{self.kind}">{kind_script(self.kind)}</script>'
        )


def _usual_frame(sr: int) -> int:
    """Samples of the frame that the chapters take: a power of two near 46 ms."""
    return max(4, 2 ** round(np.log2(USUAL_FRAME * sr)))


def _loudest(x: Array, sr: int, seconds: float) -> Array:
    """Return the loudest part of a sound, begun at a quarter of the book's usual frame."""
    n_fft = _usual_frame(sr)
    length = min(len(x), n_fft if seconds == USUAL_FRAME else round(seconds * sr))
    frames = frame(x, length, n_fft // 4)
    start = int(np.argmax(np.sum(frames.astype(float) ** 2, axis=0))) * (n_fft // 4)
    return np.ascontiguousarray(x[start : start + length], np.float32)


class _Frames(Figure):
    kind = "frames"
    caption_of = (
        "Take hold of the lens, by the dot at its top, and draw it along: what does it leave "
        "behind? Then make it longer and shorter by the dots at its edges, and draw the dashed "
        "one, the next lens, away from it. When do the stripes become sharp, and what becomes "
        "of the beginnings of sounds?"
    )
    time = number(0.0, "where the lens is, s", minimum=0)
    n_fft = integer(1024, 2, 2**16, "length of the lens, samples")
    hop_length = integer(256, 1, 2**16, "from one lens to the next, samples")

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        part = _loudest(x, sr, STRETCH)
        n_fft = _usual_frame(sr)
        # Where it is loud, early enough to leave something to be found.
        early = part[: 6 * len(part) // 10]
        time = float(np.argmax(np.abs(early))) / sr if len(early) else 0.0
        return part, {"time": time, "n_fft": n_fft, "hop_length": n_fft // 4}


class _Probe(Figure):
    kind = "probe"
    caption_of = (
        "Move the dot along the axis at the bottom, which changes the frequency of the blue wave; or "
        "take the wave itself and stretch it. Where does the arrow grow? There, turn the dot on "
        "the dial, which is the phase of the wave: what happens to the sum, and what to the "
        "length of the arrow?"
    )
    frequency = number(440.0, "frequency of the wave, Hz", minimum=0)
    phase = number(0.0, "phase of the wave, degrees", minimum=-180, maximum=180)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        return _loudest(x, sr, USUAL_FRAME), {}


class _Agreement(Figure):
    kind = "agreement"
    caption_of = (
        "Three frames of one tone, each with a phase of its own; what leaves on the right comes "
        "in on the left. Push the waves sideways until their sum is the tone again, everywhere "
        "equally high. Is there more than one way? Then spoil it, and let Griffin and Lim do it, "
        "step by step. Can you find phases from which the steps lead nowhere?"
    )
    phase1 = number(-60.0, "of the first frame, degrees", minimum=-180, maximum=180)
    phase2 = number(90.0, "of the second frame, degrees", minimum=-180, maximum=180)
    phase3 = number(-15.0, "of the third frame, degrees", minimum=-180, maximum=180)
    n_steps = integer(0, 0, 40, "steps of Griffin and Lim")
    hertz = number(440.0, "the tone, the strongest of the clip, Hz", minimum=1)

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        part = _loudest(x, sr, USUAL_FRAME)
        size = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        hertz = np.arange(len(size)) * sr / len(part)
        inside = (hertz >= LOWEST_TONE) & (hertz <= min(HIGHEST_TONE, sr / 2))
        strongest = hertz[np.argmax(np.where(inside, size, -1))]
        return part, {"hertz": float(min(max(strongest, LOWEST_TONE), HIGHEST_TONE))}


@cache
def _kinds() -> dict[str, type[Figure]]:
    """The kinds of figures by their names, each with its program."""
    kinds = {made.kind: made for made in (_Frames, _Probe, _Agreement)}
    for name, made in kinds.items():
        made._esm = _program(name)
    return kinds


def _program(name: str) -> str:
    """The module that anywidget imports."""
    return _short(
        f"const {{ {name} }} = ({member(KINDS / f'{name}.js')})({{}});\n"
        f"const {{ render }} = ({member(HOSTS)})({{}});\n"
        f"export default {{ render: (given) => render({name}, given) }};\n"
    )


@cache
def library_script() -> str:
    """The classic script that all figures of a page share, as text.

    Returns
    -------
    str
    """
    return _short(library(MOUNT, SHARED))


@cache
def kind_script(name: str) -> str:
    """The classic script that brings a kind of figure, as text.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        It may come before or after that of `library_script`.
    """
    text = (
        f"(window.sdFigures ??= {{ kinds: {{}} }}).kinds[{_json(name)}] = "
        f"{member(KINDS / f'{name}.js', SHARED)};\nwindow.sdFigures.start?.();\n"
    )
    return _short(text)


def _short(program: str) -> str:
    """A program without its comments and its indents: no text in it goes over several lines."""
    return INDENTS.sub("", COMMENTS.sub("", program))


@cache
def style() -> str:
    """The style sheet of the figures, as text.

    Returns
    -------
    str
    """
    return COMMENTS.sub("", STYLE.read_text(encoding="utf-8"))
