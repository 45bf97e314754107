"""The Explorer without a kernel: what its HTML holds, and the script that mounts it."""

import base64
import gzip
import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

from specdemo.live import Explorer, twin, widget

FOLDER = twin.FOLDER
SETTINGS = widget._settings()
TONE = (np.sin(2 * np.pi * 440 / 8000 * np.arange(4000)) / 2).astype(np.float32)


def test_bundle_has_the_widget_its_twin_and_a_plain_text():
    made = Explorer(step="mel")
    data, _ = made._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == made.model_id
    assert data["text/plain"] == "Explorer(step='mel', clip='speech')"
    assert data["text/html"] == made.twin()


def test_twin_holds_settings_sounds_a_picture_and_a_player():
    made = Explorer(step="inversion", axis="log", sounds={"tone": (TONE, 8000)}, caption="Hear.")
    soup = BeautifulSoup(made.twin(), "html.parser")
    figure = soup.find("figure", class_="sd-explorer")
    assert figure["id"] == "explorer-inversion"
    settings = json.loads(figure["data-settings"])
    assert set(settings) == {"clip", "step", *SETTINGS}
    assert (settings["clip"], settings["start"], settings["axis"]) == ("speech", "random", "log")
    assert list(json.loads(figure["data-sounds"])) == ["speech", "tone"]
    assert figure.img["alt"] == "Spectrogram of the sound “speech”, 4.6 s long"
    assert figure.audio["src"] == json.loads(figure["data-sounds"])["speech"]
    assert figure.figcaption.text == "Hear."
    assert soup.find("script", attrs={"data-specdemo": True})


def test_twin_of_a_clip_takes_no_other_clips_along():
    figure = BeautifulSoup(Explorer().twin(), "html.parser").figure
    assert list(json.loads(figure["data-sounds"])) == ["speech"]


def test_sounds_of_the_twin_are_16_bit_wavs():
    made = Explorer("tone", sounds={"tone": (TONE, 8000)})
    figure = BeautifulSoup(made.twin(), "html.parser").figure
    kind, data = json.loads(figure["data-sounds"])["tone"].split(",")
    wav = base64.b64decode(data)
    assert kind == "data:audio/wav;base64"
    np.testing.assert_allclose(np.frombuffer(wav[44:], "<i2") / 32768, TONE, atol=2**-16)


def test_picture_of_the_twin_is_small():
    figure = BeautifulSoup(Explorer().twin(), "html.parser").figure
    png = base64.b64decode(figure.img["src"].split(",")[1])
    # Its ground is transparent, for which the palette has shades of every edge.
    assert png.startswith(b"\x89PNG") and len(png) < 45_000


NASTY = "<img src=x onerror=alert(1)>'\"&</script><!--"


def test_labels_and_captions_are_text():
    made = Explorer(NASTY, sounds={NASTY: (TONE, 8000)}, caption=NASTY)
    html = made.twin()
    figure, script = html.split("<script", 1)
    soup = BeautifulSoup(html, "html.parser")
    assert len(soup.find_all("img")) == 1
    assert len(soup.find_all("script")) == 1
    assert soup.figcaption.text == NASTY
    assert soup.audio["aria-label"] == NASTY
    assert json.loads(soup.figure["data-settings"])["clip"] == NASTY
    assert list(json.loads(soup.figure["data-sounds"])) == [NASTY]
    assert figure.count("onerror") == figure.count("&lt;img src=x onerror") == 5
    assert NASTY not in script


# --- scripts ---------------------------------------------------------------------------------


def test_script_can_stand_in_a_script_element():
    text = twin.script()
    assert "<" not in text[text.index("{", 20) : text.index("};")]
    assert "</script" not in text.lower() and "<!--" not in text


def test_script_holds_the_sources_without_their_comments():
    text = twin.script()
    start = text.index("sources = ") + 10
    sources = json.loads(text[start : text.index(";\n", start)])
    assert set(sources) == {"view", "dsp", "css"}
    assert "export default { render };" in sources["view"]
    for source in sources.values():
        assert not re.search(r"^\s*(//|/\*|\*)", source, re.MULTILINE)


SOURCES = sorted(
    path.relative_to(FOLDER).as_posix()
    for path in FOLDER.rglob("*")
    if path.suffix in (".js", ".css")
)


@pytest.mark.parametrize("name", SOURCES)
def test_only_comments_are_left_out(name):
    """Each comment begins and ends as the pattern expects; no string spans lines."""
    source = (FOLDER / name).read_text(encoding="utf-8")
    for match in twin.COMMENTS.finditer(source):
        left_out = match.group().strip()
        is_line = left_out.startswith("//") and "\n" not in left_out
        assert is_line or re.fullmatch(r"/\*(?:(?!\*/).)*\*/", left_out, re.DOTALL), left_out
    assert all(line.count("`") % 2 == 0 for line in source.splitlines())


def test_script_is_small_enough():
    size = len(gzip.compress(twin.script().encode(), 9))
    print(f"script of the Explorer: {size / 1000:.1f} kB gzipped")
    assert size < 40_000


def test_view_reads_no_foreign_text_as_html_and_asks_no_server():
    for name in SOURCES:
        source = (FOLDER / name).read_text(encoding="utf-8")
        words = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bfetch\(|XMLHttp"
        assert not re.search(words, source)
        assert set(re.findall(r"https?://[\w.]+", source)) <= {"http://www.w3.org"}


def test_script_of_a_sound():
    x = np.array([0, 0.5, -1.0], np.float32)
    text = twin.sound_script("a</script>", x, 8000)
    name, sr, data = re.fullmatch(r"specdemo\.sound\((.+), (\d+), \"(.+)\"\);\n", text).groups()
    assert json.loads(name) == "a</script>" and "</" not in name
    assert sr == "8000"
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(data), "<i2"), [0, 16384, -32768])


def test_the_page_quotes_the_setting_of_nbconvert_that_is_installed():
    """For who has nbconvert elsewhere: HTML comes before a widget, and nothing is left out."""
    setting = json.loads((twin.FOLDER / "jupyter_nbconvert_config.json").read_text("utf-8"))
    kinds = setting["NbConvertBase"]["display_data_priority"]
    assert kinds.index("text/html") < kinds.index("application/vnd.jupyter.widget-view+json")
    page = (twin.FOLDER.parents[1] / "book" / "how_to_use.md").read_text("utf-8")
    (quoted,) = re.findall(r"--NbConvertBase\.display_data_priority='(.*)'$", page, re.MULTILINE)
    assert json.loads(quoted) == kinds
