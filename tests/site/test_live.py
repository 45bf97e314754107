"""Live figures on the site: one program, and sounds in files, with the bundled clips on offer."""

import base64
import io
import json
import re

import numpy as np
import pytest
import soundfile
from bs4 import BeautifulSoup

import specdemo as sd
from finish import live
from specdemo.audio.wav import wav_bytes
from specdemo.live import twin as sources


def twin(sounds):
    """Return the HTML of a live figure."""
    attribute = json.dumps(sounds, ensure_ascii=False)
    attribute = attribute.replace("&", "&amp;").replace("'", "&#x27;").replace("<", "&lt;")
    return (
        f"<figure class=\"sd-explorer\" data-sounds='{attribute}'></figure>\n"
        '<script data-specdemo>(() => { const a = "<p>"; })();</script>'
    )


def sounds_of(page):
    """Return the sounds of the only live figure of a page."""
    (figure,) = BeautifulSoup(page, "html.parser").select(".sd-explorer")
    return json.loads(figure["data-sounds"])


def held(path):
    """Return the samples that a sound's script holds, and its rate."""
    text = path.read_text()
    rate = int(re.search(r"OfflineAudioContext\(1, 1, (\d+)\)", text).group(1))
    flac = base64.b64decode(re.search(r'atob\("([^"]+)"\)', text).group(1))
    x, sr = soundfile.read(io.BytesIO(flac), dtype="float32")
    assert sr == rate
    return x, sr


def test_one_program_is_loaded_for_all_figures_of_a_page(finish, tmp_path):
    page = finish(twin({}).replace("data-sounds='{}'", "") * 3)
    (script,) = BeautifulSoup(page, "html.parser").find_all("script")
    assert re.fullmatch(r"\.\./_static/specdemo\.js\?v=[0-9a-f]{8}", script["src"])
    assert script.has_attr("async") and not script.get_text()
    assert (tmp_path / "_static" / "specdemo.js").read_text() == sources.script()


def test_bundled_clips_are_on_offer(finish, tmp_path):
    page = finish(twin({}))
    found = sounds_of(page)
    assert found == {name: f"../_media/clips/{name}.js" for name in sd.clips()}
    for name in found:
        x, sr = held(tmp_path / "_media" / "clips" / f"{name}.js")
        expected, rate = sd.load(name)
        assert sr == rate
        np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("name", ["speech", "my <voice> & 'mine'"])
def test_an_own_sound_keeps_its_label_and_its_samples(finish, tmp_path, name):
    """Also when it bears the name of a bundled clip."""
    x = np.random.default_rng(0).integers(-2000, 2000, 800) / 2**15
    url = "data:audio/wav;base64," + base64.b64encode(wav_bytes(x[None], 16000)).decode()
    page = finish(twin({name: url}))
    found = sounds_of(page)
    assert next(iter(found)) == name and set(found) == {name, *sd.clips()}
    assert re.fullmatch(r"\.\./_media/clips/[0-9a-f]{16}\.js", found[name])
    samples, sr = held(tmp_path / found[name].removeprefix("../"))
    assert sr == 16000
    np.testing.assert_array_equal(samples, x.astype(np.float32))


@pytest.mark.parametrize("sr", [1, 3000, 192_000, 1_000_000])
def test_a_rate_that_no_decoder_has_to_take_comes_as_samples(finish, tmp_path, sr):
    x = np.random.default_rng(0).integers(-2000, 2000, 800) / 2**15
    url = "data:audio/wav;base64," + base64.b64encode(wav_bytes(x[None], sr)).decode()
    text = (
        tmp_path / sounds_of(finish(twin({"mine": url})))["mine"].removeprefix("../")
    ).read_text()
    rate, data = re.fullmatch(r'specdemo\.sound\("sound", (\d+), "(.+)"\);\n', text).groups()
    assert int(rate) == sr
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(data), "<i2") / 2**15, x)


def test_the_explorer_itself_is_light_on_the_site(finish, tmp_path):
    """Its twin, which holds a program and a sound, becomes a few lines that name files."""
    alone = sd.Explorer("drums", step="mel", caption="See.").twin()
    page = finish(alone)
    assert len(page) < 5000 < len(alone)
    assert "data:" not in page
    assert sounds_of(page)["drums"] == "../_media/clips/drums.js"
    figure = BeautifulSoup(page, "html.parser").figure
    for address in (figure.img["src"], figure.audio["data-src"]):
        assert (tmp_path / address.removeprefix("../")).is_file()
    assert finish(page) == page


def test_files_are_written_when_they_differ(tmp_path):
    path = live.write(tmp_path / "a" / "b.js", "one")
    before = path.stat().st_mtime_ns
    assert live.write(path, "one").stat().st_mtime_ns == before
    assert live.write(path, "two").read_text() == "two"
