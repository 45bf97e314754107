"""The site's one style sheet: rules that a page can use stay, others go."""

import importlib.util
import os
import re
import shutil
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from finish import styles
from specdemo.live import twin
from specdemo.live.players import PLAYER_CSS

WORDS = {"page", "note", "open", "html", "a-b"}


def kept(css, words=WORDS):
    """Return the style sheet with the rules that can be used."""
    return styles.serialize(styles.parse(css), words).replace("\n", "")


@pytest.mark.parametrize(
    "rule",
    [
        "p{color:red}",
        ".page{color:red}",
        "#page .note>p:hover{color:red}",
        ".a-b{color:red}",
        "[data-unused]{color:red}",
        ".page:not(.unused){color:red}",
        ":is(.unused,.page) p{color:red}",
        ".bs-tooltip-top{color:red}",
        ":root{--x:1}",
        "@keyframes turn{to{rotate:1turn}}",
    ],
)
def test_rules_of_use_stay_as_they_are(rule):
    assert kept(rule) == rule


@pytest.mark.parametrize(
    "rule",
    [
        ".unused{color:red}",
        "#unused{color:red}",
        ".page.unused{color:red}",
        ".page .unused::after{color:red}",
        "@media print{.unused{color:red}}",
        ".page{}",
        "/* a comment */",
    ],
)
def test_rules_of_no_use_go(rule):
    assert kept(rule) == ""


def test_of_several_selectors_those_of_use_stay():
    assert kept(".unused, .page , a:is(.x, .y){color:red}") == ".page,a:is(.x, .y){color:red}"


def test_conditions_keep_what_they_hold():
    css = "@media (width>9px){.page{color:red}.unused{color:red}}"
    assert kept(css) == "@media (width>9px){.page{color:red}}"


def test_a_name_of_several_words_needs_all_of_them():
    assert kept(r".a-b\:page{color:red}") == r".a-b\:page{color:red}"
    assert kept(r".a-b\:unused{color:red}") == ""


def test_a_fault_in_a_style_sheet_is_an_error():
    with pytest.raises(ValueError, match="line 2"):
        kept(".page{color:red}\n}")


@pytest.mark.parametrize(
    "declaration",
    [
        "user-select:none",
        "user-select: none !important",
        "text-decoration:underline dotted",
        "text-decoration: underline dotted red",
    ],
)
def test_what_webkit_knows_by_its_own_name_has_both(declaration):
    assert (
        kept(f".page{{{declaration};x:1}}") == f".page{{-webkit-{declaration};{declaration};x:1}}"
    )


@pytest.mark.parametrize(
    "declaration",
    [
        "-webkit-user-select:none",
        "text-decoration:none!important",
        "text-decoration: none",
        "text-decoration-line:underline",
    ],
)
def test_what_webkit_knows_stays(declaration):
    assert kept(f".page{{{declaration}}}") == f".page{{{declaration}}}"


@pytest.fixture
def static(tmp_path):
    """A `_static` folder with three style sheets, of which one imports another."""
    folder = tmp_path / "_static"
    (folder / "styles").mkdir(parents=True)
    (folder / "styles" / "a.css").write_text('@charset "UTF-8";@import "../b.css";\n.page{x:1}')
    (folder / "b.css").write_text(".note{y:2}")
    (folder / "c.css").write_text(".open{background:url(img/z.png)}")
    return folder


LINKS = (
    '<link href="../_static/styles/a.css?digest=1" rel="stylesheet" />\n'
    '<link rel="stylesheet" href="../_static/c.css?v=2">\n<p class="page note open">'
)


def test_style_sheets_become_one(static):
    sheet = styles.write_sheet(static, [LINKS], ":where(.page){z:3}")
    css = (static / "site.css").read_text()
    assert css.startswith('@charset "UTF-8";')
    order = [css.index(part) for part in (":where(.page)", ".note", ".page{x", ".open")]
    assert order == sorted(order)
    assert css.count("charset") == 1 and "@import" not in css
    page = sheet.linked(LINKS)
    assert page == (
        f'<link rel="stylesheet" href="../_static/site.css?v={sheet.version}" '
        'data-from="styles/a.css c.css">\n<p class="page note open">'
    )


def test_a_page_of_an_earlier_build_links_the_new_sheet(static):
    earlier = styles.write_sheet(static, [LINKS]).linked(LINKS)
    (static / "c.css").write_text(".open{color:red}")
    sheet = styles.write_sheet(static, [earlier])
    assert ".open{color:red}" in (static / "site.css").read_text()
    assert sheet.linked(earlier) == earlier.replace(
        earlier[earlier.index("?v=") + 3 :][:8], sheet.version
    )


def test_addresses_follow_the_sheet(static):
    (static / "styles" / "a.css").write_text(
        '.page{a:url("../fonts/f.woff?v=1");b:url(data:image/png;base64,AA);c:url(#d)}'
    )
    styles.write_sheet(static, [LINKS])
    css = (static / "site.css").read_text()
    assert 'url("fonts/f.woff")' in css
    assert "url(data:image/png;base64,AA)" in css and "url(#d)" in css


def test_a_newer_part_makes_the_sheet_outdated(static):
    assert not styles.is_current(static)
    styles.write_sheet(static, [LINKS])
    assert styles.is_current(static)
    later = (static / "site.css").stat().st_mtime + 9
    os.utime(static / "c.css", (later, later))
    assert not styles.is_current(static)


def test_scripts_of_the_pages_name_classes_too(static):
    (static / "used.js").write_text('element.classList.add("made")')
    (static / "other.js").write_text('element.classList.add("never")')
    (static / "c.css").write_text(".made{a:1}.never{b:2}")
    styles.write_sheet(static, [LINKS + '<script src="../_static/used.js"></script>'])
    css = (static / "site.css").read_text()
    assert ".made" in css and ".never" not in css


def test_icon_font_holds_the_icons_of_use(static):
    theme = Path(importlib.util.find_spec("pydata_sphinx_theme").origin).parent
    source = theme / "theme" / "pydata_sphinx_theme" / "static" / styles.ICON_FONT
    (static / styles.ICON_FONT).parent.mkdir(parents=True)
    shutil.copyfile(source, static / styles.ICON_FONT)
    (static / "c.css").write_text(
        '.page::before{content:"\\f062"}.note::before{content:"\uf019"}'
        '@font-face{font-family:"Font Awesome 6 Free";src:url(vendor/fontawesome/x.woff2)}'
        '.open{color:red}.unused::before{content:"\\f0c9"}'
    )
    styles.write_sheet(static, [LINKS])
    css = (static / "site.css").read_text()
    assert "woff2" not in css and 'url("icons.woff")' in css
    with TTFont(static / "icons.woff") as font:
        assert set(font.getBestCmap()) == {0xF062, 0xF019}
    assert (static / "icons.woff").stat().st_size < 2000


def test_players_and_live_figures_do_not_dress_each_other():
    """They stand on the same pages, with style sheets of their own."""

    def names(css):
        return set(re.findall(r"\.(sd-[a-z-]+)", css))

    sheets = (Path(styles.__file__).parents[2] / "_static").glob("*.css")
    # On paper the book dresses both.
    on_screen = [path for path in sheets if path.stem != "print"]
    pages = "".join(path.read_text(encoding="utf-8") for path in on_screen)
    live = twin.style()
    assert names(live) & (names(pages) | names(PLAYER_CSS)) <= {"sd-explorer", "sd-unseen"}
