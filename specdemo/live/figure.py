"""Figures to take hold of: one idea each, whose handles are traits and lie in the drawing."""

from __future__ import annotations

import html
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
from specdemo.live.traits import Setting, Twinned, name_of
from specdemo.live.twin import _attribute, _data_url, _json, _wav, short
from specdemo.stft import frame

FOLDER = Path(__file__).parent
PARTS = FOLDER / "js" / "parts"
HOSTS = PARTS / "hosts.js"
DRAWINGS = FOLDER / "figures"
MOUNT = DRAWINGS / "mount.js"
# In this order: the later sheet refines the earlier one.
STYLES = (DRAWINGS / "figures.css", DRAWINGS / "around.css")

# What several figures import; the rest of the mathematics comes with the figure that needs it.
SHARED = (HOSTS, PARTS / "axes.js", FOLDER / "js" / "dsp" / "stft.js")

# Seconds of a recording that are looked at, as in the chapters.
LONGEST_S = 8.0
# Seconds of the book's usual frame.
USUAL_FRAME = 0.046


class Figure(Twinned):
    """An idea to take hold of: its handles are in the drawing, and traits of this object.

    Parameters
    ----------
    name : str
        "excerpt", "frames", "probe", "leakage", "tradeoff", "phasors", "agreement",
        "projections", "integration", "steps", "bank", "merge", "many", "em", "cepstrum",
        "stairs" or "speak".
        What is seen: a piece of a spectrogram, heard alone; a lens that leaves the spectrogram
        behind as its trail; a wave laid over a frame; a tone under a window, and what leaks;
        two clicks and two tones, which no frame may part; what bins see of a partial, frame by
        frame; three frames of a tone that have to agree; Griffin and Lim's steps between a line
        and a circle; phases that are found cell by cell; tones in equal steps of pitch;
        triangles over the bins of a frame; the frames of a band merged and drawn back; other
        spectra with the same bands; four ways from bands to a spectrum; the cosines that a mel
        spectrum is made of; the loss budget; what a decoder says between two voices or digits.
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
    start, end, low, high : float
        Of "excerpt": its edges, in s from the start of `x` and in Hz.
    time, n_fft, hop_length : float, int, int
        Of "frames": where the lens is, in s from the start of `x`; its length; the hop to the
        next one. The lens takes the nearest of its lengths, four to the octave.
    frequency, phase : float
        Of "probe": the wave, in Hz and degrees.
    cycles, shoulders : float
        Of "leakage": cycles of the tone in a frame, and the window: 0 is rectangular, 1 Hann's,
        2 Blackman's.
    clicks, tones, frame : float
        Of "tradeoff": how far the clicks are apart, in ms, and the tones, in Hz; the length of the
        frame in ms. It takes the nearest of its lengths, sixteen to the octave.
    partial, astray, frame : float, float, int
        Of "phasors": frequency of the partial in bins; whether its phases are true (0), zero (-1),
        random (1) or on the way there; the frame that is looked at.
    phase1, phase2, phase3, n_steps, hertz : float, float, float, int, float
        Of "agreement": how far each frame is turned from the tone, in degrees, how many steps of
        Griffin and Lim's algorithm follow, and the frequency of the tone, in Hz.
    start, height, momentum, n_steps : float, float, float, int
        Of "projections": where on the circle the path begins, in degrees; the height of the line;
        how far a step overshoots the last change; the number of steps.
    start, found : int, int
        Of "integration": the cell that is found first, which is its frame times the number of bins
        that are shown, and its bin; how many per cent of the cells are found.
    corner, tone, n_tones : float, float, int
        Of "steps": the corner of the ruler in Hz, 700 for mel; the tone that is heard, in per cent
        of the row; how many there are.
    fmin, fmax, n_mels, norm, htk, place : float, float, int, float, int, float
        Of "bank": its edges in Hz, the number of bands, how far it is from height one, 0, to area
        one, 1, whether its scale is that of HTK, 1, or Slaney's, 0, and the band that is heard, in
        per cent of all.
    factor, band, power : int, int, float
        Of "merge": frames that become one; the band; the mean of levels, 0, of amplitudes, 1, or of
        powers, 2.
    mixed, which, frequency, pull : float, int, float, float
        Of "many": how far the spectrum is from the frame's own to another, in per cent; which other
        one; the bin that is pulled, in Hz, and by how many dB.
    n_iter, way : int, int
        Of "em": iterations; and 1 for EM, 2 for the transpose, 3 for the pseudo-inverse, 4 for NNLS.
    moment, pitch, c0, c1, ... c12 : float
        Of "cepstrum": a moment of the clip, in s; the pitch of the voice in Hz, of which the lowest,
        60, is a whisper; the mean level and the heights of the cosines, in dB.
    step, mark : int, int
        Of "stairs", whose `x` is the clip and, behind it, what came back from each step: the step
        that one stands on, and the first where one hears it.
    first, second, digit : float
        Of "speak", which needs no clip: the two numbers of a code, from -5 to 5, and the digit that
        is asked for, from 0 to 9, between two of them where it is not whole. Its decoder is that of
        chapter 9, or one of your own, by the settings `decoder`, a list of weights as
        `specdemo.nets.mlp` makes them, for a code of 2 numbers and the label of 10 digits; and
        `words`, rows of known words, each (code, digit, voice), of which `unheard` names the voice
        that it has not learned.

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
    # What the drawing needs beside the sound, as JSON.
    model: str = ""
    _css = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
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
                f"{unknown[0]} is not a setting of the figure {name!r}; known are {', '.join(names)}"
            )
        _checks.text_or_none("caption", caption)
        x, self.sr = load(
            _checks.no_array("clip", clip, "save it, and name the file"), duration=LONGEST_S
        )
        self.clip = clip if isinstance(clip, str) else name_of(clip)
        self.x, start = self.chosen(x, self.sr)
        self.caption = self.caption_of if caption is None else caption
        given = {"names": names, "caption": self.caption, "sr": self.sr, "model": self.model}
        super().__init__(
            _samples=np.ascontiguousarray(self.x, "<f4").tobytes(),
            _given=given,
            **self._together({**start, **settings}, settings),
        )

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the handles' traits."""
        # Not of `cls`, of which every widget has one of its own.
        traits = vars(_kinds()[cls.kind])
        return [name for name, trait in traits.items() if isinstance(trait, Setting)]

    @staticmethod
    def chosen(x: Array, sr: int) -> tuple[Array, dict[str, Any]]:
        """Return the part of a clip that is shown, and where the handles start: the loudest frame."""
        return loudest(x, sr, USUAL_FRAME), {}

    def _together(self, values: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """Return values that can be together, of which those that are `given` stay, or say why not."""
        return values

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
        picture = still(self.kind, self.x, self.sr, values, self.model) or (
            '<p class="sd-still">This figure is drawn by the browser, and needs JavaScript.</p>'
        )
        model = f' data-model="{html.escape(self.model)}"' if self.model else ""
        return (
            f'<figure class="sd-figure" id="figure-{self.kind}" data-figure="{self.kind}" '
            f"data-settings='{_attribute(values)}' "
            f'data-samples="{_data_url("audio/wav", _wav(self.x, self.sr))}"{model}>'
            f"<style data-figures>{style()}</style>{picture}"
            f"<figcaption>{html.escape(self.caption)}</figcaption></figure>\n"
            f"<script data-figures>{library_script()}</script>\n"
            f'<script data-kind="{self.kind}">{kind_script(self.kind)}</script>'
        )


def usual_frame(sr: int) -> int:
    """Samples of the frame that the chapters take: a power of two near 46 ms."""
    return max(4, 2 ** round(np.log2(USUAL_FRAME * sr)))


def loudest(x: Array, sr: int, seconds: float) -> Array:
    """Return the loudest part of a sound, begun at a quarter of the book's usual frame."""
    n_fft = usual_frame(sr)
    length = min(len(x), n_fft if seconds == USUAL_FRAME else round(seconds * sr))
    frames = frame(x, length, n_fft // 4)
    start = int(np.argmax(np.sum(frames.astype(float) ** 2, axis=0))) * (n_fft // 4)
    return np.ascontiguousarray(x[start : start + length], np.float32)


@cache
def _kinds() -> dict[str, type[Figure]]:
    """The kinds of figures by their names, each with its program."""
    # They are made of the class above.
    from specdemo.live.figures import KINDS

    kinds = {made.kind: made for made in KINDS}
    for name, made in kinds.items():
        made._esm = _program(name)
    return kinds


def _program(name: str) -> str:
    """The module that anywidget imports."""
    return short(
        f"const {{ {name} }} = ({member(DRAWINGS / f'{name}.js')})({{}});\n"
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
    return short(library(MOUNT, SHARED))


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
        f"{member(DRAWINGS / f'{name}.js', SHARED)};\nwindow.sdFigures.start?.();\n"
    )
    return short(text)


@cache
def style() -> str:
    """The style sheet of the figures, as text.

    Returns
    -------
    str
    """
    return short(Figure._css)
