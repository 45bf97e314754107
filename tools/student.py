"""Make the student copies: the notebooks without solutions, and all that they need to run.

    .venv/bin/python tools/student.py        write _build/student.zip

The full notebooks are the only source. A student copy leaves out the cells that have the tag
`solution` and everything that was printed; the starters and the self-checks stay.
"""

import re
import sys
import zipfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "_build" / "student.zip"
FOLDER = "spectrograms-student"
LEFT_OUT = {"solution", "answer"}
RUNNING = (
    "specdemo/**/*.py",
    "specdemo/**/*.mplstyle",
    "specdemo/py.typed",
    "specdemo/**/*.js",
    "specdemo/**/*.json",
    "specdemo/**/*.ts",
    "specdemo/**/*.css",
    "audio_samples/*.wav",
    "audio_samples/*/*.flac",
    "benchmarks/real_voice.json",
    "book/notation.md",
    "book/glossary.md",
    "pyproject.toml",
    "requirements.txt",
    "LICENSE",
    "LICENSES/*",
)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
# Files of one moment: the same notebooks make the same zip, byte for byte.
MOMENT = (2026, 1, 1, 0, 0, 0)


def main():
    """Write the zip; return the exit status."""
    TARGET.parent.mkdir(exist_ok=True)
    write_zip(TARGET, FOLDER, contents())
    print(f"The student copies are in {TARGET}")
    return 0


def contents():
    """Return what the zip holds: path in its folder to bytes."""
    files = {"README.md": (ROOT / "tools" / "student.md").read_bytes()}
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        copy = student_copy(nbformat.read(path, as_version=4))
        files[inside(path)] = (nbformat.writes(copy) + "\n").encode()
        files |= {inside(page): page.read_bytes() for page in linked_pages(copy, path.parent)}
    for pattern in RUNNING:
        files |= {inside(path): path.read_bytes() for path in sorted(ROOT.glob(pattern))}
    return files


def inside(path):
    """Return the path of a file of the project, from its root."""
    return path.relative_to(ROOT).as_posix()


def student_copy(notebook):
    """Take solutions and outputs out of a notebook, in place; return it."""
    notebook.cells = [cell for cell in notebook.cells if not LEFT_OUT & set(tags(cell))]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    return notebook


def tags(cell):
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def linked_pages(notebook, folder):
    """Return the pages of text, other than notebooks, to which a notebook links."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    targets = {(folder / link).resolve() for link in LINK.findall(text) if "//" not in link}
    return sorted(target for target in targets if target.suffix == ".md")


def write_zip(target, folder, files):
    """Write files, path to bytes, into a folder of a zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])


if __name__ == "__main__":
    sys.exit(main())
