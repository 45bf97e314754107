"""What stands under the title of a chapter: how long it takes to read, and its handout."""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

CHAPTER = re.compile(r"notebooks/(\d\d)_")
WORDS_A_MINUTE = 200  # of a text that has to be understood
HANDOUTS = "book/handouts"


def setup(app):
    """Let Sphinx add the line to each chapter that it has read."""
    app.connect("doctree-read", add_line)


def add_line(app, doctree):
    """Put the line under the title of a chapter, and nothing under that of another page."""
    chapter = CHAPTER.match(app.env.docname)
    title = next(iter(doctree.findall(nodes.title)), None)
    if not chapter or title is None:
        return
    line = nodes.paragraph(classes=["sd-reading"])
    line += nodes.Text(
        f"About {minutes(count_words(doctree))} minutes to read, without listening and exercises."
    )
    handout = f"{HANDOUTS}/{chapter.group(1)}"
    if Path(app.srcdir, f"{handout}.md").exists():
        line += [
            nodes.Text(" To fill in meanwhile: "),
            link_to(handout, app.env.docname),
            nodes.Text("."),
        ]
    title.parent.insert(title.parent.index(title) + 1, line)


def count_words(doctree):
    """Count the words of the paragraphs of a page; code, formulas and captions are not read."""
    return sum(len(text_of(paragraph).split()) for paragraph in doctree.findall(nodes.paragraph))


def text_of(paragraph):
    """Return what is read of a paragraph; a formula counts as one word."""
    return "".join(
        " x " if isinstance(text.parent, nodes.math) else text.astext()
        for text in paragraph.findall(nodes.Text)
    )


def minutes(n_words):
    """Return the minutes that `n_words` words take to read, to the nearest five."""
    return max(5, 5 * round(n_words / WORDS_A_MINUTE / 5))


def link_to(handout, docname):
    """Return a link to a handout, which Sphinx resolves."""
    return addnodes.pending_xref(
        "",
        nodes.inline("", "a handout of one page"),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{handout}",
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )
