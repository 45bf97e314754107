"""The teacher's guide and the handouts name only what there is: exercises, figures, controls."""

import json
import re

import pytest

import build
from figures import NAMES
from pages import diagrams
from specdemo.live import figure, twin
from specdemo.live.join import joined

ROOT = build.ROOT
GUIDE = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")
CONTROLS = "".join([joined(twin.VIEW), *map(figure.kind_script, NAMES)])
CONTROLS += figure.library_script()
NOTEBOOKS = {int(path.name[:2]): path for path in sorted(ROOT.glob("notebooks/*.ipynb"))}
HANDOUTS = {int(path.stem): path for path in sorted(ROOT.glob("book/handouts/*.md"))}
LINK = re.compile(r"\]\(\.\./notebooks/([\w.]+)(?:#([\w-]+))?\)")
GAP = "[…]{.gap}"
# Words for the hearing and the seeing that are no control: names of the bundled clips and so on.
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?= (?:dB|ms|%|Hz|semitones|mel)\b)")

each_chapter = pytest.mark.parametrize("number", NOTEBOOKS)


def cells(number):
    """Return the cells of a chapter."""
    return json.loads(NOTEBOOKS[number].read_text(encoding="utf-8"))["cells"]


def texts(number):
    """Return the text cells of a chapter, joined."""
    return "\n\n".join("".join(c["source"]) for c in cells(number) if c["cell_type"] == "markdown")


def printed(number):
    """Return everything that a chapter says or prints."""
    outputs = [o for c in cells(number) for o in c.get("outputs", [])]
    shown = [o.get("text") or o["data"]["text/plain"] for o in outputs]
    return "\n".join([texts(number), *map("".join, shown)])


def section(number):
    """Return the part of the guide that is about a chapter."""
    return re.search(
        rf"^## Chapter {number}: .*?(?=^## |\Z)", GUIDE, re.DOTALL | re.MULTILINE
    ).group()


def anchors(number):
    """Return what the headings of a chapter are called in links."""
    headings = re.findall(r"^#+ (.*)$", texts(number), re.MULTILINE)
    return {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}


def handout(number):
    """Return the text of a handout."""
    return HANDOUTS[number].read_text(encoding="utf-8")


@each_chapter
def test_the_title_is_that_of_the_chapter(number):
    title = re.match(r"# (.*)", texts(number)).group(1)
    assert section(number).startswith(f"## Chapter {number}: {title}\n")
    assert handout(number).startswith(f"# Handout {number}: {title}\n")


@each_chapter
def test_exercises_and_figures_are_those_of_the_chapter(number):
    names = {c["metadata"].get("mystnb", {}).get("figure", {}).get("name") for c in cells(number)}
    both = section(number) + handout(number)
    exercises, figures = (
        re.findall(r"Exercise (\d+\.\d)", both),
        re.findall(r"`(fig-[\w-]+)`", both),
    )
    assert exercises and figures
    for exercise in exercises:
        assert f"**Exercise {exercise}**" in texts(number)
    assert set(figures) <= names


@each_chapter
def test_links_lead_to_headings_of_the_chapter(number):
    links = LINK.findall(section(number))
    assert len(links) > 3
    for file, anchor in links:
        assert file == NOTEBOOKS[number].name
        assert not anchor or anchor in anchors(number), anchor


@each_chapter
def test_numbers_are_printed_in_the_chapter(number):
    known = set(re.findall(r"-?\d+(?:\.\d+)?", printed(number)))
    found = NUMBER.findall(section(number))
    assert found
    assert set(found) <= known


def test_controls_are_those_of_the_live_figure():
    controls = set(re.findall(r"\{guilabel\}`([^`]+)`", GUIDE))
    assert len(controls) > 15
    source = CONTROLS.replace("\\u2013", "–")
    for control in controls:
        assert re.search(rf"""["' \[{{]{re.escape(control)}["':,]""", source), control


@each_chapter
def test_plans_take_as_long_as_they_say(number):
    for minutes in (45, 90):
        _, rows = section(number).split(f"| minutes | plan for {minutes} minutes |\n")
        durations = re.findall(r"^\| (\d+) \|", rows.split("\n\n")[0], re.MULTILINE)
        assert sum(map(int, durations)) == minutes


@each_chapter
def test_every_prediction_has_an_answer(number):
    asked = texts(number).count(":::{admonition} Predict\n")
    answers = section(number).split("**Predictions, answered.**")[1].split("**Gaps")[0]
    answered = len(re.findall(r"^\d\. \*", answers, re.MULTILINE))
    assert asked == answered > 2, (
        f"chapter {number} asks {asked}, the teacher's guide answers {answered}"
    )


@each_chapter
def test_every_gap_has_an_answer(number):
    answers = re.search(r"\*\*Gaps of the handout\.\*\* (.*)\.\n", section(number)).group(1)
    assert handout(number).count(GAP) == len(answers.split("; ")) >= 8


@each_chapter
def test_a_handout_has_its_parts(number):
    text = handout(number)
    facts = re.findall(r"^\| (?!to keep|---)", text, re.MULTILINE)
    assert 5 <= len(facts) <= 8
    assert len(re.findall(r"^\d\. ", text, re.MULTILINE)) == 3
    assert re.search(r"```\{diagram\} [\w-]+\n\w.+\n```", text)


def test_commands_are_those_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in (GUIDE, (ROOT / "book" / "how_to_use.md").read_text(encoding="utf-8")):
        for command in re.findall(r"`make ([a-z-]+)", page):
            assert re.search(rf"^{command}:.*## ", makefile, re.MULTILINE), command


def test_every_command_of_the_makefile_is_explained():
    """To readers, or to those who change the book."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pages = [ROOT / "book" / "how_to_use.md", ROOT / "CONTRIBUTING.md"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    for command in re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE):
        assert re.search(rf"\bmake {command}\b", text), command


# --- drawings --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", diagrams.DRAWINGS)
def test_a_drawing_is_well_formed_and_stays_in_its_frame(name):
    from xml.etree import ElementTree

    (svg,) = ElementTree.fromstring(diagrams.drawing(name, 'what "is" < seen'))
    assert svg.get("aria-label") == 'what "is" < seen'
    _, _, width, height = map(float, svg.get("viewBox").split())
    for shape in svg.iter("polyline"):
        points = [tuple(map(float, point.split(","))) for point in shape.get("points").split()]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    for text in svg.iter("text"):
        assert 0 <= float(text.get("x")) <= width and 0 <= float(text.get("y")) <= height


def test_both_spectra_of_the_drawing_have_the_bands_that_it_shows():
    """The spikes of `same_bands` are a spectrum with the bands of the smooth one."""
    _, f, bank = diagrams.slaney_bank(8)
    smooth, spikes = diagrams.two_spectra(f, bank)
    assert (smooth >= 0).all() and (spikes >= 0).all()
    assert (spikes > 0).sum() == len(bank)
    assert bank @ spikes == pytest.approx(bank @ smooth, rel=1e-9)


def test_every_drawing_is_used():
    used = {re.search(r"\{diagram\} ([\w-]+)", handout(n)).group(1) for n in HANDOUTS}
    assert used == set(diagrams.DRAWINGS)


# --- on paper --------------------------------------------------------------------------------


@each_chapter
def test_a_handout_is_one_sheet_of_paper(number, site, browser):
    import pdf

    page = browser.new_page()
    page.goto((site / "book" / "handouts" / f"{number:02}.html").as_uri())
    assert pdf.n_sheets(page.pdf(prefer_css_page_size=True)) == 1
    page.close()
