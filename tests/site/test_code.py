"""Marks of code that nobody sees."""

import re

import pytest
from bs4 import BeautifulSoup

from finish import code

SHEET = """pre { line-height: 125%; }
html[data-theme="light"] .highlight .hll { background-color: #ff0 }
html[data-theme="light"] .highlight { background: #fefefe; color: #080808 }
html[data-theme="light"] .highlight .c { color: #515151 } /* Comment */
html[data-theme="light"] .highlight .n { color: #080808 } /* Name */
html[data-theme="light"] .highlight .p { color: #080808 } /* Punctuation */
html[data-theme="light"] .highlight .gs { color: #080808; font-weight: bold } /* Strong */
html[data-theme="dark"] .highlight { background: #2b2b2b; color: #F8F8F2 }
html[data-theme="dark"] .highlight .n { color: #F8F8F2 } /* Name */
html[data-theme="dark"] .highlight .p { color: #FFFFFF } /* Punctuation */
html[data-theme="dark"] .highlight .gs { color: #F8F8F2; font-weight: bold } /* Strong */
"""


def test_unseen_is_what_has_the_colour_of_all_code_in_every_theme():
    assert code.unseen(SHEET) == {"n"}
    assert code.unseen("") == frozenset()


def test_marks_that_are_unseen_go_and_all_else_stays():
    rest = '<span class="n">no code</span>'
    page = (
        '<div class="highlight"><pre><span></span><span class="n">x</span> <span class="o">&lt;'
        '</span> <span class="n">y</span><span class="gp">&gt;&gt;&gt; </span>\n</pre></div>'
    )
    kept = (
        '<div class="highlight"><pre>x <span class="o">&lt;</span> y'
        '<span class="gp">&gt;&gt;&gt; </span>\n</pre></div>'
    )
    assert code.without_marks(page + rest, {"n"}) == kept + rest
    assert code.without_marks(page, frozenset()) == page


@pytest.mark.parametrize(
    ("printed", "wraps"),
    [
        ("Exercise 1.1: right. The three hang together.\nSo do two lines.\n", True),
        ("    indented\n", True),
        ("32 bits    1.0 dB\n 8 bits    1.2 dB\n", False),
    ],
)
def test_what_was_printed_may_wrap_unless_it_has_columns(printed, wraps):
    kind = "output stream highlight-myst-ansi notranslate"
    page = f'<div class="{kind}"><div class="highlight"><pre>{printed}</pre></div></div>'
    found = code.with_prose_marked(page)
    assert found == (page.replace(kind, f"{kind} sd-prose") if wraps else page)
    assert code.with_prose_marked(found) == found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_of_the_site_keeps_its_colours(site, page, theme):
    """All that has no mark is of the colour of names, and no mark of that colour is left."""
    marks = code.unseen((site / "_static" / "pygments.css").read_text(encoding="utf-8"))
    assert {"n", "p", "w"} <= marks
    text = (site / "notebooks" / "02_inversion.html").read_text(encoding="utf-8")
    seen = {
        c for span in BeautifulSoup(text, "html.parser").select("pre span") for c in span["class"]
    }
    assert seen and not seen & marks
    page.emulate_media(color_scheme=theme)
    page.goto((site / "notebooks" / "02_inversion.html").as_uri())
    colours = page.evaluate("""() => [...document.querySelectorAll(".highlight, .highlight > pre")]
      .map((e) => getComputedStyle(e).color)""")
    css = (site / "_static" / "site.css").read_text(encoding="utf-8")
    (name,) = re.findall(rf'html\[data-theme="{theme}"\] \.highlight \.n\{{color: #(\w+)\}}', css)
    red, green, blue = bytes.fromhex(name)
    assert set(colours) == {f"rgb({red}, {green}, {blue})"}
