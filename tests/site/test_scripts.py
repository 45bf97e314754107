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


def test_pieces_of_code_are_measured_together_and_those_that_are_folded_not_at_all(static, page):
    """What the theme's loop reads and writes, in the order in which it does."""
    loop = "pieces.forEach(e=>{e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>9?0:-1})"
    (static / "a.js").write_text(
        """let told = [];
        const piece = (name, width, isFolded) => ({
          closest: () => isFolded || null, clientWidth: 5,
          get scrollWidth() { told.push(`measured ${name}`); return width; },
          set tabIndex(index) { told.push(`wrote ${name} ${index}`); } });
        const pieces = [piece("long", 9), piece("short", 3), piece("folded", 3, true)];
        const one = () => 1;"""
        + loop
    )
    scripts.write_script(static, [PAGE])
    (static / "page.html").write_text('<meta charset="utf-8"><script src="site.js"></script>')
    page.goto((static / "page.html").as_uri())
    wanted = "measured long, measured short, wrote long 0, wrote short -1, wrote folded 0"
    assert page.evaluate("told.join(', ')") == wanted


def test_the_theme_measures_as_it_is_expected_to(site):
    """In a newer one the loop may be another."""
    text = (site / "_static" / "site.js").read_text(encoding="utf-8")
    assert text.count("const goesOn=") == 1 and text.count(".tabIndex=goesOn?") == 1


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
