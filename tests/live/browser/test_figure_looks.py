"""How figures to take hold of look: on paper, without a script, on a phone, before a class."""

from pathlib import Path

import pytest

import specdemo as sd
from figure_visit import PAGE, FigureVisit
from visit import visiting

STATIC = Path(__file__).resolve().parents[3] / "book" / "_static"
# The ground of the theme, which is not loaded here.
THEME = """html { --pst-color-background: #fff }
html[data-theme=dark] { --pst-color-background: #121212; color-scheme: dark }
body { background: var(--pst-color-background) }"""
# The lightness, from 0 to 1, of all words and of the ground that they stand on.
LIGHTNESS = """(root) => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number);
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
  };
  const words = [...root.querySelectorAll("text, figcaption, .sd-read b, label, output, small")];
  const inks = words.filter((one) => one.checkVisibility()).map((one) => {
    const style = getComputedStyle(one);
    return light(one.tagName === "text" ? style.fill : style.color);
  });
  const rims = [...root.querySelectorAll("text")].map((one) => light(getComputedStyle(one).stroke));
  let ground = 1;
  for (let at = root; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (/^rgb\\(/.test(backgroundColor)) {
      ground = light(backgroundColor);
      break;
    }
  }
  return { inks, rims, ground };
}"""


def page(name, twin, attributes=""):
    """A page as the book has it, with its rules for paper."""
    rules = "".join(
        (STATIC / sheet).read_text(encoding="utf-8") for sheet in ("book.css", "print.css")
    )
    text = PAGE.format(name=name, head=f"<style>{THEME}{rules}</style>", body=twin)
    return text.replace("<html", f"<html{attributes}", 1)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A folder with a figure and an Explorer on a page of each theme."""
    folder = tmp_path_factory.mktemp("book")
    twins = {"probe": sd.Figure("probe").twin(), "explorer": sd.Explorer(step="spectrogram").twin()}
    for name, twin in twins.items():
        for theme, attributes in {"dark": ' data-theme="dark"', "none": ""}.items():
            (folder / f"{name}-{theme}.html").write_text(
                page(name, twin, attributes), encoding="utf-8"
            )
    return folder


@pytest.mark.parametrize("theme", ["dark", "none"])
@pytest.mark.parametrize(("name", "root"), [("probe", ".sd-figure"), ("explorer", ".sd-app")])
def test_a_figure_is_printed_dark_on_white(browser, book, name, root, theme):
    """Whatever the screen was, and what the system prefers."""
    with visiting(browser, book.as_uri(), FigureVisit, color_scheme="dark") as visit:
        visit.goto(f"{name}-{theme}.html")
        visit.page.locator(".sd-grip, .sd-plots canvas").first.wait_for()
        if theme == "dark":
            assert min(visit.page.locator(root).evaluate(LIGHTNESS)["inks"]) > 0.5
        visit.page.emulate_media(media="print", color_scheme="dark")
        found = visit.page.locator(root).evaluate(LIGHTNESS)
        assert found["inks"] and max(found["inks"]) < 0.5
        assert min([found["ground"], *found["rims"]]) > 0.99


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_a_script_the_inks_are_those_of_the_page(browser, book, scheme):
    """The theme of the page is set by a script: without one it is white, whatever the system prefers."""
    settings = {"java_script_enabled": False, "color_scheme": scheme}
    with visiting(browser, book.as_uri(), FigureVisit, **settings) as visit:
        for theme in ("none", "dark"):
            visit.goto(f"probe-{theme}.html")
            found = visit.page.locator(".sd-figure").evaluate(LIGHTNESS)
            (ground,) = {found["ground"], *found["rims"]}
            assert (ground > 0.5) == (theme == "none")
            assert min(abs(ink - ground) for ink in found["inks"]) > 0.4
