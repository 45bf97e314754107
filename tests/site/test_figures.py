"""The live figures where they stand: on the pages of the built book, from a server and a disk."""

import pytest

from untested import is_thorough, some, ways
from visit import SIGNATURE, ExplorerVisit, visiting

PAGES = [
    "book/index",
    "notebooks/01_spectrogram",
    "notebooks/02_inversion",
    "notebooks/03_mel_compression",
    "notebooks/04_mel_inversion",
    "notebooks/05_mfcc",
    "notebooks/06_staircase",
]


@pytest.fixture(params=ways())
def visit(request, browser, bases):
    """A visit to the book, which must end without problems."""
    with visiting(browser, bases[request.param], ExplorerVisit) as visit:
        yield visit


def test_all_pages_with_live_figures_are_visited_here(site):
    found = {
        path.relative_to(site).with_suffix("").as_posix()
        for path in site.rglob("*.html")
        if '<figure class="sd-explorer' in path.read_text(encoding="utf-8")
    }
    assert found == set(PAGES)


@pytest.mark.parametrize("page", some(PAGES, PAGES[0], PAGES[-1]))
def test_every_figure_mounts(visit, page):
    """With its clip, under the policy of the site; and takes the fallback's place."""
    visit.goto(f"{page}.html")
    figures = visit.page.locator(".sd-explorer")
    assert figures.count() >= 1
    for index in range(figures.count()):
        figure = figures.nth(index)
        figure.scroll_into_view_if_needed()
        figure.locator(".sd-app[data-state=ready]").wait_for()
        assert figure.locator("canvas").count() >= 2
        assert not figure.locator("audio:visible").count()
        assert not figure.locator(".sd-error").count()


@pytest.mark.parametrize("page", some(PAGES, PAGES[-1]))
def test_controls_change_picture_or_sound(browser, bases, page):
    """By keyboard alone, from what the chapter presets: one control here, every one in a thorough run."""
    with visiting(browser, bases["http"], ExplorerVisit) as visit:
        visit.open(f"{page}.html")
        names = visit.page.locator(".sd-control:not(.sd-idle)").evaluate_all(
            "all => all.map(e => e.dataset.name)"
        )
        assert len(names) >= 6
        for name in names if is_thorough() else names[:1]:
            control = visit.control(name)
            if control.is_disabled():  # a control that another one has put out of use
                continue
            before = visit.evaluate(SIGNATURE)
            at_end = control.evaluate(
                "e => e.options ? e.selectedIndex === e.options.length - 1 : e.value === e.max"
            )
            visit.press(name, "ArrowLeft" if at_end else "ArrowRight")
            assert visit.evaluate(SIGNATURE) != before, name


def test_it_plays_and_changes_over(visit):
    visit.open("notebooks/02_inversion.html")
    page = visit.page.locator(".sd-app")
    page.get_by_role("button", name="Play").click()
    visit.until("view.stage.playhead > 0.3")
    page.get_by_role("radio", name="result", exact=True).check()
    visit.until("view.player.nodes.original.gain.gain.value === 0")
    assert visit.evaluate("view.player.nodes.result.gain.gain.value") > 0


def test_another_clip_of_the_book_is_loaded(visit):
    visit.open("notebooks/01_spectrogram.html")
    before = visit.evaluate(SIGNATURE)
    visit.page.locator(".sd-source select").select_option("birdsong")
    visit.until("view.stage.label === 'birdsong'")
    visit.wait()
    assert visit.evaluate(SIGNATURE)[0] != before[0]


def test_the_microphone_is_analysed(visit):
    visit.open("notebooks/04_mel_inversion.html")
    visit.page.get_by_role("button", name="Record").click()
    visit.page.get_by_text("Stop (9 s left)").click()
    visit.page.get_by_text("recording: ").wait_for()
    visit.wait()
    assert 0.5 < visit.evaluate("view.stage.duration") < 4


def test_paper_shows_the_still_picture_or_the_figure(visit):
    """A page can be printed whether its figure has been looked at or not."""
    visit.goto("notebooks/06_staircase.html")
    visit.page.emulate_media(media="print")
    assert visit.page.locator(".sd-explorer").is_visible()
