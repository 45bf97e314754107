"""`make notebooks` keeps text, and nothing that differs between machines or runs."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

import notebooks as stored_notebooks


def notebook(*outputs, **metadata):
    """Return a notebook of one executed cell."""
    cell = new_code_cell("1", outputs=list(outputs), execution_count=1, metadata=metadata)
    return new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})


def test_only_text_of_a_figure_is_stored():
    data = {"text/plain": "<Figure size 1x1>", "image/png": "AAAA"}
    cleaned = stored_notebooks.clean(notebook(new_output("display_data", data)))
    assert cleaned.cells[0].outputs[0].data == {"text/plain": "<Figure size 1x1>"}


def test_output_without_text_is_dropped():
    output = new_output("display_data", {"text/html": "<b>bold</b>"})
    assert stored_notebooks.clean(notebook(output)).cells[0].outputs == []


def test_printed_text_is_stored():
    output = new_output("stream", text="1.0 dB\n")
    assert stored_notebooks.clean(notebook(output)).cells[0].outputs == [output]


def test_live_controls_are_stored_unexecuted():
    output = new_output("stream", text="a slider")
    live = notebook(output, tags=["remove-cell"])
    assert "cell 1 is a live control without the tag skip-execution" in (
        stored_notebooks.unclean(live)
    )
    (cell,) = stored_notebooks.clean(live).cells
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert cell.metadata.tags == ["remove-cell", "skip-execution"]
    assert stored_notebooks.unclean(live) == []


def test_a_cleaned_notebook_is_clean_and_valid():
    cleaned = stored_notebooks.clean(notebook(execution={"iopub.status.idle": "2026"}))
    assert stored_notebooks.unclean(cleaned) == []
    nbformat.validate(cleaned)


def test_stderr_is_reported():
    output = new_output("stream", name="stderr", text="careful\n")
    assert list(stored_notebooks.stderr(notebook(output))) == ["cell 1 wrote to stderr: careful"]


def test_everything_volatile_is_named():
    found = stored_notebooks.unclean(
        notebook(
            new_output("display_data", {"image/png": "AAAA"}),
            new_output("stream", name="stderr", text="careful\n"),
            execution={},
        )
    )
    assert found == [
        "holds the state of widgets",
        "names a kernel other than python3",
        "holds the version of the Python that ran it",
        "cell 1 stores image/png",
        "cell 1 stores stderr",
        "cell 1 holds the time at which it ran",
    ]
