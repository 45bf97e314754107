"""The line that installs the package where a notebook runs without a checkout: Colab, JupyterLite.

`make notebooks` gives it to every notebook as soon as `_config.yml` names the public address of the
repository, and takes it away when it names none. Anywhere else the line does nothing.
"""

from pathlib import Path

import yaml
from nbformat.v4 import new_code_cell

CONFIG = Path(__file__).resolve().parent.parent / "_config.yml"
ID = "install"
COLAB = """\
# On Colab, install the package of this book; anywhere else, do nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet "specdemo[plot,explorer,files] @ git+{url}@{branch}"
    from google.colab import output

    output.enable_custom_widget_manager()"""
LITE = """\
# In the browser, install the package of this book; anywhere else, do nothing.
import sys

if sys.platform == "emscripten":
    %pip install --quiet "specdemo[plot,explorer]" tqdm"""


def repository():
    """Return the public address of the repository, empty when there is none, and its branch."""
    found = yaml.safe_load(CONFIG.read_text(encoding="utf-8")).get("repository") or {}
    return (found.get("url") or "").rstrip("/"), found.get("branch") or "main"


def install_line(url, branch):
    """Return the code that installs the package on Colab; None when it has no address."""
    return COLAB.format(url=url, branch=branch) if url else None


def with_install_cell(notebook, code):
    """Give a notebook the cell that installs the package, in place, or take it away.

    It stands behind the cell that names the clip, has a fixed id, is not executed when the book
    is made, and shows on no page.

    Parameters
    ----------
    notebook : NotebookNode
    code : str or None

    Returns
    -------
    NotebookNode
    """
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") != ID]
    if code:
        tags = ["remove-cell", "skip-execution"]
        cell = new_code_cell(code, id=ID, metadata={"tags": tags})
        notebook.cells.insert(after_parameters(notebook), cell)
    return notebook


def after_parameters(notebook):
    """Return the place behind the cell that names the clip."""
    for place, cell in enumerate(notebook.cells, 1):
        if "parameters" in cell.metadata.get("tags", []):
            return place
    return 0


def found(notebook):
    """Return the code of a notebook's install cell; None when it has none."""
    return next((cell.source for cell in notebook.cells if cell.get("id") == ID), None)
