"""Line drawings of the handouts: SVG, computed while the book is built.

    ```{diagram} frames
    What there is to see, for those who cannot see it.
    ```

They use the colour of the text around them, so they suit paper and dark mode, and print sharply.
"""

import html
from functools import cache

import numpy as np
from docutils import nodes
from docutils.parsers.rst import Directive

import specdemo as sd

WIDTH = 720


class Diagram(Directive):
    """The directive `diagram`: a drawing of this module, with its text alternative."""

    required_arguments = 1
    has_content = True

    def run(self):
        """Return the drawing as HTML."""
        name = self.arguments[0]
        if name not in DRAWINGS:
            raise self.error(f"there is no diagram {name!r}; known are {', '.join(DRAWINGS)}")
        if not self.content:
            raise self.error(f"the diagram {name!r} needs a text alternative")
        return [nodes.raw("", drawing(name, " ".join(self.content)), format="html")]


def setup(app):
    """Add the directive to Sphinx."""
    app.add_directive("diagram", Diagram)


@cache
def drawing(name, alternative):
    """Return a drawing as an SVG element with a text alternative."""
    height, parts = DRAWINGS[name]()
    return (
        f'<div class="sd-drawing"><svg class="sd-diagram" role="img" viewBox="0 0 {WIDTH} {height}" '
        f'aria-label="{html.escape(alternative)}" fill="none" stroke="currentColor" '
        f'stroke-width="1.2">{ARROWHEAD}{"".join(parts)}</svg></div>'
    )


# --- pieces ----------------------------------------------------------------------------------

ARROWHEAD = (
    '<defs><marker id="sd-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="currentColor" '
    'stroke="none"/></marker></defs>'
)
ACCENT, SOFT = ' stroke="var(--sd-accent)"', ' opacity="0.45"'


def curve(x, y, style=""):
    """A line through points."""
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return f'<polyline points="{points}"{style}/>'


def line(x1, y1, x2, y2, style=""):
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{style}/>'


def arrow(x1, y1, x2, y2, style=""):
    """A straight arrow."""
    return line(x1, y1, x2, y2, style + ' marker-end="url(#sd-tip)"')


def box(x, y, width, height, style=""):
    """A rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"{style}/>'


def disc(x, y, radius, style=""):
    """A filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="currentColor"{style}/>'


def words(x, y, text, anchor="middle", size=13, style=""):
    """A line of text; `y` is its foot."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="currentColor" stroke="none"{style}>{html.escape(text)}</text>'
    )


# --- drawings: each returns its height and its parts ------------------------------------------


def frames():
    """A wave, the windows of five frames, and a column of the spectrogram for each."""
    n = np.arange(680)
    wave = np.sin(2 * np.pi * n / np.where(n < 340, 34, 17)) * np.sin(np.pi * n / 340) ** 2
    length, hop, left = 200, 120, 20
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    parts = [curve(left + n, 40 - 28 * wave), words(left, 12, "wave", "start")]
    for m in range(5):
        start = m * hop
        parts.append(curve(left + start + np.arange(length), 128 - 44 * hann, ACCENT))
        parts.append(arrow(left + start + 100, 134, left + start + 100, 152))
        spectrum = np.abs(np.fft.rfft(wave[start : start + length] * hann))[2:14:2]
        for k, size in enumerate(spectrum / 45):
            shade = f' fill="currentColor" fill-opacity="{min(0.9, size):.2f}"'
            parts.append(box(left + start + 70, 230 - 12 * k, 60, 12, shade))
    parts += [
        line(left, 76, left + length, 76),
        line(left, 72, left, 80),
        line(left + length, 72, left + length, 80),
        words(left + 100, 71, "frame"),
        line(left, 92, left + hop - 86, 92, SOFT),
        words(left + 38, 96, "hop", size=12),
        words(left + 36, 206, "bins", size=12),
        words(360, 260, "spectrogram", size=12),
        words(left + 650, 92, "windows", size=12),
        words(left + 650, 148, "DFT", size=12),
    ]
    return 266, parts


def loop():
    """Griffin and Lim's two steps, as a circle of three boxes."""
    texts = (
        ("right magnitudes,", "some phases"),
        ("a sound", "(overlap-add)"),
        ("its STFT: consistent,", "other magnitudes"),
    )
    parts = []
    for x, (upper, lower) in zip((20, 275, 530), texts, strict=True):
        parts += [
            box(x, 40, 170, 62, ' rx="8"'),
            words(x + 85, 67, upper),
            words(x + 85, 87, lower),
        ]
    parts += [
        arrow(190, 71, 273, 71),
        words(231, 62, "inverse STFT", size=11),
        arrow(445, 71, 528, 71),
        words(486, 62, "STFT", size=11),
        '<path d="M615 102 C615 160 105 160 105 106" marker-end="url(#sd-tip)"' + ACCENT + "/>",
        words(360, 130, "keep the phases, put the magnitudes back"),
        words(360, 24, "step 1: make it consistent", size=12),
        words(360, 164, "step 2", size=12),
    ]
    return 172, parts


