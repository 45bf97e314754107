"""The finishing of pages by the book's Sphinx extension."""

import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from jupyter_cache.executors import utils as executors
from nbformat.v4 import new_code_cell, new_notebook

import specbook
from finish import site
from specdemo.live.players import PLAYER_CSS


def test_an_embedded_sound_becomes_files(finish, tmp_path, embedded, wav):
    x = 0.1 * np.random.default_rng(0).standard_normal(22050)
    page = finish(f'<audio controls src="{embedded("audio/wav", wav(x))}"></audio>')
    mp3, script, flac = (
        next((tmp_path / "_media").glob(f"*.{suffix}")) for suffix in ("mp3", "js", "flac")
    )
    assert page == (
        f'<audio preload="none" data-script="../_media/{script.name}" data-gain="1" '
        f'controls src="../_media/{mp3.name}"></audio>'
    )
    assert mp3.stem == script.stem == flac.stem


def test_a_sound_at_another_level_is_loaded_once(finish, tmp_path, embedded, wav):
    x = 0.1 * np.random.default_rng(0).standard_normal(22050)
    page = finish(
        "".join(
            f'<audio src="{embedded("audio/wav", wav(gain * x))}"></audio>' for gain in (1, 0.5)
        )
    )
    one, other = BeautifulSoup(page, "html.parser").find_all("audio")
    assert one["data-script"] == other["data-script"]
    assert one["src"] != other["src"]
    assert float(other["data-gain"]) == pytest.approx(0.5, rel=1e-3)
    assert len(list((tmp_path / "_media").glob("*.js"))) == 1


@pytest.mark.parametrize("kind", ["sd-listen", "sd-explorer"])
def test_a_player_that_a_script_replaces_costs_nothing(finish, embedded, wav, kind):
    """A native one stands in its <noscript>, and what the script needs beside it."""
    data = embedded("audio/wav", wav(np.full(100, 0.1)))
    page = finish(
        f'<figure class="{kind}"><audio controls aria-label="x" src="{data}"></audio>'
        f'</figure><audio controls src="{data}"></audio>'
    )
    soup = BeautifulSoup(page, "html.parser")
    quiet, native = soup.figure.find_all("audio")
    assert set(quiet.attrs) == {"data-src", "data-script", "data-gain", "preload", "aria-label"}
    assert native.parent.name == "noscript"
    assert native.attrs == {
        "controls": "",
        "preload": "none",
        "aria-label": "x",
        "src": quiet["data-src"],
    }
    assert soup.find_all("audio")[-1].has_attr("controls")
    assert finish(page) == page


@pytest.mark.parametrize("attribute", ["", ' width="64" height="48"'])
def test_an_embedded_picture_becomes_a_file_of_known_size(
    finish, tmp_path, embedded, png, attribute
):
    data = embedded("image/png", png(np.zeros((48, 64, 3))))
    page = finish(f'<img alt="x"{attribute} src="{data}">')
    (media,) = (tmp_path / "_media").iterdir()
    (tag,) = BeautifulSoup(page, "html.parser").find_all("img")
    assert tag.attrs == {
        "alt": "x",
        "src": f"../_media/{media.name}",
        "width": "64",
        "height": "48",
        "loading": "lazy",
    }


def test_a_picture_of_a_notebook_becomes_lighter(finish, tmp_path, png):
    drawn = tmp_path / "_images" / "0f.png"
    drawn.parent.mkdir()
    drawn.write_bytes(png(np.zeros((48, 64, 3))))
    page = finish('<img alt="x" src="../_images/0f.png">')
    found = re.fullmatch(r'<a class="sd-picture" href="(.+)"><img .*src="(.+)".*></a>', page)
    assert found and found[1] == found[2]
    assert re.fullmatch(r"\.\./_media/\w+\.(webp|avif)", found[1])
    assert finish(page) == page


@pytest.mark.parametrize("kept", ["../_static/logo.svg", "https://example.org/a.png"])
def test_other_pictures_stay(finish, kept):
    assert finish(f'<img alt="x" src="{kept}">') == f'<img alt="x" src="{kept}">'


def test_finishing_twice_changes_nothing(finish, embedded, wav, png):
    text = (
        f'<meta name="viewport" content="a"><meta name="viewport" content="b">'
        f'<script src="../_static/doctools.js"></script>'
        f'<img alt="x" src="{embedded("image/png", png(np.zeros((9, 9, 3))))}">'
        f'<audio src="{embedded("audio/wav", wav(np.full(100, 0.1)))}"></audio>'
    )
    once = finish(text)
    assert finish(once) == once
    assert once.count("viewport") == 1


