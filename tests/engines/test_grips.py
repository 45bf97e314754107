"""Figures to take hold of in each browser: handles that keys move, pointers that draw, and sound."""

import re

import pytest

from engines import SITE

# One kind of each: a picture of cells, waves, and steps of an algorithm.
QUICK = ("excerpt", "probe", "agreement")
FIGURE = re.compile(r'<figure class="sd-figure"[^>]*data-figure="([\w-]+)"')


def places():
    """The page of each figure of the book."""
    found = {}
    for page in sorted(SITE.glob("*/*.html")):
        for name in FIGURE.findall(page.read_text(encoding="utf-8")):
            found.setdefault(name, page.relative_to(SITE).as_posix())
    return found


PLACES = places()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=() if name in QUICK else pytest.mark.thorough) for name in PLACES
    ],
)
def figure(request, browser, bases):
    """A tab with a figure in sight, whose name expressions know as `name`."""
    with browser() as tab:
        tab.goto(f"{bases['file']}/site/{PLACES[request.param]}")
        tab.until(
            """(name) => {
              const root = document.querySelector(`[data-figure=${name}]`);
              root?.scrollIntoView({ block: "center" });
              // While a page loads, what is above a figure may still push it out of sight.
              return document.readyState === "complete" && root?.querySelector(".sd-grip[transform]")
                && root.view.visible;
            }""",
            request.param,
        )
        yield tab, request.param
        tab.check()


VIEW = "const { view } = document.querySelector(`[data-figure=${name}]`);"
KEY = """(name) => {
  VIEW
  return Promise.all([...view.svg.querySelectorAll(".sd-grip")].map(async (grip) => {
    const before = grip.getAttribute("aria-valuenow"), key = (which) => grip.dispatchEvent(
      new KeyboardEvent("keydown", { key: which, bubbles: true, cancelable: true }));
    key("PageUp");
    if (!view.waits) return "nothing is drawn anew";
    await new Promise((done) => { const look = () => view.waits ? setTimeout(look, 5) : done(); look(); });
    const after = grip.getAttribute("aria-valuenow");
    return after !== before || before === grip.getAttribute("aria-valuemax") ? "" : `stays at ${before}`;
  }));
}""".replace("VIEW", VIEW)


def test_a_key_moves_every_handle(figure):
    tab, name = figure
    assert set(tab.evaluate(KEY, name)) == {""}
    numbers = tab.evaluate(f"(name) => {{ {VIEW} return view.numbers.textContent; }}", name)
    assert re.search(r"\d", numbers) and not re.search(r"NaN|Infinity|undefined", numbers)


def test_it_sounds_and_falls_silent(figure):
    tab, name = figure
    if not tab.evaluate(f"(name) => {{ {VIEW} return Boolean(view.kind.heard); }}", name):
        return
    tab.click(f"[data-figure={name}] .sd-play")
    tab.until(f"(name) => {{ {VIEW} return view.voice.node && view.voice.passed > 0.1; }}", name)
    tab.click(f"[data-figure={name}] .sd-play")
    tab.until(f"(name) => {{ {VIEW} return !view.voice.node; }}", name)
