"""The finishing of pages by the book's Sphinx extension."""

import base64
import struct

import pytest
import specbook

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
WAV = b"RIFF----WAVE"


def data_url(kind, data):
    """Return a data URL."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.fixture
def finish(tmp_path):
    """Return a function that finishes a page in a subfolder and returns its text."""

    def finished(text):
        page = tmp_path / "notebooks" / "page.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")
        specbook.finish_page(page, tmp_path)
        return page.read_text(encoding="utf-8")

    return finished


def test_embedded_sound_becomes_a_file(finish, tmp_path):
    page = finish(f'<audio controls src="{data_url("audio/wav", WAV)}"></audio>')
    (media,) = (tmp_path / "_media").iterdir()
    assert media.suffix == ".wav"
    assert media.read_bytes() == WAV
    assert page == f'<audio preload="none" controls src="../_media/{media.name}"></audio>'


def test_embedded_picture_becomes_a_file_of_known_size(finish, tmp_path):
    page = finish(f'<img alt="x" src="{data_url("image/png", PNG)}">')
    (media,) = (tmp_path / "_media").iterdir()
    assert f'src="../_media/{media.name}" width="640" height="480"' in page
    assert page.startswith('<img loading="lazy" ')


def test_finishing_twice_changes_nothing(finish):
    once = finish(f'<img alt="x" src="{data_url("image/png", PNG)}"><audio src="a.wav"></audio>')
    assert finish(once) == once


@pytest.mark.parametrize(
    "unwanted",
    [
        '<script async="async" src="https://example.org/a.js"></script>',
        '<script src="//example.org/a.js"></script>',
        "<script>const THEBE_JS_URL = 'x'</script>",
        "<script>kernelName = 'python3'</script>",
        '<script type="application/vnd.jupyter.widget-state+json">\n{"state": {}}\n</script>',
        '<link rel="stylesheet" href="https://example.org/a.css" />',
        '<link rel="stylesheet" href="_static/sphinx-thebe.css?v=1" />',
    ],
)
def test_scripts_and_links_to_elsewhere_are_removed(finish, unwanted):
    assert finish(f"<p>before</p>{unwanted}<p>after</p>") == "<p>before</p><p>after</p>"


@pytest.mark.parametrize(
    "wanted",
    [
        '<script defer src="../_static/mathjax/tex-chtml.js"></script>',
        '<link rel="stylesheet" href="../_static/book.css" />',
        '<a href="https://example.org/">a link to follow</a>',
    ],
)
def test_what_the_site_needs_stays(finish, wanted):
    assert finish(wanted) == wanted
