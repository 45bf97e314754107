"""Execute the notebooks and store their text outputs, which the tests compare.

    .venv/bin/python tools/notebooks.py            all of notebooks/*.ipynb, in place
    .venv/bin/python tools/notebooks.py 02 04      only those whose names start so
    .venv/bin/python tools/notebooks.py --check    only tell what is not clean

Pictures and sound are made when the book is built. Stored, they would only bloat the
repository and differ between machines.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# Live controls need a reader. Nothing executes them while the book is made, because nbclient hangs
# on a widget that shows megabytes; nbval, which knows nothing of the second tag, still does, and
# so do the tests of the student copies.
LIVE = "remove-cell"
SKIPPED = "skip-execution"
METADATA = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
# In which a cell ends; _config.yml has the same for what Sphinx executes.
TIMEOUT_S = 600


def main(arguments=None):
    """Run the command line; return the exit status."""
    options = parse(arguments)
    paths = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if chosen(path, options.names)]
    if not paths:
        print(f"No notebook in {NOTEBOOKS.name}/ starts with {' or '.join(options.names)}.")
        return 2
    work = check if options.check else execute
    return max([work(path) for path in paths])


def parse(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="how the names of the notebooks start")
    parser.add_argument("--check", action="store_true", help="execute and change nothing")
    return parser.parse_args(arguments)


def chosen(path, names):
    """Whether a notebook is among those asked for; all are when nothing was asked."""
    return not names or path.name.startswith(tuple(names))


def check(path):
    """Print what is not clean in a notebook; return 1 if anything is."""
    problems = unclean(nbformat.read(path, as_version=4))
    for problem in problems:
        print(f"{path.name}: {problem}")
    return int(bool(problems))


def execute(path):
    """Execute a notebook in its own folder and store it clean; return 1 if it failed."""
    print(f"{path.name} ...", flush=True)
    notebook = nbformat.read(path, as_version=4)
    clean(notebook)
    try:
        client(notebook, path.parent).execute()
    except CellExecutionError as error:
        print(error)
        return 1
    complaints = list(stderr(notebook))
    for complaint in complaints:
        print(f"{path.name}: {complaint}")
    if complaints:
        return 1
    write(clean(notebook), path)
    return 0


def client(notebook, folder):
    """Return what executes a notebook in a folder, for the book, the stored text and the tests alike."""
    return NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # else a text is cut wherever the machine paused
        resources={"metadata": {"path": str(folder)}},
    )


def write(notebook, path):
    """Write a notebook with the same line ends on every system."""
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def stderr(notebook):
    """Yield a sentence for each cell that wrote a warning or worse."""
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                yield f"cell {number} wrote to stderr: {output.text.strip()}"


def clean(notebook):
    """Reduce a notebook, in place, to what is stored; return it."""
    notebook.metadata = nbformat.from_dict({**notebook.metadata, **METADATA})
    notebook.metadata.pop("widgets", None)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = cell.get("id") or f"cell-{number:03d}"
        for key in ("execution", "collapsed", "ExecuteTime"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code" and LIVE in tags(cell):
            cell.update(outputs=[], execution_count=None)
            cell.metadata.tags = sorted({*tags(cell), SKIPPED})
        elif cell.cell_type == "code":
            # Execution counts stay: nbval compares no cell that has none.
            cell.outputs = [stored(output) for output in cell.outputs if has_text(output)]
    return notebook


def tags(cell):
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def has_text(output):
    """Whether an output has a text form."""
    return output.output_type == "stream" or "text/plain" in output.get("data", {})


def stored(output):
    """Return an output with nothing but its text."""
    if output.output_type != "stream":
        output.data = nbformat.from_dict({"text/plain": output.data["text/plain"]})
        output.metadata = nbformat.from_dict({})
    return output


def unclean(notebook):
    """Return a sentence for each thing in a notebook that `make notebooks` would not store."""
    problems = []
    if notebook.metadata.get("widgets"):
        problems.append("holds the state of widgets")
    if notebook.metadata.get("kernelspec") != KERNELSPEC:
        problems.append("names a kernel other than python3")
    if notebook.metadata.get("language_info") != METADATA["language_info"]:
        problems.append("holds the version of the Python that ran it")
    for number, cell in enumerate(notebook.cells, 1):
        problems += [f"cell {number} {problem}" for problem in unclean_cell(cell)]
    return problems


def unclean_cell(cell):
    """Yield what is not clean in one cell."""
    for output in cell.get("outputs", []):
        others = set(output.get("data", {})) - {"text/plain"}
        if others:
            yield f"stores {', '.join(sorted(others))}"
        if output.output_type == "error":
            yield "stores an error"
        if output.output_type == "stream" and output.name == "stderr":
            yield "stores stderr"
    if LIVE in tags(cell) and SKIPPED not in tags(cell):
        yield f"is a live control without the tag {SKIPPED}"
    elif cell.cell_type == "code" and SKIPPED not in tags(cell) and not cell.execution_count:
        yield "was never executed"
    if "execution" in cell.metadata:
        yield "holds the time at which it ran"


if __name__ == "__main__":
    sys.exit(main())
