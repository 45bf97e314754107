"""Sphinx extension of the book: pages that need no third party and stay light.

`pages/` is what makes nodes of Markdown: formulas are MathML from the start (`formulas`), quizzes are
choices to unfold (`quiz`), the handouts have drawings (`diagrams`), words of the glossary are linked
where they come first (`terms`), under the title of a chapter stands how long it takes to read
(`reading`), and in the head of a page what it is about (`summary`). `finish/` goes over every page
once more, after Sphinx has written the site (`site`).
"""

import zlib
from functools import partial
from pathlib import Path

import jupyter_cache.executors.utils
import nbclient

from finish import live
from finish.site import finish_site
from pages import diagrams, formulas, quiz, reading, summary, terms
from specdemo.live.twin import hear_script, players_script


def setup(app):
    """Connect the extension to Sphinx."""
    for part in (formulas, quiz, diagrams, terms, reading, summary):
        part.setup(app)
    join_what_is_printed()
    app.connect("builder-inited", live.write_scripts)
    # After the theme, which writes the colours of code anew when the build is finished.
    app.connect("build-finished", finish_site, priority=900)
    return {
        "env_version": source_version(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def join_what_is_printed():
    """Let the text of a cell be stored in one piece, however the kernel has cut it.

    Otherwise myst-nb would end each piece with a line break, and two builds would differ.
    """
    jupyter_cache.executors.utils.executenb = partial(nbclient.execute, coalesce_streams=True)


def source_version():
    """Return a number that changes with these modules: the pages are then written anew."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    texts = [path.read_bytes() for path in sources]
    scripts = [players_script().encode(), hear_script().encode()]
    return zlib.crc32(b"".join([*texts, *scripts]))
