"""What axe-core finds on the built pages, live figures and players included, and how wide they are.

For axe-core one page of each kind; all pages in a thorough run.
"""

import pytest

import pdf
from untested import is_thorough
from visit import ALL_SECTIONS, Visit, visiting

AXE = "axe_playwright_python.sync_playwright"

# A wide page by day, and a phone at night.
LOOKS = {
    "wide": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}

# Home, a chapter, a tool, a long text, the modules, the teacher's guide, a handout, a table from
# elsewhere.
KINDS = [
    "book/index",
    "notebooks/06_staircase",
    "book/hear",
    "book/faq",
    "book/api",
    "book/teaching",
    "book/handouts/01",
    "audio_samples/README",
]
# Pages of texts alone, which are long, are tried in a thorough run.
PAGES = pdf.pages() if is_thorough() else [KINDS[i] for i in (0, 1, 2, 6)]
PHONE = ["book/index", "notebooks/02_inversion", "notebooks/06_staircase", "book/hear"]
CASES = [(page, "wide") for page in PAGES] + [(page, "phone") for page in PHONE if page in PAGES]


def test_there_is_a_page_of_each_kind():
    """And of no kind that is gone."""
    assert set(KINDS) <= set(pdf.pages())
    folders = {page.rpartition("/")[0] for page in pdf.pages()}
    assert folders == {page.rpartition("/")[0] for page in KINDS}


# The first five pieces of code show all that their colours can do wrong, and the rest takes minutes.
EMPTY_LATER_CODE = """[...document.querySelectorAll(".highlight pre")].slice(5)
  .forEach((code) => code.replaceChildren())"""


@pytest.mark.parametrize(("page", "look"), CASES)
def test_axe_finds_nothing_serious(browser, site, page, look):
    axe = pytest.importorskip(AXE, reason="axe-playwright-python is not installed").Axe()
    with visiting(browser, site.as_uri(), Visit, **LOOKS[look]) as visit:
        visit.goto(f"{page}.html")
        for figure in visit.page.locator(".sd-explorer").all():
            figure.scroll_into_view_if_needed()
            figure.locator(".sd-app[data-state=ready]").wait_for()
        visit.lay_out()
        if not is_thorough():
            visit.page.evaluate(EMPTY_LATER_CODE)
        # Without the style sheets as text, which a page from a disk may not ask for.
        options = {"preload": False, "resultTypes": ["violations"]}
        found = axe.run(visit.page, options=options).response["violations"]
    told = [(v["id"], v["impact"], [node["html"] for node in v["nodes"]]) for v in found]
    assert not [v for v in told if v[1] in ("serious", "critical")]


def test_no_page_is_wider_than_a_telephone(browser, site):
    with visiting(browser, site.as_uri(), Visit, **LOOKS["phone"]) as visit:
        for page in pdf.pages():
            visit.goto(f"{page}.html").page.evaluate(ALL_SECTIONS)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390, page


# With two sidebars; with the least room beside two, and beside one; on a small screen.
@pytest.mark.parametrize("width", [1440, 1200, 960, 660])
def test_tables_of_the_benchmarks_are_not_cut_at_the_right_edge(browser, site, width):
    with visiting(browser, site.as_uri(), Visit, viewport={"width": width, "height": 900}) as visit:
        page = visit.goto("book/benchmarks.html").page
        page.evaluate(ALL_SECTIONS)
        cut = page.evaluate("""() => {
          for (const folded of document.querySelectorAll("details")) folded.open = true;
          return [...document.querySelectorAll(".bench-table")].filter((e) => e.scrollWidth > e.clientWidth)
            .map((e) => e.ariaLabel);
        }""")
        assert cut == []


def test_sections_far_away_wait_and_the_text_stands_still_while_they_come(browser, site):
    """From a place in the middle of a chapter upwards, where every section finds its height."""
    with visiting(browser, site.as_uri(), Visit, **LOOKS["wide"]) as visit:
        page = visit.goto("notebooks/08_autoencoder.html#fig-patterns").page
        assert not page.evaluate(
            "document.querySelector('#read-on p').checkVisibility({ contentVisibilityAuto: true })"
        )
        top = "document.getElementById('fig-patterns').getBoundingClientRect().top"
        visit.until(f"() => {top} > 0 && {top} < 100")
        page.mouse.move(640, 450)
        for _ in range(20):
            before = page.evaluate("""() => {
              for (let y = 120; y < innerHeight; y += 10) {
                window.seen = document.elementFromPoint(640, y);
                if (seen.matches(".bd-article :is(p, pre, pre *)")) break;
              }
              return [scrollY, seen.getBoundingClientRect().top];
            }""")
            page.mouse.wheel(0, -200)
            page.wait_for_timeout(100)
            y, at = page.evaluate("() => [scrollY, seen.getBoundingClientRect().top]")
            if y == 0:
                break
            assert abs(at - before[1] - 200) < 3
