"""A page of each kind in each browser: what it shows, and that nothing goes wrong on it."""

import io

import pytest
from PIL import Image

import engines
from visit import LAY_OUT

LONG = "book/glossary.html"
PAGES = [
    "book/index.html",
    "notebooks/02_inversion.html",
    "book/faq.html",
    "book/api.html",
    "book/teaching.html",
    "book/handouts/02.html",
    LONG,
]

# A page with one fault of each kind: a policy that refuses, an error, a word on the console, a
# file that is not there.
FAULTY = """<!DOCTYPE html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'unsafe-inline'">
<link rel="icon" href="data:,">
{}"""
FAULTS = {
    "refused": '<img src="http://example.invalid/picture.png">',
    "error": "<script>throw new Error('thrown')</script>",
    "console": "<script>console.error('said')</script>",
    "missing": '<img src="missing.png">',
}

# What is wrong with what the page shows; empty when all is well.
SHOWN = """async () => {
  await document.fonts.ready;
  const seen = (e) => e.getClientRects().length > 0;
  const faults = [];
  for (const face of document.fonts)
    if (face.status === "error") faults.push(`font ${face.family}`);
  for (const image of document.images)
    if (seen(image) && image.complete && !image.naturalWidth) faults.push(`image ${image.src}`);
  const isSet = ({ family, status }) => family.includes("STIX Two Math") && status === "loaded";
  if ([...document.querySelectorAll("math")].some(seen) && ![...document.fonts].some(isSet))
    faults.push("the font of formulas");
  for (const formula of document.querySelectorAll("math")) {
    const { width, height } = formula.getBoundingClientRect();
    if (seen(formula) && !(width > 0 && height > 0)) faults.push(`formula ${formula.textContent}`);
  }
  for (const term of document.querySelectorAll(".bd-article a > .std-term")) {
    const { textDecorationLine } = getComputedStyle(term.parentElement);
    if (textDecorationLine !== "underline") faults.push(`no line under ${term.textContent}`);
  }
  return faults;
}"""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_goes_wrong_is_noticed(browser, root, bases, fault):
    """Tests that find nothing wrong are worth something in a browser where they would."""
    (root / f"{fault}.html").write_text(engines.with_listener(FAULTY.format(FAULTS[fault])))
    with browser() as tab:
        tab.goto(f"{bases['http']}/{fault}.html")
        tab.until("() => document.readyState === 'complete'")
        assert tab.take_problems()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("way", ["http", pytest.param("file", marks=pytest.mark.thorough)])
def test_a_page_shows_all_it_has_and_reports_nothing(visit, bases, way, page):
    visit.goto(f"{bases[way]}/site/{page}")
    visit.until("() => document.readyState === 'complete'")
    visit.evaluate(LAY_OUT)
    assert not visit.evaluate(SHOWN)


def test_no_page_is_wider_than_a_telephone(visit, bases):
    visit.goto(f"{bases['http']}/narrow.html")
    for page in PAGES:
        inner, outer = visit.evaluate(
            """async (address) => {
          const frame = document.querySelector("iframe");
          await new Promise((done) => { frame.onload = done; frame.src = address; });
          const root = frame.contentDocument.documentElement;
          for (const section of root.querySelectorAll("section"))
            section.style.contentVisibility = "visible";
          // Firefox would call a sound missing that is still loading when its page is left.
          const comes = (one) => one.getBoundingClientRect().top < frame.clientHeight + 500;
          while ([...root.querySelectorAll("[data-mounted=no]")].some(comes))
            await new Promise((done) => setTimeout(done, 20));
          return [root.scrollWidth, root.clientWidth];
        }""",
            f"{bases['http']}/site/{page}",
        )
        assert 0 < inner <= outer <= 390, page


def test_nothing_shows_through_at_the_upper_edge(visit, bases):
    """The link that skips the bar waits above the page, beyond what a rounded pixel reaches."""
    visit.goto(f"{bases['http']}/site/{LONG}")
    visit.evaluate("() => scrollTo({ top: 1500, behavior: 'instant' })")
    visit.until("() => scrollY > 1000")
    edge, colour = visit.evaluate("""() => {
      const link = document.querySelector(".skip-link");
      const colour = getComputedStyle(link).backgroundColor.match(/\\d+/g).map(Number);
      return [link.getBoundingClientRect().bottom, colour];
    }""")
    assert edge <= -1
    picture = Image.open(io.BytesIO(visit.screenshot())).convert("RGB")
    assert tuple(colour) not in {picture.getpixel((x, 0)) for x in range(picture.width)}
