"""How nbval runs the notebooks: as a reader does, comparing text alone."""

from nbval.kernel import RunningKernel

from node import find_node

pytest_plugins = ["sharing", "untested", "records", "last_digits"]  # records imports untested


def pytest_configure():
    """Let nbval run a cell as JupyterLab does.

    IPython finds the semicolon that silences the last line of a cell in its history, which
    nbval leaves out; it would then see results that no reader sees.
    """
    RunningKernel.execute_cell_input = execute_with_history


def execute_with_history(kernel, cell_input, allow_stdin=None):
    """Send a cell to the kernel; return the id of the message."""
    return kernel.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)


def pytest_report_header():
    """Name each Node that is passed over."""
    return find_node()[1]


def pytest_collectstart(collector):
    """Compare printed text and the plain form of each result, not pictures, sound and players.

    The stored notebooks hold text only (tools/notebooks.py), so the rich twins of an output
    are present in the running notebook alone. nbval knows this of PNG and JPEG by itself.
    """
    if collector.path is not None and collector.path.suffix == ".ipynb":
        collector.skip_compare += ("text/html", "text/latex", "text/markdown", "image/svg+xml")
