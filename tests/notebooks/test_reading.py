"""What helps a reader of the chapters: known symbols, works to read on with, figures by number."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
FORMULA = re.compile(r"\$\$(.*?)\$\$|\$([^$\n]+)\$", re.DOTALL)
NO_SYMBOL = re.compile(r"\\(?:text|begin|end)\{[^}]*\}")
GREEK = {"alpha", "gamma", "phi", "theta"}
# Symbols that a chapter uses in one place, where it says what they are.
LOCAL = {"01_spectrogram": {"theta"}, "04_mel_inversion": {"z"}}

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def prose(path):
    """Return the text of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def symbols(text):
    """Return the letters that stand for something in the formulas of a text."""
    found = set()
    for pair in FORMULA.findall(text):
        formula = NO_SYMBOL.sub(" ", "".join(pair))
        commands = set(re.findall(r"\\([A-Za-z]+)", formula))
        found |= (commands & GREEK) | set(
            re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", formula))
        )
    return found


def test_symbols_are_found():
    assert symbols(r"$\hat x_n = \tfrac{\alpha}{2}$ and $$ S_{\text{ref}} $$") == {
        "x",
        "n",
        "alpha",
        "S",
    }


@every_notebook
def test_every_symbol_is_in_the_notation(path):
    known = symbols((ROOT / "book" / "notation.md").read_text(encoding="utf-8"))
    assert symbols(prose(path)) - known == LOCAL.get(path.stem, set())


@every_notebook
def test_a_chapter_ends_with_works_to_read_on_with(path):
    last = prose(path).split("\n## ")[-1]
    assert last.startswith("Read on\n")
    works = [key for keys in re.findall(r"\{cite:[tp]\}`([^`]+)`", last) for key in keys.split(",")]
    known = re.findall(
        r"^@\w+\{(\w+),",
        (ROOT / "book" / "references.bib").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(set(works)) >= 2
    assert set(works) <= set(known)


@every_notebook
def test_a_chapter_refers_to_figures_by_number(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names = {c["metadata"].get("mystnb", {}).get("figure", {}).get("name") for c in cells}
    found = re.findall(r"\{numref\}`([^`]+)`", prose(path))
    assert len(found) >= 2
    assert set(found) <= names


def test_a_model_and_its_training_are_thirty_lines():
    """As chapter 8 says: all lines of its functions that are not empty."""
    (path,) = ROOT.glob("notebooks/08_*.ipynb")
    cells = {c["id"]: "".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"]}
    lines = []
    for name in ("def-mlp", "def-autoencoder", "def-train"):
        functions = [
            node for node in ast.parse(cells[name]).body if isinstance(node, ast.FunctionDef)
        ]
        for function in functions:
            lines += ast.get_source_segment(cells[name], function).splitlines()
    assert len([line for line in lines if line.strip()]) <= 30
    assert "thirty lines" in cells["that-was-all"]