def slaney_bank(n_mels):
    """Edges of a bank up to 8000 Hz, and its triangles over a fine axis in Hz."""
    edges = sd.mel_to_hz(np.linspace(0, sd.hz_to_mel(8000), n_mels + 2))
    f = np.linspace(0, 8000, 801)
    corners = zip(edges, edges[1:], edges[2:], strict=False)
    return edges, f, np.array([np.interp(f, three, [0, 1, 0]) for three in corners])


def place(f):
    """Where a frequency lies across a drawing."""
    return 40 + np.asarray(f) * 640 / 8000


def triangles():
    """Ten triangles of height one, evenly spaced in mel, over a linear axis in Hz."""
    edges, f, bank = slaney_bank(10)
    parts = [line(40, 120, 690, 120), words(690, 156, "Hz", "end")]
    for i, triangle in enumerate(bank):
        seen = triangle > 0
        parts.append(curve(place(f[seen]), 120 - 80 * triangle[seen], ACCENT if i == 6 else ""))
    parts += [words(place(edges[7]), 30, "a band: a weighted sum of bins", size=12)]
    for hz in (0, 1000, 2000, 4000, 6000, 8000):
        parts += [line(place(hz), 120, place(hz), 126), words(place(hz), 141, str(hz), size=12)]
    return 160, parts


def two_spectra(f, bank):
    """A smooth spectrum, and one with as many spikes as there are bands that has the same bands."""
    smooth = np.exp(-f / 2600) * (1.1 + np.cos(2 * np.pi * f / 1500))
    spikes = np.zeros_like(f)
    tips = bank.argmax(axis=1)
    spikes[tips] = np.linalg.solve(bank[:, tips], bank @ smooth)
    return smooth, spikes


def same_bands():
    """Two spectra, one smooth and one of spikes, with the same eight bands."""
    _, f, bank = slaney_bank(8)
    smooth, spikes = two_spectra(f, bank)
    bands = bank @ smooth
    parts = [
        words(125, 22, "one spectrum"),
        words(365, 22, "another"),
        words(605, 22, "their bands"),
    ]
    across = f * 200 / 8000
    tips = np.flatnonzero(spikes)
    for left in (25, 265, 505):
        parts.append(line(left, 140, left + 205, 140))
    parts.append(curve(25 + across, 140 - 100 * smooth / smooth.max()))
    for at, size in zip(across[tips], spikes[tips], strict=True):
        parts.append(line(265 + at, 140, 265 + at, 140 - 100 * size / spikes.max(), ACCENT))
    for i, size in enumerate(bands / bands.max()):
        parts.append(
            box(
                508 + 25 * i,
                140 - 100 * size,
                19,
                100 * size,
                ' fill="currentColor" fill-opacity="0.25"',
            )
        )
    parts += [words(245, 100, "≠", size=20), arrow(472, 90, 500, 90)]
    parts.append(words(360, 164, "Both have the bands on the right. Which was it?", size=12))
    return 174, parts


def cosines():
    """The first five cosines along the mel axis."""
    i = np.linspace(0, 1, 120)
    parts = []
    for n in range(5):
        left = 14 + 142 * n
        parts += [
            line(left, 70, left + 120, 70, SOFT),
            curve(left + 120 * i, 70 - 34 * np.cos(np.pi * n * i), ACCENT),
            words(left + 60, 24, f"n = {n}"),
            line(left, 138, left + 120, 138, ' stroke-dasharray="2 3"'),
        ]
    parts.append(words(360, 122, "what it stands for, where there is a word for it:", size=12))
    parts.append(words(14, 154, "low bands left, high bands right", "start", size=11))
    return 162, parts


def staircase():
    """Six levels as stairs, with what each step down loses."""
    levels = ("wave", "magnitude", "db", "mel", "short", "mfcc")
    losses = ("phase", "what is quiet", "pitch detail", "timing", "fine outline")
    parts, x, y = [], 20, 34
    for i, name in enumerate(levels):
        parts += [line(x, y, x + 112, y), words(x + 52, y - 8, name, size=14)]
        if i < len(losses):
            parts += [
                line(x + 112, y, x + 112, y + 30),
                words(x + 106, y + 22, f"loses {losses[i]}", "end", 11),
            ]
        x, y = x + 112, y + 30
    parts.append(
        '<path d="M690 166 C690 70 560 26 330 24" stroke-dasharray="5 4" '
        'marker-end="url(#sd-tip)"' + ACCENT + "/>"
    )
    parts.append(words(690, 22, "up again: guess what is missing", "end", 12))
    return 196, parts


