"""Notebooks compared with what the build of the book has executed, a plugin of pytest for `--built`.

nbval then runs no cell: it gets what the kernel of the build has answered, and compares this with
what is stored. Where the build has not executed just these cells with just this package, nbval does.
"""

from collections import deque

from nbval.plugin import IPyNbFile

from untested import is_thorough

MESSAGE_ID = "played back"


def pytest_addoption(parser):
    """Add the option."""
    parser.addoption(
        "--built",
        action="store_true",
        help="compare notebooks with what tools/build.py has executed, unless all is tested",
    )


def pytest_report_header(config):
    """Say that notebooks are not executed."""
    return "notebooks: as the build has executed them" if is_wanted(config) else None


def pytest_collectstart(collector):
    """Let a notebook be set up with the record of the build."""
    if isinstance(collector, IPyNbFile) and is_wanted(collector.config):
        collector.setup = lambda: set_up(collector)


def is_wanted(config):
    """Whether to go by records: a thorough run executes every notebook once more."""
    return config.getoption("built") and not is_thorough()


def set_up(notebook):
    """Give a notebook the record of the build in the place of a kernel, if there is one."""
    record = executed(notebook.nb)
    if record is None:
        IPyNbFile.setup(notebook)
    else:
        notebook.kernel = Player(record)
        notebook.setup_sanitize_files()


def executed(notebook, folder=None):
    """Return a notebook as the build has executed it; None where that would be another one today."""
    # Here, since most runs of pytest do not need it and Sphinx takes a second to import.
    import build

    folder = folder or build.BUILD
    try:
        if (folder / "fingerprint").read_text(encoding="utf-8") != build.fingerprint():
            return None
        with build.opened_cache(folder / ".jupyter_cache") as cache:
            return cache.get_cache_bundle(cache.match_cache_notebook(notebook).pk).nb
    except (FileNotFoundError, KeyError):
        return None


class Player:
    """What nbval asks of a kernel, answered from an executed notebook."""

    def __init__(self, notebook):
        self.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.messages = deque()

    def is_alive(self):
        return True

    def stop(self):
        self.messages.clear()

    def execute_cell_input(self, source, allow_stdin=None):
        """Go on to a cell, and have its messages ready; the cells come in their order."""
        while (cell := self.cells.pop(0)).source != source:
            pass
        self.messages = deque([*map(message, cell.outputs), status("idle")])
        return MESSAGE_ID

    def await_reply(self, message_id, timeout=None):
        """The reply has come when the cell was executed."""

    def await_idle(self, message_id, timeout=None):
        self.messages.clear()

    def get_message(self, stream, timeout=None):
        return self.messages.popleft()


def message(output):
    """Return the message that has become an output."""
    return envelope(output.output_type, output)


def status(state):
    """Return the message that a kernel is idle or busy."""
    return envelope("status", {"execution_state": state})


def envelope(kind, content):
    """Return a message as it comes from a kernel."""
    return {"msg_type": kind, "content": content, "parent_header": {"msg_id": MESSAGE_ID}}
