"""The built site: complete, without broken links, without third parties, and accessible."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
THIRD_PARTY = re.compile(r"^\s*(https?:)?//", re.IGNORECASE)
CSS_REQUEST = re.compile(r"""(?:url\(\s*|@import\s+)["']?\s*(?:https?:)?//""", re.IGNORECASE)
REQUESTS = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "audio": "src",
    "video": "src",
    "source": "src",
}
LARGEST_PAGE_BYTES = 600_000


def toc_pages():
    """Return the pages that the table of contents names, in reading order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]


def notebook_pages():
    """Return the pages that are notebooks."""
    return [page for page in toc_pages() if page.startswith("notebooks/")]


def all_pages():
    """Return every page of the site; templates among the theme's own files are none."""
    pages = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)
    return [path.relative_to(SITE).as_posix() for path in pages]


@cache
def soup(page):
    """Return a parsed page."""
    return BeautifulSoup((SITE / page).read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(page):
    """Return what a link can lead to within a page."""
    return {tag.get("id") or tag.get("name") for tag in soup(page).find_all(id=True)} | {""}


def requests(page):
    """Return the tags of a page that load something, with the address that they load."""
    return [
        (tag, tag[attribute])
        for name, attribute in REQUESTS.items()
        for tag in soup(page).find_all(name, attrs={attribute: True})
    ]


def broken(page, url):
    """Say what is wrong with an address within the site; None when nothing is."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None
    target = (SITE / page).parent / unquote(parts.path) if parts.path else SITE / page
    target = target.resolve()
    if not target.is_file():
        return f"{url}: no such file"
    if target.suffix != ".html" or not parts.fragment:
        return None
    name = target.relative_to(SITE.resolve()).as_posix()
    return None if unquote(parts.fragment) in anchors(name) else f"{url}: no such anchor"


@pytest.fixture(autouse=True, scope="module")
def site():
    """Refuse to pass when there is nothing to check."""
    if not (SITE / "index.html").exists():
        pytest.fail("There is no site to check: run 'make book' first.")


@pytest.mark.parametrize("page", toc_pages())
def test_page_is_built(page):
    document = soup(f"{page}.html")
    assert document.html["lang"] == "en"
    assert document.title.get_text(strip=True)
    assert document.select_one("article h1")


def test_root_leads_to_the_first_page():
    assert soup("index.html").a["href"] == f"{toc_pages()[0]}.html"


def test_no_broken_internal_link():
    links = {
        (page, tag["href"]) for page in all_pages() for tag in soup(page).find_all("a", href=True)
    }
    links |= {(page, url) for page in all_pages() for _, url in requests(page)}
    faults = {(page, broken(page, url)) for page, url in links}
    assert not sorted((page, fault) for page, fault in faults if fault)


def test_no_request_to_a_third_party():
    for page in all_pages():
        assert not [url for _, url in requests(page) if THIRD_PARTY.match(url)], page
        styles = [tag.get_text() for tag in soup(page).find_all("style")]
        styles += [tag["style"] for tag in soup(page).find_all(style=True)]
        assert not [style for style in styles if CSS_REQUEST.search(style)], page
        scripts = [tag.get_text() for tag in soup(page).find_all("script", src=False)]
        assert not [script for script in scripts if re.search("https?://", script)], page


def test_no_stylesheet_asks_a_third_party():
    for path in SITE.rglob("*.css"):
        assert not CSS_REQUEST.search(path.read_text(encoding="utf-8")), path.name


def test_every_image_says_what_it_shows():
    for page in all_pages():
        assert not [tag["src"] for tag in soup(page).find_all("img") if not tag.get("alt")], page


def test_every_player_has_a_label():
    for page in all_pages():
        for player in soup(page).find_all("audio"):
            figure = player.find_parent("figure")
            captioned = figure is not None and figure.figcaption is not None
            assert player.get("aria-label") or captioned, f"{page}: {player}"
            assert player.has_attr("controls") and not player.has_attr("autoplay")


def test_no_dead_control():
    for page in all_pages():
        text = (SITE / page).read_text(encoding="utf-8")
        assert "application/vnd.jupyter.widget" not in text, page
        assert "thebe" not in text, page


@pytest.mark.parametrize("page", notebook_pages())
def test_notebook_can_be_downloaded(page):
    name = Path(page).name + ".ipynb"
    links = [tag["href"] for tag in soup(f"{page}.html").find_all("a", href=True)]
    assert any(link.endswith(name) and "_sources" in link for link in links)
    assert (SITE / "_sources" / page).with_suffix(".ipynb").read_bytes() == (
        ROOT / page
    ).with_suffix(".ipynb").read_bytes()


def test_pages_stay_light():
    """Sound and pictures are files of their own, loaded when wanted."""
    for page in all_pages():
        assert (SITE / page).stat().st_size < LARGEST_PAGE_BYTES, page
        assert not [url for _, url in requests(page) if url.startswith("data:audio")], page
