"""Zoom, pan and probe of the Explorer."""

import re

import pytest


def test_zoom_and_pan_by_buttons_keys_wheel_and_drag(visit):
    visit.open("spectrogram.html")
    page, plots = visit.page, visit.page.locator(".sd-plots")

    def span():
        return visit.evaluate("[view.stage.span.start, view.stage.span.end]")

    whole = span()
    page.get_by_role("button", name="Zoom in").click()
    half = span()
    assert half[1] - half[0] == pytest.approx(whole[1] / 2)
    page.get_by_role("button", name="Later").click()
    assert span()[0] > half[0]
    page.get_by_role("button", name="Show all").click()
    assert span() == whole
    plots.focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    quarter = span()
    assert quarter[1] - quarter[0] == pytest.approx(whole[1] / 4)
    page.keyboard.press("Shift+ArrowRight")
    assert span()[0] > quarter[0]
    page.keyboard.press("-")
    page.keyboard.press("0")
    assert span() == whole
    box = page.locator(".sd-original canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    visit.until("view.stage.span.start > 0")
    zoomed = span()
    assert (zoomed[0] + zoomed[1]) / 2 == pytest.approx(whole[1] / 2, abs=0.02)
    page.mouse.down()
    page.mouse.move(middle[0] - 100, middle[1], steps=4)
    page.mouse.up()
    moved = (zoomed[1] - zoomed[0]) * 100 / box["width"]
    assert span()[0] == pytest.approx(zoomed[0] + moved, abs=0.02)
    assert not visit.evaluate("view.player.playing")


def test_wheel_alone_scrolls_the_page(visit):
    visit.open("two.html")
    visit.page.locator(".sd-original canvas").first.hover()
    visit.page.mouse.wheel(0, 200)
    visit.page.wait_for_function("window.scrollY > 0")
    assert visit.evaluate("view.stage.span.start") == 0


def test_probe_reads_time_frequency_and_both_levels(visit):
    visit.open("own.html")
    page = visit.page
    box = page.locator(".sd-original canvas").bounding_box()
    # A quarter into the tone of 440 Hz, of 11025 Hz in all.
    y = box["y"] + box["height"] * (1 - 440 / 11025)
    page.mouse.move(box["x"] + box["width"] / 4, y)
    reading = page.locator(".sd-readout").inner_text()
    t, f, level, lower = re.fullmatch(
        r"([\d.]+) s · ([\d\u202f]+) Hz · (.+) dB, kept (.+) dB", reading
    ).groups()
    assert float(t) == pytest.approx(0.25, abs=0.01)
    assert int(f.replace("\u202f", "")) == pytest.approx(440, abs=80)
    assert float(level.replace("−", "-")) > -6 and lower == level
    page.mouse.move(0, 0)
    assert page.locator(".sd-readout").inner_text() == "0.00 of 1.00 s"


def test_probe_moves_by_keys_and_sets_the_position(visit):
    visit.open("own.html")
    page = visit.page
    page.locator(".sd-plots").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    assert page.locator(".sd-readout").inner_text().startswith("0.990 s · 1")
    page.keyboard.press("Enter")
    assert visit.evaluate("view.stage.playhead") == pytest.approx(0.99)
