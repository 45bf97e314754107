"""How the Explorer looks: on phones, in the dark, to who cannot see it."""

import json
import re

import pytest

from specdemo.live import widget
from untested import some

AXE_LOOKS = [("spectrogram", 390), ("staircase", 1000), ("dark", 390), ("two", 1000)]


@pytest.mark.parametrize(("name", "width"), some(AXE_LOOKS, ("staircase", 1000), ("dark", 390)))
def test_axe_finds_nothing_serious(visit, name, width):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.open(f"{name}.html")
    visit.page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    found = axe.Axe().run(visit.page).response["violations"]
    told = [(v["id"], v["impact"], [node["html"] for node in v["nodes"]]) for v in found]
    assert [v for v in told if v[1] in ("serious", "critical")] == []
    print(f"axe on {name} at {width} px:", json.dumps([v[:2] for v in told]))


@pytest.mark.parametrize("step", some(widget.STEPS, "mel_inversion", "staircase"))
def test_nothing_sticks_out(visit, step):
    visit.open(f"{step}.html")
    for width in (320, 390, 700, 1000):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        parts = visit.page.locator(".sd-app :is(button, select, fieldset, output, canvas):visible")
        edges = parts.evaluate_all("all => all.map((e) => e.getBoundingClientRect().right)")
        edge = visit.page.locator(".sd-app").evaluate("e => e.getBoundingClientRect().right")
        assert max(edges) <= edge


def test_sources_stand_in_one_row_on_a_phone(visit):
    """Also where a scroll bar takes 12 px; the name of the list is read out all the same."""
    visit.page.set_viewport_size({"width": 390, "height": 900})
    visit.open("book.html")
    for width in (390, 378, 330):
        visit.page.set_viewport_size({"width": width, "height": 900})
        places = visit.page.locator(".sd-source :is(select, .sd-button, button)").evaluate_all(
            "all => all.map((e) => e.getBoundingClientRect().top)"
        )
        assert len(places) == 3 and max(places) - min(places) < 2, width
        assert visit.page.get_by_role("combobox", name="Sound", exact=True).is_visible(), width


def test_groups_are_closed_on_a_phone(visit):
    visit.page.set_viewport_size({"width": 390, "height": 900})
    visit.open("staircase.html")
    assert visit.page.locator("details").evaluate_all("all => all.map(e => e.open)") == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_page(visit, scheme):
    """The attribute of the theme comes before what the system prefers."""
    visit.page.emulate_media(color_scheme=scheme)

    def ink():
        color = visit.page.locator(".sd-app").evaluate("e => getComputedStyle(e).color")
        return sum(map(int, re.findall(r"\d+", color)[:3])) / 3

    visit.open("mel.html")
    assert (ink() < 100) == (scheme == "light")
    visit.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert ink() > 200
    visit.page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert ink() < 100
    visit.page.evaluate("delete document.documentElement.dataset.theme")
    visit.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert ink() > 200


def test_reduced_motion_is_respected(visit):
    visit.page.emulate_media(reduced_motion="reduce")
    visit.open("mel.html")
    assert (
        visit.page.locator(".sd-lower canvas").evaluate(
            "e => getComputedStyle(e).transitionDuration"
        )
        == "0s"
    )


def test_timings(visit):
    """Prints how long things take here; a clock is no reason to fail."""
    visit.open("staircase.html")
    moves = {
        "threshold_db": "ArrowRight",
        "colormap": "ArrowDown",
        "axis": "ArrowDown",
        "n_fft": "ArrowRight",
        "hop_length": "ArrowRight",
        "n_mels": "ArrowRight",
    }
    start, ms = visit.page.evaluate(
        "(([first]) => [first.startTime, first.duration])"
        "(performance.getEntriesByName('specdemo:analysis'))"
    )
    print(f"first picture {start + ms:.0f} ms after navigation")
    for name, key in moves.items():
        visit.page.evaluate("performance.clearMeasures()")
        visit.press(name, key)
        took = visit.page.evaluate(
            "performance.getEntriesByType('measure').map((e) => [e.name, e.duration])"
        )
        assert took and all(label.startswith("specdemo:") for label, _ in took)
        print(name, ", ".join(f"{label[9:]} {ms:.0f} ms" for label, ms in took))
