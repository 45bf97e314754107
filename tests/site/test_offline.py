"""`make offline`: everything that a page asks for is in the zip, beside it."""

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import offline
import student

ATTRIBUTES = ("src", "href", "poster", "data", "action", "srcset")
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
ELSEWHERE = re.compile(r"^(https?:|mailto:|data:|blob:|#|$)")


@pytest.fixture(scope="module")
def folder(site, tmp_path_factory):
    """The unpacked zip, far from the place where the site was built."""
    target = tmp_path_factory.mktemp("a memory stick")
    student.write_zip(student.TARGET, student.FOLDER, student.contents())
    student.write_zip(target / "offline.zip", offline.FOLDER, offline.contents())
    with zipfile.ZipFile(target / "offline.zip") as archive:
        archive.extractall(target)
    return target / offline.FOLDER


class Addresses(HTMLParser):
    """What the tags of a page refer to."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value is not None]


@pytest.fixture(scope="module")
def references(folder):
    """What the pages and the style sheets refer to, but for links to the open web."""
    found = []
    for path in sorted(folder.rglob("*.html")):
        if "_static" in path.parts:  # templates of the theme, which no page asks for
            continue
        text = path.read_text(encoding="utf-8")
        found += [(path, url) for url in Addresses(text).found]
    for path in sorted(folder.rglob("*.css")):
        found += [(path, url) for url in CSS_URL.findall(path.read_text(encoding="utf-8"))]
    return [(path, url) for path, url in found if not ELSEWHERE.match(url.strip())]


def test_all_that_the_pages_refer_to_is_there(references):
    missing = {
        url for path, url in references if not (path.parent / unquote(urlsplit(url).path)).exists()
    }
    assert len(references) > 1000
    assert not missing


def test_no_address_is_absolute(references):
    assert not [url for _, url in references if url.startswith(("/", "\\", "file:"))]
    assert not [url for _, url in references if re.match(r"[A-Za-z]:", url)]


def test_nothing_names_the_place_where_it_was_built(folder):
    place = str(student.ROOT).encode()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".html", ".js", ".css", ".ipynb", ".json", ".md"):
            assert place not in path.read_bytes(), path.name


def test_no_reports_and_no_caches_are_packed(folder):
    names = {path.name for path in folder.iterdir()}
    assert "index.html" in names
    assert not names & set(offline.KEPT_BACK)


def test_student_copies_lie_beside_the_pages(folder):
    with zipfile.ZipFile(folder / "student.zip") as archive:
        assert f"{student.FOLDER}/notebooks/01_spectrogram.ipynb" in archive.namelist()


def test_it_opens_by_a_double_click(folder, page):
    """From the file system, with no network: pages, formulae, pictures and sound."""
    page.goto((folder / "index.html").as_uri())
    page.wait_for_url("**/book/index.html")
    page.goto((folder / "notebooks" / "01_spectrogram.html").as_uri())
    page.wait_for_selector("math")
    seconds = page.locator(".sd-listen audio").first.evaluate("""a => new Promise((done, fail) => {
        a.src = a.dataset.src;
        a.onloadedmetadata = () => done(a.duration);
        a.onerror = fail;
        a.preload = "auto";
        a.load();
    })""")
    assert seconds > 1
    picture = page.locator("figure img").first
    picture.evaluate("i => { i.loading = 'eager'; return i.decode(); }")


def test_without_a_site_it_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(offline, "SITE", Path(tmp_path))
    assert offline.main() == 2
    assert "make book" in capsys.readouterr().err
