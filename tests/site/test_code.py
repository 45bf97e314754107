"""Marks of code that nobody sees."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from finish import code
from visit import ALL_SECTIONS

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

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


LONG = "x = sd.load(recording, duration=8)"
NESTED = "    found.append(segments(padded(values[0])))"


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("x = 1", None),
        (LONG, f'<span class="sd-line" style="--indent: 0">{LONG}\n</span>'),
        (f"    {LONG}", f'<span class="sd-line" style="--indent: 4">    {LONG}\n</span>'),
        # Entities and marks are no characters of the line.
        (f"a &lt; b{'&amp;' * 20}", None),
        (f'<span class="k">{LONG[:20]}</span>', None),
        # What has no spaces to wrap at wraps after its brackets.
        (
            NESTED,
            '<span class="sd-line" style="--indent: 4"><span class="sd-whole">    f</span>ound.append('
            "<wbr>segments(<wbr>padded(<wbr>values[<wbr>0])))\n</span>",
        ),
    ],
)
def test_long_lines_of_code_say_how_far_they_are_indented(line, marked):
    start = '<div class="highlight-ipython3 notranslate"><div class="highlight"><pre>'
    page = f"{start}a\n{line}\nb\n</pre></div></div>"
    found = code.with_lines_marked(page)
    assert found == (page if marked is None else page.replace(f"{line}\n", marked))
    assert code.with_lines_marked(found) == found
    printed = page.replace("highlight-ipython3", "output stream highlight-myst-ansi")
    assert code.with_lines_marked(printed) == printed


@pytest.mark.parametrize("chapter", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_code_of_a_page_is_that_of_its_notebook(site, chapter):
    """Whoever copies a cell gets what the notebook has."""
    notebook = json.loads((NOTEBOOKS / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    wanted = [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        and "remove-input" not in cell["metadata"].get("tags", [])
        and "remove-cell" not in cell["metadata"].get("tags", [])
    ]
    text = (site / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8")
    shown = BeautifulSoup(text, "html.parser").select(".cell_input pre")
    assert [pre.get_text().rstrip("\n") for pre in shown] == wanted


def test_what_is_left_of_a_line_is_to_the_right_of_its_beginning(site, page):
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto((site / "notebooks" / "08_autoencoder.html").as_uri())
    page.evaluate(ALL_SECTIONS)
    lines = page.evaluate("""() => [...document.querySelectorAll(".cell_input .sd-line")]
      .filter((line) => line.checkVisibility()).map((line) => {
        const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        const range = document.createRange(), rects = [];
        while (walk.nextNode()) for (const found of walk.currentNode.data.matchAll(/\\S/g)) {
          range.setStart(walk.currentNode, found.index);
          range.setEnd(walk.currentNode, found.index + 1);
          rects.push(range.getBoundingClientRect());
        }
        const [first] = rects;
        return {
          text: line.textContent,
          left: first.left,
          above: first.top - line.getBoundingClientRect().top,
          height: first.height,
          rest: Math.min(...rects.filter((r) => r.top > first.bottom - 2).map((r) => r.left)) - first.left,
        };
      })""")
    wrapped = [line for line in lines if line["rest"] is not None]
    assert len(wrapped) > 50
    assert not [line for line in lines if line["above"] > line["height"] / 2]
    assert not [line for line in wrapped if line["rest"] < 5]
    assert not [line for line in lines if line["left"] > 390 / 2]


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
