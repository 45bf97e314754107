"""What a search engine or a shared link says of a page: the first sentences that stand on it.

A page may say it in its own words, by `myst: html_meta: description: ...` in its front matter.
"""

import html
import re

from docutils import nodes

MOST_CHARACTERS = 200
SENTENCE = re.compile(r"(?<=[.?!:])\s+")


def setup(app):
    """Let Sphinx write the description into the head of each page."""
    app.connect("html-page-context", add_description)


def add_description(app, pagename, templatename, context, doctree):
    """Add the description to the head of a page that has text of its own."""
    if doctree is None or 'name="description"' in context["metatags"]:
        return
    opening = first_paragraph(doctree)
    if opening is not None:
        content = html.escape(first_sentences(opening.astext()))
        context["metatags"] += f'<meta name="description" content="{content}" />\n'


def first_paragraph(doctree):
    """Return the first paragraph between headings; None where a page is but a list."""
    for one in doctree.findall(nodes.paragraph):
        if isinstance(one.parent, nodes.section) and "sd-reading" not in one["classes"]:
            return one
    return None


def first_sentences(text):
    """Return as many whole sentences as fit, and at least one."""
    first, *others = SENTENCE.split(" ".join(text.split()))
    for sentence in others:
        if len(first) + len(sentence) >= MOST_CHARACTERS:
            break
        first += f" {sentence}"
    return first
