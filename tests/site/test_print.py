"""On paper: a page prints without its controls and cut nowhere; the book becomes one PDF."""

import re

import pytest
from bs4 import BeautifulSoup

import build
import pdf
from finish import styles

CHAPTER = "notebooks/02_inversion"


@pytest.fixture(scope="module")
def printed(site, browser):
    """A chapter as the printer gets it: 178 mm wide, opened in the dark."""
    context = browser.new_context(viewport={"width": 673, "height": 950}, color_scheme="dark")
    page = context.new_page()
    page.goto((site / f"{CHAPTER}.html").as_uri())
    page.locator("figure.sd-explorer").first.scroll_into_view_if_needed()
    page.wait_for_selector(".sd-explorer .sd-plots canvas")
    page.emulate_media(media="print")
    yield page
    context.close()


def shown(page, selector):
    """Count the elements that take room on the paper."""
    return page.locator(selector).evaluate_all(
        "all => all.filter((e) => e.checkVisibility() && e.getClientRects().length"
        " && e.offsetHeight !== 0).length"
    )


@pytest.mark.parametrize(
    "selector",
    [
        "button:not(.sd-name)",
        "audio",
        "article input",
        "article select",
        ".bd-sidebar-primary",
        ".bd-sidebar-secondary",
        ".bd-header-article",
        ".prev-next-footer",
        ".bd-footer",
        ".headerlink",
        ":not(.sd-choice) > summary",
        ".sd-deck",
        ".sd-groups",
    ],
)
def test_nothing_that_could_be_clicked_is_printed(printed, selector):
    assert shown(printed, selector) == 0


def test_pictures_captions_and_names_are_printed(printed):
    for selector in (
        ".sd-listen .sd-frame img",
        ".sd-listen .sd-name",
        ".sd-listen figcaption",
        ".sd-explorer canvas",
        ".sd-explorer figcaption",
        ".cell_output figure img",
    ):
        assert shown(printed, selector) > 0, selector


def test_folded_solutions_are_not_printed(printed):
    assert shown(printed, "details .cell_input") == 0


def test_a_quiz_is_printed_without_its_answers(printed):
    assert shown(printed, ".sd-choice > summary") > 10
    assert shown(printed, ".sd-why") == 0


def test_what_the_reader_has_opened_is_printed(printed):
    solution = printed.locator("details.hide").last
    solution.evaluate("d => { d.open = true; }")
    assert shown(printed, "details[open] pre") > 0
    solution.evaluate("d => { d.open = false; }")


def too_wide(page):
    """Return the start of each element that reaches beyond the paper."""
    return page.locator("article *").evaluate_all("""all => all.filter((e) =>
        e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1
        && getComputedStyle(e).position !== "absolute").map((e) => e.outerHTML.slice(0, 90))""")


def test_nothing_is_wider_than_the_paper(printed):
    assert too_wide(printed) == []


def test_paper_is_white_and_the_text_dark(printed):
    colour = printed.locator("article section section > p").first.evaluate(
        "e => getComputedStyle(e).color"
    )
    assert max(map(int, re.findall(r"\d+", colour)[:3])) < 80
    background = printed.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert min(map(int, re.findall(r"\d+", background)[:3])) == 255


@pytest.mark.parametrize(
    "name",
    [
        "book/faq",
        "book/benchmarks",
        "book/api",
        "book/teaching",
        "book/predecessor",
        "book/how_to_use",
        "notebooks/06_staircase",
        "notebooks/07_your_models_mel",
        "notebooks/08_autoencoder",
        "notebooks/09_inventing_sound",
        "notebooks/10_a_thousand_hours",
        "book/readers",
    ],
)
def test_wide_tables_and_code_are_not_cut_off(name, printed, site):
    printed.goto((site / f"{name}.html").as_uri())
    assert too_wide(printed) == []


def test_links_out_of_the_book_can_be_read(printed, site):
    printed.goto((site / "book" / "faq.html").as_uri())
    after = printed.locator("article a[href^='https://github.com']").first.evaluate(
        "e => getComputedStyle(e, '::after').content"
    )
    assert "https://github.com" in after


def test_rules_for_paper_survive_in_the_one_style_sheet(site):
    css = (site / "_static" / styles.SHEET).read_text(encoding="utf-8")
    assert "@page" in css
    assert re.search(r"@media print\s*\{.*\.prev-next-footer", css, re.DOTALL)


# --- the book as one PDF -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(site):
    """All pages joined into one."""
    return BeautifulSoup(pdf.joined(site, pdf.pages()), "html.parser")


def test_the_pages_come_in_the_order_of_the_contents(book):
    names = pdf.pages()
    assert [article["id"] for article in book.find_all("article")] == [pdf.anchor(n) for n in names]
    assert "book/handouts/06" in names and names[0] == "book/index"
    contents = (build.ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert len(names) == len(re.findall(r"(?:file|root): ", contents))


def test_every_link_within_the_book_leads_to_a_place_in_it(book):
    ids = {tag["id"] for tag in book.find_all(id=True)}
    links = [a["href"] for a in book.find_all("a", href=True) if a["href"].startswith("#")]
    assert len(links) > 300
    assert {link for link in links if link[1:] not in ids} == set()


def test_a_link_with_a_setting_leads_to_its_page():
    names = ["book/faq", "book/hear"]
    assert pdf.moved("hear.html#format=vits", "book/faq", names) == "#book-hear"
    assert pdf.moved("hear.html#how", "book/faq", names) == "#book-hear--how"


def test_every_picture_of_the_book_is_there(book, site):
    pictures = [img["src"] for img in book.find_all("img")]
    assert len(pictures) > 100
    assert [src for src in pictures if not (site / src).is_file()] == []


def test_solutions_are_printed_only_on_demand(site):
    folded, unfolded = (pdf.joined(site, [CHAPTER], unfold) for unfold in (False, True))
    assert "def along_rows" not in folded.replace("</span>", "").replace('<span class="k">', "")
    assert folded.count("<details") == folded.count('class="sd-choice') > 5
    assert unfolded.count("<details") == unfolded.count('open=""') > 5


def test_sheets_are_counted():
    assert pdf.n_sheets(b"<< /Type /Pages >> << /Type /Page\n>> <</Type/Page/X 1>>") == 2


def test_without_chromium_it_says_so_and_is_no_failure(capsys):
    assert pdf.without_chromium() == 0
    assert "Chromium" in capsys.readouterr().out
