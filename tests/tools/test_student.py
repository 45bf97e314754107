"""`make student`: the same notebooks as the book's, but for the solutions, and they run."""

import re
import zipfile
from pathlib import Path, PurePosixPath

import nbformat
import pytest

import build
import notebooks as stored_notebooks
import specdemo
import student
from untested import is_thorough

NOTEBOOKS = sorted(student.ROOT.glob("notebooks/*.ipynb"))
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# A thorough run executes all copies, otherwise that of chapter 3, the shortest.
some_notebooks = pytest.mark.parametrize(
    "path", NOTEBOOKS if is_thorough() else NOTEBOOKS[2:3], ids=lambda path: path.stem
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The unpacked zip."""
    target = tmp_path_factory.mktemp("student")
    student.write_zip(target / "student.zip", student.FOLDER, student.contents())
    with zipfile.ZipFile(target / "student.zip") as archive:
        archive.extractall(target)
    return target / student.FOLDER


def read(path):
    """Return a notebook."""
    return nbformat.read(path, as_version=4)


def unprinted(cell):
    """Return what a cell is without what it has printed."""
    return {key: cell[key] for key in cell if key not in ("outputs", "execution_count")}


@every_notebook
def test_student_and_full_notebook_are_equal_outside_the_solutions(path, folder):
    full = [cell for cell in read(path).cells if not student.LEFT_OUT & set(student.tags(cell))]
    copy = read(folder / "notebooks" / path.name)
    assert [unprinted(cell) for cell in copy.cells] == [unprinted(cell) for cell in full]
    assert copy.metadata == read(path).metadata
    nbformat.validate(copy)


@every_notebook
def test_no_solution_is_left(path, folder):
    """Not in a cell, and not in what a cell has printed."""
    full, copy = read(path), read(folder / "notebooks" / path.name)
    kept = "\n".join(cell.source for cell in copy.cells)
    for cell in full.cells:
        if "solution" in student.tags(cell):
            assert cell.source not in kept
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)


@every_notebook
def test_exercises_keep_starter_and_check(path, folder):
    """In this order, with nothing that fills the gap in between."""
    found = [
        student.tags(cell)[0]
        for cell in read(folder / "notebooks" / path.name).cells
        if {"starter", "check"} & set(student.tags(cell))
    ]
    assert found == ["starter", "check"] * (len(found) // 2)
    assert len(found) >= 10


def test_every_link_of_a_notebook_leads_to_a_file(folder):
    for path in folder.glob("notebooks/*.ipynb"):
        text = "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
        for link in student.LINK.findall(text):
            assert "//" in link or (path.parent / link).is_file(), f"{path.name}: {link}"


def test_packages_come_from_the_pinned_requirements(folder):
    assert (folder / "requirements.txt").read_bytes() == (
        student.ROOT / "requirements.txt"
    ).read_bytes()
    assert "pip install -r requirements.txt" in (folder / "README.md").read_text("utf-8")


def test_the_package_in_the_zip_is_complete(folder):
    def modules(root):
        return {
            p.relative_to(root)
            for p in root.glob("specdemo/**/*")
            if p.is_file() and p.suffix != ".pyc"
        }

    assert modules(folder) == modules(student.ROOT)


def test_same_notebooks_make_the_same_zip(tmp_path):
    files = {"b.txt": b"2", "a.txt": b"1"}
    for name in ("one.zip", "two.zip"):
        student.write_zip(tmp_path / name, "folder", files)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["folder/a.txt", "folder/b.txt"]
        assert not any(PurePosixPath(name).is_absolute() for name in archive.namelist())


def test_solutions_in_text_are_left_out_too():
    cells = [
        nbformat.v4.new_markdown_cell("question"),
        nbformat.v4.new_markdown_cell("discussion", metadata={"tags": ["solution"]}),
    ]
    copy = student.student_copy(nbformat.v4.new_notebook(cells=cells))
    assert [cell.source for cell in copy.cells] == ["question"]


# Calls what sliders would call, with what they are set to: ipywidgets itself hides its errors.
INTERACT = """
import ipywidgets

def interact(**controls):
    first = lambda control: control[0] if isinstance(control, list) else control.value
    return lambda function: function(**{name: first(c) for name, c in controls.items()})

ipywidgets.interact = interact
"""


@some_notebooks
def test_student_copy_runs_to_its_end(path, folder, monkeypatch):
    """With the package of the zip, and with a self-check that waits under every exercise.

    What gaps break shows with a sound of a second as well. The cells with sliders, which nothing
    else executes, are executed too.
    """
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    x, sr = specdemo.load("speech", duration=1)
    specdemo.save(folder / "notebooks" / "second.wav", x, sr)
    copy = read(folder / "notebooks" / path.name)
    for cell in copy.cells:
        if "parameters" in student.tags(cell):
            cell.source = build.ASSIGNMENT.sub('clip = "second.wav"', cell.source)
        if stored_notebooks.SKIPPED in student.tags(cell):
            cell.metadata.tags.remove(stored_notebooks.SKIPPED)
    copy.cells.insert(0, nbformat.v4.new_code_cell(INTERACT))
    where = nbformat.v4.new_code_cell("import specdemo; print(specdemo.__file__)")
    copy.cells.append(where)
    stored_notebooks.client(copy, folder / "notebooks").execute()
    assert Path(where.outputs[0].text.strip()).is_relative_to(folder)
    verdicts = [cell.outputs[0].text for cell in copy.cells if "check" in student.tags(cell)]
    assert len(verdicts) >= 5
    for verdict in verdicts:
        assert re.fullmatch(r"Exercise \d+\.\d+: nothing here yet\. .*\n", verdict)
