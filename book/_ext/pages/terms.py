"""Words of the glossary, linked to it where a page first uses them.

The pages are plain text: nobody has to know where a word comes first, and none is forgotten when a
paragraph moves. A word that an author has linked by hand counts when it comes first.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

GLOSSARY = "book/glossary.md"
PAGES = re.compile(r"notebooks/|book/(?:faq|predecessor)$")
ENTRY = re.compile(r"^```\{glossary\}\n(.*?)^```", re.DOTALL | re.MULTILINE)
# Nothing is linked in code and formulas, in what is a link already, in titles and captions.
CLOSED = (
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.title,
    nodes.caption,
    nodes.reference,
    nodes.raw,
    nodes.comment,
    addnodes.pending_xref,
)


def setup(app):
    """Let Sphinx link the words of each page that it has read."""
    app.connect("doctree-read", link_page)


def link_page(app, doctree):
    """Link the words of a chapter, or of a page of questions."""
    glossary = Path(app.srcdir, GLOSSARY)
    if PAGES.match(app.env.docname) and glossary.exists():
        app.env.note_dependency(str(glossary))
        link_words(doctree, entries(glossary.read_text(encoding="utf-8")), app.env.docname)


def entries(glossary):
    """Return the words that a glossary explains."""
    text = "".join(ENTRY.findall(glossary))
    return [line for line in text.splitlines() if line and not line.startswith(" ")]


def pattern(words):
    """Return what finds one of the words, the first that fits, as a group with its number.

    Singular or plural, large or small; abbreviations only as they are written. A hyphen is part of
    a word.
    """
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(one_word, words))})(?![\w-])")


def one_word(word):
    """Return what finds a word, in a group of its own."""
    first, rest = word[0], re.escape(word[1:]).replace(r"\ ", r"[\s-]")
    first = f"[{first}{first.upper()}]" if first.islower() else re.escape(first)
    return f"({first}{rest}(?:s|es)?)"


def link_words(doctree, words, docname=""):
    """Link each word of a glossary at its first use in a page, in place; of two, the longer."""
    left = sorted(words, key=len, reverse=True)
    for node in list(
        doctree.findall(lambda node: isinstance(node, (nodes.Text, addnodes.pending_xref)))
    ):
        if isinstance(node, addnodes.pending_xref):
            left = [word for word in left if not links_to(node, word)]
        elif left and not is_closed(node):
            left = link_text(node, left, docname)


def links_to(node, word):
    """Whether a link that an author has made leads to a word."""
    return node["reftype"] == "term" and node["reftarget"].lower() == word.lower()


def is_closed(node):
    """Whether no link may stand here."""
    while node is not None:
        if isinstance(node, CLOSED):
            return True
        node = node.parent
    return False


def link_text(node, words, docname):
    """Link the words that come in a text; return those that are left."""
    parts, end, linked = [], 0, set()
    text = node.astext()
    for match in pattern(words).finditer(text):
        word = words[match.lastindex - 1]
        if word not in linked:
            linked.add(word)
            parts += [nodes.Text(text[end : match.start()]), link_to(word, match.group(), docname)]
            end = match.end()
    if linked:
        node.parent.replace(node, [*parts, nodes.Text(text[end:])])
    return [word for word in words if word not in linked]


def link_to(word, text, docname):
    """Return a link to a word of the glossary, which Sphinx resolves."""
    return addnodes.pending_xref(
        "",
        nodes.inline("", text, classes=["std-term"]),
        refdomain="std",
        reftype="term",
        reftarget=word,
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )
