"""`pytest --built`: what the build has executed is held to what is stored, as if executed anew."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import IPyNbFile, NbCellError

import build
import records


def notebook(*cells):
    """A notebook of a word and code cells with their outputs; those without have not been run."""
    code = [
        new_code_cell(source, outputs=outputs, execution_count=1 if outputs else None)
        for source, *outputs in cells
    ]
    return new_notebook(cells=[new_markdown_cell("A word."), *code])


def printed(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def result(data):
    return new_output("execute_result", data={"text/plain": "1"} | data, execution_count=1)


STORED = notebook(("print(1)", printed("1\n")), ("1", result({})), ("slider",), ("f", printed("a")))


@pytest.fixture
def compare(request, tmp_path, monkeypatch):
    """Return a function that compares a notebook with a record of it, as `--built` does."""

    def compared(stored, record):
        nbformat.write(stored, tmp_path / "some.ipynb")
        monkeypatch.setattr(records, "executed", lambda notebook: record)
        file = IPyNbFile.from_parent(request.session, path=tmp_path / "some.ipynb")
        cells = list(file.collect())
        records.set_up(file)
        for cell in cells:
            cell.runtest()
        file.teardown()
        return len(cells)

    return compared


def test_what_agrees_passes(compare):
    """Pieces of a text that is printed are joined, and pictures are not compared."""
    record = notebook(
        ("print(1)", printed("1"), printed("\n")),
        ("1", result({"image/png": "AAAA"})),
        ("slider",),
        ("f", printed("a")),
    )
    assert compare(STORED, record) == 4


@pytest.mark.parametrize(
    "outputs",
    [
        [printed("2\n")],
        [],
        [printed("1\n"), printed("careful", "stderr")],
        [result({})],
    ],
    ids=["another number", "nothing", "a warning", "a result"],
)
def test_what_differs_fails(compare, outputs):
    record = notebook(("print(1)", *outputs), ("1", result({})), ("slider",), ("f", printed("a")))
    with pytest.raises(NbCellError, match="Cell outputs differ") as caught:
        compare(STORED, record)
    assert caught.value.cell_num == 0


def test_the_last_cell_is_compared_too(compare):
    record = notebook(
        ("print(1)", printed("1\n")), ("1", result({})), ("slider",), ("f", printed("b"))
    )
    with pytest.raises(NbCellError, match="Cell outputs differ") as caught:
        compare(STORED, record)
    assert caught.value.cell_num == 3


def test_an_error_of_the_build_fails(compare):
    error = new_output("error", ename="NameError", evalue="x", traceback=["NameError: x"])
    with pytest.raises(NbCellError, match="caused an exception"):
        compare(STORED, notebook(("print(1)", error)))


@pytest.fixture
def built(tmp_path):
    """A folder with the record of a notebook, as the build leaves it."""
    (tmp_path / "fingerprint").write_text(build.fingerprint())
    nbformat.write(STORED, tmp_path / "some.ipynb")
    with build.opened_cache(tmp_path / ".jupyter_cache") as cache:
        cache.cache_notebook_file(tmp_path / "some.ipynb", check_validity=False)
    return tmp_path


def test_the_record_of_a_notebook_is_found_by_its_code(built):
    told = records.executed(notebook(("print(1)",), ("1",), ("slider",), ("f",)), built)
    assert told.cells[0].outputs == [printed("1\n")]


def test_another_code_or_package_or_no_build_is_no_record(built, tmp_path):
    assert records.executed(notebook(("print(2)",), ("1",), ("slider",), ("f",)), built) is None
    (built / "fingerprint").write_text("of another package")
    assert records.executed(STORED, built) is None
    assert records.executed(STORED, tmp_path / "nowhere") is None


def test_without_a_record_a_kernel_is_started(compare, monkeypatch):
    class Started(Exception):
        pass

    def start(self):
        raise Started

    monkeypatch.setattr(IPyNbFile, "setup", start)
    with pytest.raises(Started):
        compare(STORED, None)


@pytest.mark.parametrize("thorough", ["", "1"])
def test_a_thorough_run_executes_the_notebooks_itself(monkeypatch, pytestconfig, thorough):
    monkeypatch.setenv("THOROUGH", thorough)
    monkeypatch.delenv("EVERY_CLIP", raising=False)
    monkeypatch.setattr(pytestconfig.option, "built", True)
    assert records.is_wanted(pytestconfig) == (not thorough)
