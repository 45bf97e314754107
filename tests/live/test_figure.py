"""The Python side of the figures to take hold of: traits, twin, programs, and what is refused."""

import gzip
import inspect
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from bs4 import BeautifulSoup

import specdemo as sd
from figures import ABOUT, NAMES, starts
from specdemo.live import figure as live
from specdemo.live import still as stills
from specdemo.live.join import library, member

# Bytes of the programs as they are sent: what figures share, and each by itself. The aim is 4 kB;
# "integration", which brings slopes and a heap, has 4.2.
MOST_SHARED, MOST_OF_ONE = 14 * 1024, 4.3 * 1024
MOST_LINES = 150


def twin(**settings):
    """The elements of a figure's twin."""
    return BeautifulSoup(sd.Figure(**settings).twin(), "html.parser")


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_known_by_its_name_and_its_handles_are_traits(name):
    figure = sd.Figure(name)
    assert repr(figure) == f"Figure({name!r}, clip='speech')"
    for trait in figure.names():
        value = getattr(figure, trait)
        setattr(figure, trait, value)
        assert figure.get_state()[trait] == value
    assert figure._given["names"] == figure.names()
    sent = np.frombuffer(figure._samples, "<f4")
    np.testing.assert_array_equal(sent, figure.x)


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_names_every_handle(name):
    (listed,) = re.findall(
        rf'^([\w, .]+) : [\w, ]+\n +Of "{name}"', inspect.getdoc(sd.Figure), re.MULTILINE
    )
    handles = [trait for trait in sd.Figure(name).names() if not re.fullmatch(r"c\d+", trait)]
    assert set(re.findall(r"\w+", listed)) - {"c0", "c1", "c12"} == set(handles)


def test_what_cannot_be_drawn_says_why():
    with pytest.raises(RuntimeError, match=r"(?s)figure speak could not be drawn:.*JSON"):
        stills.still("speak", np.zeros(1, np.float32), 8000, {}, model="{")


