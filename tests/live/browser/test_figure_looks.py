"""How figures to take hold of look: on paper, without a script, on a phone, before a class."""

from pathlib import Path

import pytest

import specdemo as sd
from figure_visit import PAGE, FigureVisit
from figures import ABOUT, NAMES
from untested import is_thorough, some
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


# The top of the buttons, in pixels from the top of the figure, at both ends of a handle and all the way
# between: as far as the numbers differ.
SWEEP = """async (figure, [handle, n_states]) => {
  const { view } = figure, tops = [];
  const one = view.kind.handles(view.data).find(({ name }) => name === handle);
  const low = one.stops ? 0 : one.min, high = one.stops ? one.stops.length - 1 : one.max;
  for (let i = 0; i <= n_states; i++) {
    const at = low + i / n_states * (high - low), step = one.step ?? 1;
    const value = one.stops ? one.stops[Math.round(at)] : low + Math.round((at - low) / step) * step;
    view.move(one, Math.min(one.stops?.at(-1) ?? one.max, value));
    view.draw();
    const top = view.bar.getBoundingClientRect().top - figure.getBoundingClientRect().top;
    tops.push([top, view.numbers.innerText]);
  }
  tops.sort(([a], [b]) => a - b);
  return { least: tops[0], most: tops.at(-1) };
}"""
N_STATES = 60 if is_thorough() else 24


# Those whose numbers were found to wrap now and then.
WRAPPING = ["em", "excerpt", "merge", "many", "phasors", "projections", "steps", "stairs"]


@pytest.mark.parametrize("width", some([390, 360, 640, 900], 390))
@pytest.mark.parametrize("name", some(NAMES, *WRAPPING))
def test_what_is_under_the_drawing_stays_while_a_handle_is_drawn(browser, folder, name, width):
    viewport = {"width": width, "height": 844}
    with visiting(browser, folder.as_uri(), FigureVisit, viewport=viewport) as visit:
        visit.open(name)
        for handle in ABOUT[name].DRAGS:
            found = visit.ask(SWEEP, [handle, N_STATES])
            assert found["most"][0] - found["least"][0] <= 1, (handle, found)
            visit.reset()


# How large a figure is: its stage, the type of its labels, and how far its buttons reach down.
SIZES = """(figure) => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const { view } = figure, { width, height } = view.stage.getBoundingClientRect();
  const under = view.numbers.getBoundingClientRect();
  const below = figure.querySelector("figcaption").getBoundingClientRect();
  const label = view.svg.querySelector("text"), scale = view.svg.getScreenCTM().a;
  const bottoms = [view.stage, view.numbers, view.bar].map((one) => one.getBoundingClientRect().bottom);
  done({ width, height, label: parseFloat(getComputedStyle(label).fontSize) * scale,
    bottom: Math.max(...bottoms), isFull: document.fullscreenElement === figure,
    isApart: under.bottom <= below.top });
})))"""
# A projector, one that is wide, and a laptop.
SCREENS = [(1280, 720), (1920, 1080), (1366, 768)]


@pytest.mark.parametrize("screen", some(SCREENS, SCREENS[0]))
@pytest.mark.parametrize("name", NAMES)
def test_on_a_full_screen_drawing_numbers_and_buttons_are_in_sight(browser, folder, name, screen):
    width, height = screen
    viewport = {"width": width, "height": height}
    with visiting(browser, folder.as_uri(), FigureVisit, viewport=viewport) as visit:
        visit.open(name)
        before = visit.ask(SIZES)
        visit.figure.get_by_role("button", name="Full screen").click()
        visit.until("() => document.fullscreenElement")
        visit.page.wait_for_timeout(100)
        after = visit.ask(SIZES)
        assert after["isFull"] and after["isApart"] and after["bottom"] <= height
        assert after["label"] / before["label"] > 0.99 * after["width"] / before["width"]
        assert after["label"] > 15