def stations():
    """The nine stations from a sound to a model's array, with one choice of each."""
    choices = (
        ("rate", "22050 Hz"),
        ("grid", "1024, 256"),
        ("ends", "reflected"),
        ("before", "filtered"),
        ("bands", "80, to 8 kHz"),
        ("power", "squares"),
        ("logarithm", "base, floor"),
        ("normalising", "mean, std"),
        ("layout", "frames first"),
    )
    i = np.arange(40)
    parts = [curve(2 + i, 62 - 16 * np.sin(i / 2.2) * np.sin(np.pi * i / 39), ACCENT)]
    for number, (station, choice) in enumerate(choices):
        left = 52 + 68 * number
        parts += [
            arrow(left - 8, 62, left, 62),
            box(left, 44, 60, 36, ' rx="5"'),
            words(left + 30, 66, station, size=9),
            words(left + 30, 98 + 14 * (number % 2), choice, size=10),
        ]
    parts.append(arrow(656, 62, 664, 62))
    for row, column in np.ndindex(4, 6):
        shade = (
            f' fill="currentColor" fill-opacity="{0.15 + 0.1 * ((row * 5 + column * 3) % 7):.2f}"'
        )
        parts.append(box(667 + 8 * column, 46 + 8 * row, 8, 8, shade))
    parts += [words(20, 30, "sound", size=12), words(691, 30, "array", size=12)]
    return 122, parts


def bottleneck():
    """A segment, the funnel to its code and from it, and the segment again."""
    parts = []
    for left, seed in ((40, 5), (600, 4)):
        for row, column in np.ndindex(8, 6):
            shade = 0.1 + 0.1 * ((row * seed + column * 3) % 7)
            style = f' fill="currentColor" fill-opacity="{shade:.1f}"'
            parts.append(box(left + 10 * column, 40 + 10 * row, 10, 10, style))
    for x1, x2 in ((120, 320), (580, 380)):
        parts += [line(x1, 40, x2, 66), line(x1, 120, x2, 94)]
    parts += [disc(350, y, 4) for y in (66, 80, 94)]
    parts += [words(70, 30, "segment"), words(630, 30, "rebuilt"), words(350, 130, "code")]
    parts += [words(225, 84, "encoder"), words(475, 84, "decoder")]
    return 140, parts


def holes():
    """Codes as dots, and codes as discs that overlap; a cross where chance may fall."""
    dots = ((40, 40), (110, 30), (75, 75), (30, 105), (120, 110))
    parts = []
    for left, radius in ((140, 4), (410, 28)):
        parts.append(box(left, 10, 150, 140))
        for x, y in dots:
            parts.append(disc(left + x, 10 + y, radius, ' fill-opacity="0.15"'))
            parts.append(disc(left + x, 10 + y, 4))
        x, y = left + 95, 62
        parts += [line(x - 6, y - 6, x + 6, y + 6), line(x - 6, y + 6, x + 6, y - 6)]
    parts += [words(215, 168, "codes"), words(485, 168, "clouds")]
    return 178, parts


def shards():
    """Recordings, the shards that they are cut into, and the three files of one, in their order."""
    widths = (26, 40, 18, 34, 30, 22, 44, 20, 36, 24, 40, 28)
    parts, left = [words(20, 14, "recordings", "start")], 20
    for number, width in enumerate(widths):
        shade = f' fill="currentColor" fill-opacity="{0.12 + 0.12 * (number // 4)}"'
        parts.append(box(left, 22, width, 26, shade))
        left += width + 4
    parts.append(words(20, 86, "shards", "start"))
    for number in range(3):
        x = 20 + 150 * number
        shade = f' fill="currentColor" fill-opacity="{0.12 + 0.12 * number}"'
        parts += [arrow(x + 60, 50, x + 60, 92), box(x, 94, 130, 26, shade + ' rx="4"')]
    for number, (name, what) in enumerate(
        (("plan", "which recordings"), ("data", "all frames"), ("record", "whose, and their sum"))
    ):
        y = 30 + 44 * number
        parts += [
            box(490, y, 62, 28, ACCENT + ' rx="4"'),
            words(521, y + 19, name),
            words(562, y + 19, what, "start", 12),
        ]
        if number:
            parts.append(arrow(521, y - 16, 521, y - 1))
    parts.append(words(490, 18, "written in this order", "start", 12))
    return 152, parts


DRAWINGS = {
    drawn.__name__.replace("_", "-"): drawn
    for drawn in (
        frames,
        loop,
        triangles,
        same_bands,
        cosines,
        staircase,
        stations,
        bottleneck,
        holes,
        shards,
    )
}
