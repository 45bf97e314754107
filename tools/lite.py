"""Build the JupyterLite site: the notebooks, run by the browser itself, without any server.

    make lite                               write _build/lite/site

Everything is put together here but Pyodide, the Python of the browser, with NumPy, SciPy and
Matplotlib: it comes from its own distribution (jsDelivr), and other pure Python packages from PyPI,
when a notebook is run. So the site itself works from any web server, and its reader needs a
connection to the internet.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "_build" / "lite"
SITE = FOLDER / "site"
# What the site needs of the extensions of JupyterLab. Others are made for other versions of it.
EXTENSIONS = Path(sys.prefix, "share", "jupyter", "labextensions")
NEEDED = [
    "@jupyter-widgets/jupyterlab-manager",
    "@jupyterlite/pyodide-kernel-extension",
    "anywidget",
    "jupyterlab_pygments",
]
# As JupyterLite calls its Python.
KERNELSPEC = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}

INSTALL = """\
# In the browser, install the package of this book; anywhere else, do nothing.
import sys

if sys.platform == "emscripten":
    %pip install --quiet "specdemo[plot,explorer,files,nets]" pystoi tqdm"""


def main():
    """Build the site; return the exit status."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    write_notebooks(FOLDER / "contents")
    wheel = write_wheel(FOLDER / "wheels")
    write_settings(FOLDER)
    command = "from jupyterlite_core.app import main; main()"
    status = subprocess.call(
        [
            sys.executable,
            "-c",
            command,
            "build",
            "--no-sourcemaps",
            "--lite-dir",
            str(FOLDER),
            "--contents",
            str(FOLDER / "contents"),
            "--output-dir",
            str(SITE),
            "--piplite-wheels",
            str(wheel),
        ],
        cwd=FOLDER,
    )
    if status:
        return status
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) / 1e6
    print(
        f"JupyterLite is in {SITE}, {size:.0f} MB. Serve it with a web server: "
        f"python3 -m http.server --bind 127.0.0.1 --directory {SITE.relative_to(ROOT)}"
    )
    return 0


def write_notebooks(folder):
    """Write the notebooks without outputs, each with a first cell that installs the package.

    They lie in a folder as in the repository, where the button of a page looks for them.
    """
    folder = folder / "notebooks"
    folder.mkdir(parents=True)
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, new_code_cell(INSTALL, id="install"))
        notebook.metadata.kernelspec = KERNELSPEC
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        nbformat.write(notebook, folder / path.name)


def write_settings(folder):
    """Write which extensions the build takes: not all that the environment has."""
    settings = {
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(EXTENSIONS / name) for name in NEEDED],
    }
    text = json.dumps({"LiteBuildConfig": settings})
    (folder / "jupyter_lite_config.json").write_text(text, encoding="utf-8")


def write_wheel(folder):
    """Build the package as a wheel, clips included; return its path."""
    folder.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("specdemo-*.whl")
    return wheel


if __name__ == "__main__":
    sys.exit(main())