@pytest.mark.parametrize(
    "unwanted",
    [
        '<script async="async" src="https://example.org/a.js"></script>',
        '<script src="//example.org/a.js"></script>',
        "<script>const THEBE_JS_URL = 'x'</script>",
        "<script>kernelName = 'python3'</script>",
        '<script type="application/vnd.jupyter.widget-state+json">\n{"state": {}}\n</script>',
        '<script defer src="_static/scripts/fontawesome.js?digest=1"></script>',
        '<link rel="stylesheet" href="https://example.org/a.css" />',
        '<link rel="stylesheet" href="_static/sphinx-thebe.css?v=1" />',
        '<link rel="preload" as="script" href="../_static/scripts/bootstrap.js?digest=1" />',
        '<script src="../searchindex.js"></script>',
        '<script src="../_static/searchtools.js"></script>',
        '<script src="../_static/copybutton.js?v=1"></script>',
        '<script src="../_static/players.js?v=1"></script>',
    ],
)
def test_scripts_and_links_of_no_use_are_removed(finish, unwanted):
    assert finish(f"<p>before</p>{unwanted}<p>after</p>") == "<p>before</p><p>after</p>"


@pytest.mark.parametrize(
    ("script", "need"),
    [
        ("searchindex.js", '<div id="search-results"></div>'),
        ("copybutton.js", '<div class="highlight-ipython3"></div>'),
        ("players.js", '<figure class="sd-listen"></figure>'),
        ("hear.js", "<figure class='sd-hear-place'></figure>"),
        ("doctools.js", ""),
    ],
)
def test_scripts_of_use_stay_and_wait_for_the_page(finish, script, need):
    page = finish(f'<script src="../_static/{script}?v=1"></script>{need}')
    assert page == f'<script defer src="../_static/{script}?v=1"></script>{need}'


@pytest.mark.parametrize(
    "wanted",
    [
        '<script defer src="../_static/scripts/bootstrap.js"></script>',
        '<script src="../_static/documentation_options.js?v=1"></script>',
        "<script>let toggleHintShow = 'Show';</script>",
        '<link rel="stylesheet" href="../_static/book.css" />',
        '<a href="https://example.org/">a link to follow</a>',
    ],
)
def test_what_the_site_needs_stays(finish, wanted):
    assert finish(wanted) == wanted


def test_the_look_of_players_is_said_once_for_the_site(finish):
    page = f'<figure class="sd-listen"><style>{PLAYER_CSS}</style></figure>'
    assert finish(page) == '<figure class="sd-listen"></figure>'


def test_colours_are_known_before_the_page_is_shown(finish):
    head = (
        "<script>\n    document.documentElement.dataset.theme = "
        'localStorage.getItem("theme") || "auto";\n</script>'
    )
    assert "prefers-color-scheme: dark" in finish(head)


def test_files_that_no_page_names_are_removed(tmp_path):
    media, images = tmp_path / "_media", tmp_path / "_images"
    for folder in (media / "clips", images, tmp_path / "_static" / "scripts"):
        folder.mkdir(parents=True)
    kept = [
        media / "a.mp3",
        media / "a.flac",
        media / "b.js",
        media / "clips" / "d.js",
        images / "c.png",
    ]
    gone = [
        media / "x.mp3",
        media / "x.flac",
        media / "a.js",
        media / "clips" / "x.js",
        images / "y.png",
        tmp_path / "_static" / "scripts" / "a.js.map",
    ]
    for path in kept + gone:
        path.touch()
    text = 'src="../_media/a.mp3" "../_media/b.js" "../_media/clips/d.js" "_images/c.png"'
    site.remove_unused(tmp_path, [text])
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)


def test_search_fetches_no_pages_from_a_disk(tmp_path):
    options = tmp_path / "documentation_options.js"
    options.write_text("{\n    SHOW_SEARCH_SUMMARY: true,\n}")
    for _ in range(2):
        site.search_without_summaries_from_disk(options)
        assert options.read_text().count('SHOW_SEARCH_SUMMARY: location.protocol !== "file:"') == 1


def test_printed_text_is_stored_in_one_piece(monkeypatch):
    """A kernel sends it in pieces, cut anywhere."""
    monkeypatch.setattr(executors, "executenb", executors.executenb)
    specbook.join_what_is_printed()
    slowly = "for part in 'ab': print(part, end='', flush=True); time.sleep(0.3)"
    notebook = new_notebook(cells=[new_code_cell(f"import time\n{slowly}")])
    executors.single_nb_execution(notebook, cwd=None, timeout=60, allow_errors=False)
    assert [output["text"] for output in notebook.cells[0].outputs] == ["ab"]
