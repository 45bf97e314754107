"""What is stored in the notebooks, and the metadata that the book needs of every cell."""

import re
from pathlib import Path

import nbformat
import pytest

import notebooks as stored_notebooks

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
ABSOLUTE_PATH = re.compile(r"(?<![\w.])(/home/|/Users/|/root/|/tmp/|/work/|[A-Z]:\\\\?Users)")

every_notebook = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem
)


def code_cells(path):
    """Return the code cells of a notebook with their numbers, from 1."""
    cells = nbformat.read(path, as_version=4).cells
    return [(number, cell) for number, cell in enumerate(cells, 1) if cell.cell_type == "code"]


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
def test_at_least_three_hidden_solutions(path):
    solutions = [cell for _, cell in code_cells(path) if "solution" in tags(cell)]
    assert len(solutions) >= 3
    assert all("hide-cell" in tags(cell) for cell in solutions)


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
def test_no_path_of_one_machine(path):
    assert not ABSOLUTE_PATH.search(path.read_text(encoding="utf-8"))
