"""Formulas as MathML, and the font that they are set in.

TeX becomes MathML while the book is built, so that a page needs no script to show a formula:
browsers lay it out like the text around it, and screen readers read it. The font is STIX Two Math,
cut down to the characters that the pages use.
"""

import html
import importlib.util
import re
import unicodedata
from pathlib import Path

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from finish.fonts import subset_font

MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
# Letters of formulas in Unicode that are italic; a browser shows a lone letter by one of them.
ITALIC = (*range(0x1D434, 0x1D468), *range(0x1D6A4, 0x1D6A6), *range(0x1D6E2, 0x1D71C), 0x210E)

logger = logging.getLogger(__name__)


def setup(app):
    """Make MathML the form of formulas in HTML."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))


def visit_math(translator, node):
    """Write a formula within a line."""
    translator.body.append(translator.starttag(node, "span", "", CLASS="math notranslate"))
    translator.body.append(to_mathml(node.astext(), node, displaystyle=False) + "</span>")
    raise nodes.SkipNode


def visit_math_block(translator, node):
    """Write a formula on lines of its own, with its number if it has one."""
    # A formula that is wider than the screen is scrolled, also by keyboard.
    attributes = {"CLASS": "math notranslate", "tabindex": "0"}
    translator.body.append(translator.starttag(node, "div", **attributes))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    tex = node.astext() if node["nowrap"] else in_lines(node.astext())
    translator.body.append(to_mathml(tex, node, displaystyle=True) + "</div>\n")
    raise nodes.SkipNode


def in_lines(tex):
    """Align a formula that is broken into lines and says nothing about how."""
    if r"\\" in tex and r"\begin" not in tex:
        return rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return tex


def to_mathml(tex, node, displaystyle):
    """Convert TeX; a formula that cannot be is a warning, and shown as it was typed."""
    try:
        return LatexToMathML(fancy_error=False).convert_with_local_state(
            tex, displaystyle=displaystyle
        )
    except LatexError as error:
        logger.warning("formula %r: %s", tex, error, location=node)
        return f"<code>{html.escape(tex)}</code>"


def write_font(pages, path):
    """Write the math font with the characters of the pages' formulas; nothing when none has any."""
    formulas = "".join(MATH.findall("".join(pages)))
    characters = set(html.unescape(TAG.sub("", formulas)))
    if "<msqrt" in formulas or "<mroot" in formulas:
        characters.add("√")
    if characters:
        path.write_bytes(subset_font(math_font(), characters | italics(characters)))


def math_font():
    """Path of STIX Two Math, which the package ziamath brings along."""
    package = Path(importlib.util.find_spec("ziamath").origin).parent
    return package / "fonts" / "STIXTwoMath-Regular.ttf"


def italics(characters):
    """Return the italic forms of letters."""
    # "<font> 03D5" for the italic phi; nothing for the gap that the older italic h has left.
    decompositions = {unicodedata.decomposition(chr(code)): chr(code) for code in ITALIC}
    wanted = (f"<font> {ord(character):04X}" for character in characters)
    return {decompositions[plain] for plain in wanted if plain in decompositions}
