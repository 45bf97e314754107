"""The site's one script: all parts, in their order, and a page that waits for nothing else."""

import os
from graphlib import CycleError

import pytest

from finish import scripts

OPTIONS = "const DOCUMENTATION_OPTIONS = {};"
PAGE = """<head>
<script src="../_static/documentation_options.js?v=1"></script>
<script defer src="../_static/a.js?v=2"></script>
<script>let hint = 'Show';</script>
<script defer src="../_static/searchtools.js"></script>
<script async src="../_static/specdemo.js?v=3"></script>
</head>
<p>text</p>
<script defer src="../_static/scripts/b.js?digest=4"></script>
"""


@pytest.fixture
def static(tmp_path):
    """A `_static` folder with the scripts of the page."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "a.js").write_text('"use strict";\nconst one = () => 1')
    (tmp_path / "scripts" / "b.js").write_text("(() => { two = one() + 1; })() // the end")
    (tmp_path / "documentation_options.js").write_text(OPTIONS + "\n")
    return tmp_path


def test_scripts_that_wait_become_one(static):
    script = scripts.write_script(static, [PAGE])
    assert script.linked(PAGE) == (
        f'<head>\n<script data-from="documentation_options.js">{OPTIONS}</script>\n'
        f'<script defer src="../_static/site.js?v={script.version}" data-from="a.js scripts/b.js">'
        "</script>\n<script>let hint = 'Show';</script>\n"
        '<script defer src="../_static/searchtools.js"></script>\n'
        '<script async src="../_static/specdemo.js?v=3"></script>\n</head>\n<p>text</p>\n'
    )


def test_it_does_what_its_parts_do(static, page):
    """The first is strict and the second is not; neither ends its last statement."""
    scripts.write_script(static, [PAGE])
    (static / "page.html").write_text('<meta charset="utf-8"><script src="site.js"></script>')
    page.goto((static / "page.html").as_uri())
    assert page.evaluate("two") == 2


# What is done to the first two pieces, in its order.
TAKING_DOWN = """const order = [];
for (const n of [0, 1]) {
  const piece = document.querySelectorAll("pre")[n], width = piece.scrollWidth;
  Object.defineProperty(piece, "scrollWidth", { get: () => (order.push(`measured ${n}`), width) });
  Object.defineProperty(piece, "tabIndex", {
    set: (index) => { order.push(`wrote ${n}`); piece.setAttribute("tabindex", index); } });
}"""


def test_pieces_of_code_are_measured_when_they_come_near(static, page):
    """The theme's loop, over a piece that can be scrolled, one that cannot, one folded, one far away."""
    loop = "(e=>{e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1})"
    (static / "a.js").write_text(
        f"""const one = () => 1;
        addEventListener("load", () => document.querySelectorAll("pre").forEach{loop});"""
    )
    pieces = "<pre style='width: 90px; overflow: auto'>{}</pre>"
    long, short = pieces.format("x" * 90), pieces.format("x")
    folded = f"<details><summary>More</summary>{long}</details>"
    scripts.write_script(static, [PAGE])
    (static / "page.html").write_text(
        '<!doctype html><meta charset="utf-8"><script src="site.js"></script>'
        f"{long}{short}{folded}<p style='height: 9000px'></p>{long}"
        f"<script>{TAKING_DOWN}</script>"
    )
    page.goto((static / "page.html").as_uri())
    told = "[...document.querySelectorAll('pre')].map(e => e.getAttribute('tabindex')).join()"
    page.wait_for_function(f"{told} === '0,-1,,'")
    assert page.evaluate("order.join()") == "measured 0,measured 1,wrote 0,wrote 1"
    page.evaluate("document.querySelector('details').open = true")
    page.wait_for_function(f"{told} === '0,-1,0,'")
    page.evaluate("scrollTo(0, 9000)")
    page.wait_for_function(f"{told} === '0,-1,0,0'")


def test_the_theme_measures_as_it_is_expected_to(site):
    """In a newer one the loop may be another."""
    text = (site / "_static" / "site.js").read_text(encoding="utf-8")
    assert text.count("window.sdNear??=") == 1


def test_a_page_of_an_earlier_build_loads_the_new_one(static):
    earlier = scripts.write_script(static, [PAGE])
    (static / "a.js").write_text("const one = () => 3;")
    (static / "documentation_options.js").write_text("const DOCUMENTATION_OPTIONS = { A: 1 };")
    later = scripts.write_script(static, [earlier.linked(PAGE)])
    assert "=> 3" in (static / "site.js").read_text() and later.version != earlier.version
    assert later.linked(earlier.linked(PAGE)) == later.linked(PAGE)


def test_every_page_has_the_scripts_of_all_in_the_order_of_each():
    """A page goes without what it has no use for, whatever comes first."""
    lists = ["1 3", "2 3 4", "1 2 4", ""]
    assert scripts.in_order(map(str.split, lists)) == ["1", "2", "3", "4"]
    with pytest.raises(CycleError):
        scripts.in_order([["1", "2"], ["2", "1"]])


def test_a_page_without_scripts_stays(static):
    assert scripts.write_script(static, [PAGE]).linked("<p>text</p>") == "<p>text</p>"


def test_a_newer_part_makes_it_outdated(static):
    assert not scripts.is_current(static)
    scripts.write_script(static, [PAGE])
    assert scripts.is_current(static)
    later = (static / "site.js").stat().st_mtime + 9
    os.utime(static / "a.js", (later, later))
    assert not scripts.is_current(static)
