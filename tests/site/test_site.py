"""The built site: complete, without broken links, without third parties, light, accessible."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import pdf
from built import SITE, soup
from finish.theme import MENDED, mended

ROOT = Path(__file__).resolve().parents[2]
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
CSS_ADDRESS = re.compile(r"""url\(["']?(?!data:|#)([^"')?]+)""")

# Bytes of everything that a page can load, text gzipped: without its sounds, and with them. Figures to take
# hold of are among them, at most 50 kB a chapter.
HEAVIEST, HEAVIEST_WITH_SOUND = 450_000, 1_250_000
TEXT = {".html", ".css", ".js", ".svg"}


def notebook_pages():
    """Return the pages that are notebooks."""
    return [page for page in pdf.pages() if page.startswith("notebooks/")]


def all_pages():
    """Return every page of the site; templates among the theme's own files are none."""
    pages = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)
    return [path.relative_to(SITE).as_posix() for path in pages]


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
    # A fragment with a sign of equality is a setting that the page reads, and no anchor.
    if target.suffix != ".html" or not parts.fragment or "=" in parts.fragment:
        return None
    name = target.relative_to(SITE.resolve()).as_posix()
    return None if unquote(parts.fragment) in anchors(name) else f"{url}: no such anchor"


@pytest.fixture(autouse=True, scope="module")
def site():
    """Refuse to pass when there is nothing to check."""
    if not (SITE / "index.html").exists():
        pytest.fail("There is no site to check: run 'make book' first.")


@pytest.mark.parametrize("page", pdf.pages())
def test_page_is_built(page):
    document = soup(f"{page}.html")
    assert document.html["lang"] == "en"
    assert document.title.get_text(strip=True)
    assert document.select_one("article h1")


def test_root_leads_to_the_first_page():
    assert soup("index.html").a["href"] == f"{pdf.pages()[0]}.html"


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
            assert not player.has_attr("autoplay")
            # Native, or replaced by a script, with a native one for pages without scripts.
            assert player.has_attr("controls") or player.find_next_sibling("noscript").audio


def test_no_dead_control():
    for page in all_pages():
        text = (SITE / page).read_text(encoding="utf-8")
        assert 'type="application/vnd.jupyter.widget' not in text, page
        assert "thebe" not in text, page


@pytest.mark.parametrize("page", notebook_pages())
def test_notebook_can_be_downloaded(page):
    name = Path(page).name + ".ipynb"
    links = [tag["href"] for tag in soup(f"{page}.html").find_all("a", href=True)]
    assert any(link.endswith(name) and "_sources" in link for link in links)
    assert (SITE / "_sources" / page).with_suffix(".ipynb").read_bytes() == (
        ROOT / page
    ).with_suffix(".ipynb").read_bytes()


# --- weight ----------------------------------------------------------------------------------


def local(page, address):
    """Return the path of a file of the site that a page names."""
    return ((SITE / page).parent / unquote(urlsplit(address).path)).resolve()


def weight(path):
    """Return the bytes of a file on their way to the reader."""
    data = path.read_bytes()
    return len(gzip.compress(data, 9)) if path.suffix in TEXT else len(data)


def files_of_styles(page):
    """Return the style sheets of a page and what they ask for, which is fonts."""
    sheets = [local(page, tag["href"]) for tag in soup(page).select("link[rel=stylesheet]")]
    needed = {"math.woff": bool(soup(page).find("math"))}
    fonts = [
        (sheet.parent / address).resolve()
        for sheet in sheets
        for address in CSS_ADDRESS.findall(sheet.read_text(encoding="utf-8"))
    ]
    return sheets + [font for font in fonts if needed.get(font.name, True)]


def files_of_page(page):
    """Return what a page loads, apart from sounds, when it is read to its end."""
    tags = [address for tag, address in requests(page) if tag.name in ("script", "img")]
    return {SITE / page, *files_of_styles(page), *(local(page, address) for address in tags)}


def sounds_of_page(page):
    """Return what is loaded when every sound is played, and every live figure looked at."""
    played = [
        tag["data-script"]
        for tag in soup(page).select("audio[data-script]")
        if not tag.find_parent(class_="sd-explorer")
    ]
    figures = soup(page).select(".sd-explorer")
    chosen = [
        json.loads(tag["data-sounds"])[json.loads(tag["data-settings"])["clip"]] for tag in figures
    ]
    return {local(page, address) for address in played + chosen}


def test_pages_are_light(capsys):
    rows = []
    for page in all_pages():
        silent = sum(map(weight, files_of_page(page)))
        rows.append((page, silent, silent + sum(map(weight, sounds_of_page(page)))))
    with capsys.disabled():
        print("\nkB of a page, without and with its sounds")
        for page, silent, whole in rows:
            print(f"{silent / 1000:6.0f} {whole / 1000:6.0f}  {page}")
    assert not [row for row in rows if row[1] > HEAVIEST or row[2] > HEAVIEST_WITH_SOUND]


def test_sounds_and_pictures_are_files():
    """Save the picture in the drawing of a figure to take hold of, which stands there until it moves."""
    for page in all_pages():
        text = (SITE / page).read_text(encoding="utf-8")
        text = re.sub(r"<figure[^>]*data-figure=.*?</figure>", "", text, flags=re.DOTALL)
        assert not re.findall(r"data:(?:audio|image|font)/", text), page


def test_every_file_that_styles_ask_for_is_there():
    for page in all_pages():
        assert all(path.is_file() for path in files_of_styles(page)), page


def test_every_sound_of_a_figure_is_there():
    for page in all_pages():
        assert all(path.is_file() for path in sounds_of_page(page)), page
        for figure in soup(page).select(".sd-explorer"):
            for address in json.loads(figure["data-sounds"]).values():
                assert local(page, address).is_file(), f"{page}: {address}"


def test_the_site_has_no_file_that_no_page_names():
    pages = "".join((SITE / page).read_text(encoding="utf-8") for page in all_pages())
    stems = {path.stem for path in (SITE / "_media").rglob("*.*")}
    assert not [stem for stem in stems if stem not in pages]


# --- formulas, players, policy ---------------------------------------------------------------


def test_formulas_need_no_script():
    pages = [page for page in all_pages() if soup(page).find("math")]
    assert len(pages) >= 5
    for page in pages:
        assert len(soup(page).select(".math")) == len(soup(page).find_all("math")), page
        assert not soup(page).select("script[src*=mathjax]"), page


def test_players_are_what_the_script_expects():
    figures = [(page, figure) for page in all_pages() for figure in soup(page).select(".sd-listen")]
    assert len(figures) > 20
    for page, figure in figures:
        assert soup(page).select("script[data-from~='players.js'][defer]"), page
        for sound in figure.select(".sd-sound"):
            (audio,) = sound.select(":scope > audio[preload=none][aria-label]")
            assert not audio.has_attr("controls") and not audio.has_attr("src")
            assert float(audio["data-gain"]) > 0
            assert local(page, audio["data-src"]).with_suffix(".flac").is_file()
            (native,) = sound.select("noscript > audio[controls][preload=none][aria-label]")
            assert (
                native["src"] == audio["data-src"] and native["aria-label"] == audio["aria-label"]
            )
            assert float(sound["data-start"]) <= 0 < float(sound["data-seconds"])
            assert float(sound["data-end"]) >= float(sound["data-seconds"]) - 0.1
            assert [
                len(sound.select(part))
                for part in (".sd-name", ".sd-frame > img[width][height]", ".sd-note")
            ] == [1, 1, 1]


def test_every_page_has_a_policy_before_all_else():
    for page in all_pages():
        head = soup(page).head or soup(page)
        first = [tag for tag in head.find_all(["meta", "script", "link", "style"])][:2]
        assert first[0].get("charset") == "utf-8", page
        assert first[1].get("http-equiv") == "Content-Security-Policy", page


def test_every_page_with_text_says_what_it_is_about():
    pages = [page for page in all_pages() if page.startswith(("notebooks/", "book/"))]
    told = {page: soup(page).head.find("meta", {"name": "description"}) for page in pages}
    # A list has no sentence of its own.
    assert [page for page, meta in told.items() if not meta] == ["book/glossary.html"]
    contents = [meta["content"] for meta in told.values() if meta]
    assert all(30 <= len(content) <= 300 for content in contents), contents
    assert len(set(contents)) == len(contents)


def test_colours_are_chosen_before_the_page_is_shown():
    """Otherwise a page flashes white at night, and moves when its other logo goes."""
    for page in set(all_pages()) - {"index.html"}:
        assert "prefers-color-scheme" in soup(page).head.find("script", src=False).get_text(), page


def test_every_repair_of_the_theme_still_finds_its_fault():
    """A theme that writes otherwise would silently be left as it is."""
    pages = [path.read_text(encoding="utf-8") for path in SITE.rglob("*.html")]
    for fault, repair in MENDED:
        assert not any(fault in page for page in pages), fault
        assert any(repair in page for page in pages), f"{fault} is not written any more"


def test_names_in_headings_wrap_after_their_underscores():
    page = '<h2>my_own_name<a href="#my_own_name">#</a></h2>\n<p>my_own_name</p>'
    found = mended(page)
    assert found == page.replace("<h2>my_own_name", "<h2>my_<wbr>own_<wbr>name")
    assert mended(found) == found


def test_figures_are_numbered_within_their_chapters():
    numbers = {page: soup(page).select(".caption-number") for page in all_pages()}
    assert sum(map(len, numbers.values())) > 20
    for page, found in numbers.items():
        chapter = re.match(r"notebooks/0?(\d+)", page)
        for n, number in enumerate(found, 1):
            assert chapter and number.get_text() == f"Figure {chapter[1]}.{n} ", page


def test_no_button_leads_to_a_repository_without_an_address():
    for page in all_pages():
        assert not soup(page).select(".dropdown-launch-buttons, .dropdown-source-buttons"), page
