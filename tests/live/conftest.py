"""A headless browser that no request leaves, and pages with twins of the Explorer."""

import numpy as np
import pytest

import specdemo as sd
from serving import serving
from specdemo.live import widget
from specdemo.live.twin import script, sound_script
from visit import ExplorerVisit, visiting

# What a strict host allows: no request, scripts and workers from the page itself.
POLICY = "script-src 'self' 'unsafe-inline' blob:; worker-src blob:; connect-src 'none'"

# In Hz: all browsers play those from 8000 to 96000 alone.
RATES = (1, 100, 1000, 3000, 8000, 11025, 96_000, 192_000, 384_000, 1_000_000)
# Of the voice: whatever is changed is computed anew. What is played takes the whole.
SECONDS = 1.5

PAGE = """<!DOCTYPE html>
<html lang="en"{attributes}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
body {{ margin: 1rem auto; padding: 0 0.5rem; max-width: 45rem }}
figure {{ margin: 0 }}
</style>
{head}
</head>
<body><main><h1>{title}</h1>
{body}
</main></body>
</html>
"""


def tone(sr=22050, seconds=1.0, frequency=440.0):
    """A sine whose second half is softer."""
    t = np.arange(round(sr * seconds)) / sr
    return (np.sin(2 * np.pi * frequency * t) * np.where(t < seconds / 2, 0.5, 0.1)).astype("f4")


def write_page(folder, name, *twins, head="", attributes="", between=""):
    """Write a page with some twins, and return its name."""
    body = between.join(twins)
    text = PAGE.format(title=name, head=head, body=body, attributes=attributes)
    (folder / f"{name}.html").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A folder with a page for every step, one with a short sound, and some for special cases."""
    folder = tmp_path_factory.mktemp("site")
    x, sr = sd.load("speech", duration=SECONDS)
    twins = {
        step: sd.Explorer(
            "speech", sounds={"speech": (x, sr)}, step=step, n_iter=8, caption="Hear it."
        ).twin()
        for step in widget.STEPS
    }
    for step, twin in twins.items():
        write_page(folder, step, twin)
    write_page(folder, "whole", sd.Explorer(step="inversion", n_iter=8).twin())
    write_pages_around(folder, twins)
    write_pages_of_own_sounds(folder)
    write_book_page(folder)
    return folder


def write_pages_around(folder, twins):
    """Twins under a policy, in the dark, and two on a page."""
    write_page(
        folder,
        "policy",
        twins["inversion"],
        head=f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
    )
    write_page(
        folder,
        "dark",
        twins["staircase"],
        attributes=' data-theme="dark"',
        head="<style>body { background: #121212; color: #eee }</style>",
    )
    write_page(
        folder,
        "two",
        twins["spectrogram"],
        twins["spectrogram"],
        between='<div style="height: 3000px"></div>',
    )


def write_pages_of_own_sounds(folder):
    """Signals under labels that are markup, and at all rates."""
    own = {
        "<b>tone</b>": (tone(), 22050),
        "silence": (np.zeros(4000, "f4"), 8000),
        "click": (np.array([0.5, -0.5, 0.1], "f4"), 8000),
    }
    write_page(folder, "own", sd.Explorer("<b>tone</b>", sounds=own, caption="<i>mine</i>").twin())
    rates = {f"{sr} Hz": (tone(sr, max(0.05, 50 / sr), sr / 50), sr) for sr in RATES}
    write_page(folder, "rates", sd.Explorer(f"{RATES[0]} Hz", sounds=rates).twin())


def write_book_page(folder):
    """A page as in the book: script and sounds are files of their own."""
    twin = sd.Explorer(step="mel").twin()
    start, end = twin.index("data-sounds='") + 13, twin.index("'><img")
    sounds = '{"speech": "clips/speech.js", "drums": "clips/drums.js", "gone": "clips/gone.js"}'
    twin = twin[:start] + sounds + twin[end:]
    figure = twin[: twin.index("<script")]
    write_page(folder, "book", figure + '<script async src="specdemo.js"></script>')
    (folder / "specdemo.js").write_text(script(), encoding="utf-8")
    (folder / "clips").mkdir()
    for name in ("speech", "drums"):
        text = sound_script(name, *sd.load(name))
        (folder / "clips" / f"{name}.js").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def server(site):
    """The address of a server for the site."""
    with serving(site) as address:
        yield address


@pytest.fixture
def visit(browser, server):
    """A fresh page over http; it must end without problems."""
    with visiting(browser, server, ExplorerVisit) as visit:
        yield visit


@pytest.fixture
def visit_file(browser, site):
    """The same from the disk."""
    with visiting(browser, site.as_uri(), ExplorerVisit) as visit:
        yield visit