def test_it_is_imported_at_first_use():
    code = (
        "import sys, specdemo as sd; before = 'anywidget' in sys.modules; sd.Figure; "
        "print(before, 'anywidget' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_the_frame_of_the_probe_is_the_loudest_of_the_chapter():
    x, sr = sd.load("music", duration=8)
    frames = sd.frame(x, 1024 * sr // 22050, 256 * sr // 22050)
    loudest = frames[:, np.argmax(np.sum(frames.astype(float) ** 2, axis=0))]
    np.testing.assert_array_equal(sd.Figure("probe", "music").x, loudest)


def test_the_tone_of_agreement_is_the_clips_strongest(tmp_path):
    t = np.arange(8000) / 8000
    x = 0.5 * np.sin(2 * np.pi * 500 * t) + 0.2 * np.sin(2 * np.pi * 1500 * t)
    sd.save(tmp_path / "two.wav", x, 8000)
    figure = sd.Figure("agreement", tmp_path / "two.wav")
    assert figure.clip == "two"
    assert abs(figure.hertz - 500) <= 8000 / 512


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_samples", [1, 20, 500])
def test_short_and_silent_recordings_have_a_figure(tmp_path, name, n_samples):
    sd.save(tmp_path / "short.wav", np.zeros(n_samples), 8000)
    figure = sd.Figure(name, tmp_path / "short.wav")
    about = ABOUT[name]
    n_taken = getattr(about, "N_SAMPLES", n_samples)
    assert len(figure.x) == n_taken * getattr(about, "N_SOUNDS", 1)
    (picture,) = BeautifulSoup(figure.twin(), "html.parser").select("svg.sd-still")
    assert "NaN" not in str(picture)


def test_what_is_refused():
    with pytest.raises(ValueError, match="name must be one of .*frames"):
        sd.Figure("frame")
    with pytest.raises(TypeError, match=r"hop is not a setting of the figure 'frames'.*hop_length"):
        sd.Figure("frames", hop=3)
    with pytest.raises(FileNotFoundError):
        sd.Figure("probe", "gone.wav")
    with pytest.raises(TypeError, match="clip must be a name, .* no samples: save it"):
        sd.Figure("probe", np.zeros(9))
    with pytest.raises(TypeError, match="caption must be text or None; got 5"):
        sd.Figure("probe", caption=5)
    for name, trait, value in (
        ("frames", "n_fft", 1),
        ("probe", "phase", 181),
        ("agreement", "n_steps", 41),
        ("leakage", "shoulders", 2.1),
        ("integration", "found", 101),
    ):
        with pytest.raises(ValueError, match=trait):
            sd.Figure(name, **{trait: value})
    with pytest.raises(TypeError, match="n_fft"):
        sd.Figure("frames").n_fft = 12.5


def test_edges_of_a_piece_that_cross_are_put_in_order_or_refused():
    figure = sd.Figure("excerpt", low=2000)
    assert figure.low == 2000 and figure.high == pytest.approx(2800)
    assert sd.Figure("excerpt", high=100).low == 0
    assert sd.Figure("excerpt", end=0.2).start == 0
    for edges in ({"low": 2000, "high": 960}, {"start": 3, "end": 3}):
        with pytest.raises(ValueError, match=f"{next(iter(edges))} must be below .*; got "):
            sd.Figure("excerpt", **edges)
    with pytest.raises(TypeError, match="low must be a number; got 'x'"):
        sd.Figure("excerpt", low="x")
    figure.low = 3000
    assert figure.high == pytest.approx(3000 + 0.02 * 8000)
    figure.end = 0.1
    assert figure.start < figure.end
    # Zero seconds are no piece: the drawing mends that.
    figure.end = 0
    assert figure.start == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_twin_has_a_picture_a_caption_and_its_programs(name):
    page = twin(name=name, caption="<b>Look & drag</b>")
    (figure,) = page.select(f"figure.sd-figure#figure-{name}[data-figure={name}]")
    assert figure.figcaption.get_text() == "<b>Look & drag</b>"
    assert set(json.loads(figure["data-settings"])) == set(sd.Figure(name).names())
    assert figure.select("svg.sd-still[role=img]")[0]["aria-label"]
    assert [tag.attrs for tag in page.find_all("script")] == [
        {"data-figures": ""},
        {"data-kind": name},
    ]


def test_where_there_is_no_node_words_stand_for_the_picture(monkeypatch):
    monkeypatch.setattr(stills, "find_node", lambda: None)
    (words,) = twin(name="probe").select("p.sd-still")
    assert "needs JavaScript" in words.get_text()


def test_settings_are_what_the_picture_shows():
    still = sd.Figure("probe", frequency=440).twin()
    assert sd.Figure("probe", frequency=440.0).twin() == still
    assert sd.Figure("probe", frequency=700).twin() != still


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_of_the_start_is_the_one_that_was_looked_at(name):
    """To a pixel or two, since the last digits differ from machine to machine; fonts are not compared."""
    if stills.find_node() is None:
        pytest.skip("there is no Node")
    wanted = json.loads(starts.STARTS.read_text(encoding="utf-8"))[name]
    found = starts.outline(name)
    assert found["size"] == pytest.approx(wanted["size"], abs=1)
    assert [word for word, *_ in found["words"]] == [word for word, *_ in wanted["words"]]
    assert list(found["shapes"]) == list(wanted["shapes"])
    for (word, *place), (_, *before) in zip(found["words"], wanted["words"], strict=True):
        assert place == pytest.approx(before, abs=2), word
    for kind, (count, *box) in found["shapes"].items():
        before = wanted["shapes"][kind]
        assert count == before[0] and box == pytest.approx(before[1:], abs=2), kind
    assert found["cells"] == pytest.approx(wanted["cells"], abs=1)


def test_programs_are_light():
    def sent(text):
        return len(gzip.compress(text.encode()))

    assert sent(live.library_script()) <= MOST_SHARED
    # Figures of mel bands bring the bank, which the chapters before them do without.
    bank = sent(live.short(member(live.FOLDER / "js" / "dsp" / "melbank.js", live.SHARED)))
    for name in NAMES:
        script = live.kind_script(name)
        most = MOST_OF_ONE + (bank if "function melBank" in script else 0)
        assert sent(script) <= most, name
        source = (live.DRAWINGS / f"{name}.js").read_text(encoding="utf-8")
        assert source.count("\n") <= MOST_LINES, name


def test_a_program_has_no_text_over_several_lines():
    """Whose indents would be lost."""
    for text in (live.library_script(), *map(live.kind_script, NAMES)):
        assert all(line.count("`") % 2 == 0 for line in text.split("\n"))


def test_a_library_shares_modules_and_a_member_brings_its_own(tmp_path):
    """A private name of one meets no other's, and what is shared runs once."""
    for name, text in {
        "shared": "let n = 0;\nexport function next() {\n  return ++n;\n}\n",
        "own": "const n = 10;\nexport const ten = () => n;\n",
        "one": 'import { next } from "./shared.js";\nimport { ten } from "./own.js";\n'
        "export const both = () => next() + ten();\n",
        "entry": 'import { next } from "./shared.js";\nnext();\nfinish($shared);\n',
    }.items():
        (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
    modules = [tmp_path / "shared.js"]
    made = member(tmp_path / "one.js", modules)
    assert "++n" not in made
    program = f"function finish($shared) {{ console.log(({made})($shared).both()); }}\n"
    program += library(tmp_path / "entry.js", modules)
    alone = f"\nconsole.log(({member(tmp_path / 'one.js')})({{}}).both());"
    node = stills.find_node()
    if node is None:
        pytest.skip("there is no Node")
    run = subprocess.run(
        [node, "-"], input=program + alone, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["12", "11"]
