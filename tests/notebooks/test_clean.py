"""What is stored in the notebooks, and the metadata that the book needs of every cell."""

import re
from pathlib import Path

import nbformat
import pytest

import last_digits
import notebooks as stored_notebooks

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.])(/(home|Users|root|tmp|var|opt|work|mnt|srv)/|[A-Z]:\\\\?Users)"
)
EXERCISE_PARTS = {"starter", "solution", "check"}

every_notebook = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem
)


def code_cells(path):
    """Return the code cells of a notebook with their numbers, from 1."""
    cells = nbformat.read(path, as_version=4).cells
    return [(number, cell) for number, cell in enumerate(cells, 1) if cell.cell_type == "code"]


def markdown_cells(path):
    """Return the text cells of a notebook."""
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]


def exercise_numbers(path):
    """Return the numbers of the exercises of a notebook, such as "1.1"."""
    text = "\n".join(cell.source for cell in markdown_cells(path))
    return re.findall(r"^\*\*Exercise (\d+\.\d+)\*\*", text, re.MULTILINE)


def tags(cell):
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def draws_a_figure(cell):
    """Whether the page shows a figure that this cell has drawn."""
    texts = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    removed = tags(cell) & {"remove-cell", "remove-output"}
    return not removed and any(text.startswith("<Figure size") for text in texts)


@every_notebook
def test_stored_outputs_are_text_only(path):
    assert stored_notebooks.unclean(nbformat.read(path, as_version=4)) == [], "run 'make notebooks'"


@every_notebook
def test_first_code_cell_names_the_clip(path):
    _, cell = code_cells(path)[0]
    assert "parameters" in tags(cell)
    assert cell.source.startswith('clip = "speech"')


@every_notebook
def test_figures_have_alt_text_caption_and_name(path):
    for number, cell in code_cells(path):
        if draws_a_figure(cell):
            options = cell.metadata.get("mystnb", {})
            assert options.get("image", {}).get("alt"), f"cell {number} has no alt text"
            assert options.get("figure", {}).get("caption"), f"cell {number} has no caption"
            assert options["figure"].get("name"), f"cell {number} has no name to refer to"


@every_notebook
def test_exercises_are_five_or_more_and_graded(path):
    chapter = int(path.name[:2])
    text = "\n".join(cell.source for cell in markdown_cells(path))
    found = re.findall(r"^\*\*Exercise (\d+)\.(\d+)\*\* \((\w+)\)\.", text, re.MULTILINE)
    assert len(found) >= 5
    assert [(int(c), int(n)) for c, n, _ in found] == [(chapter, n + 1) for n in range(len(found))]
    grades = [("recall", "apply", "explore").index(grade) for _, _, grade in found]
    assert grades == sorted(grades)
    assert set(grades) == {0, 1, 2}


@every_notebook
def test_every_exercise_has_starter_solution_and_check_in_this_order(path):
    """The solution comes before the check, so that the notebook passes its own checks."""
    parts = [kind for _, cell in code_cells(path) for kind in EXERCISE_PARTS & tags(cell)]
    assert parts == ["starter", "solution", "check"] * (len(parts) // 3)
    assert len(parts) // 3 == len(exercise_numbers(path))


@every_notebook
def test_solutions_and_checks_are_folded(path):
    """On the page by their tag, in JupyterLab by their metadata."""
    for number, cell in code_cells(path):
        if tags(cell) & {"solution", "answer", "check"}:
            assert "hide-cell" in tags(cell), f"cell {number} gives itself away on the page"
        if tags(cell) & {"solution", "answer"}:
            assert cell.metadata.jupyter.source_hidden, f"cell {number} shows in JupyterLab"
            assert cell.metadata.jupyter.outputs_hidden, f"cell {number} shows in JupyterLab"


@every_notebook
def test_every_solution_is_right(path):
    checks = [cell for _, cell in code_cells(path) if "check" in tags(cell)]
    for number, cell in zip(exercise_numbers(path), checks, strict=True):
        (output,) = cell.outputs
        assert output.text.startswith(f"Exercise {number}: right. ")
        assert cell.source.startswith(f"exercises.check_{number.replace('.', '_')}(")


@every_notebook
def test_names_to_fill_in_are_those_that_the_check_takes(path):
    """A gap of the starter that no check reads would be a gap in the check."""
    starters = [cell.source for _, cell in code_cells(path) if "starter" in tags(cell)]
    checks = [cell.source for _, cell in code_cells(path) if "check" in tags(cell)]
    for starter, check in zip(starters, checks, strict=True):
        gaps = re.findall(r"^(\w+) = (?:None|\{.*None)", starter, re.MULTILINE)
        gaps += re.findall(
            r"^def (\w+)\((?:.*\n)+?    raise NotImplementedError", starter, re.MULTILINE
        )
        assert gaps, starter
        assert set(gaps) <= set(re.findall(r"\w+", check)), starter


@every_notebook
def test_widgets_stay_off_the_static_page(path):
    for number, cell in code_cells(path):
        if re.search(r"\binteract(ive)?\(", cell.source):
            assert "remove-cell" in tags(cell), f"cell {number} would be dead without a kernel"


@every_notebook
def test_every_cell_that_shows_on_the_page_is_compared(path):
    """What nbval leaves out must be off the page too."""
    for number, cell in code_cells(path):
        assert "nbval-skip" not in tags(cell), f"cell {number} is not executed by the tests"
        if "nbval-ignore-output" in tags(cell):
            assert "remove-cell" in tags(cell), f"cell {number} is not compared by the tests"


@every_notebook
def test_only_what_was_searched_for_may_differ_in_its_last_digit(path):
    """Printed in the few chapters that search long or train; numbers elsewhere are held to every digit."""
    tagged = [cell for _, cell in code_cells(path) if last_digits.TAG in tags(cell)]
    assert not tagged or path.name.startswith(("04", "08", "09"))
    for cell in tagged:
        assert any(map(last_digits.NUMBER.search, map(last_digits.plain, cell.outputs)))


@every_notebook
def test_no_path_of_one_machine(path):
    assert not ABSOLUTE_PATH.search(path.read_text(encoding="utf-8"))
