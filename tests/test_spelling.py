"""British spelling in everything that is read: pages, notebooks, captions, README and its like."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Spellings of America, as expressions.
AMERICAN = (
    r"colors?", r"colored", r"coloring", r"colorful", r"(?:re)?centers?", r"centered", r"centering",
    r"behaviors?", r"neighbor\w*", r"favor\w*", r"flavors?", r"honors?", r"labors?", r"rumors?",
    r"gray\w*", r"(?:re)?analyz\w*", r"catalyz\w*", r"paralyz\w*", r"artifacts?", r"catalogs?",
    r"defense", r"offense", r"pretense", r"fulfill?ment", r"fulfill", r"enroll", r"skillful",
    r"(?:re)?model(?:ed|ing)", r"label(?:ed|ing)", r"cancel(?:ed|ing)", r"travel(?:ed|ing|er)",
    r"level(?:ed|ing)", r"signal(?:ed|ing)", r"channel(?:ed|ing)", r"total(?:ed|ing)",
    r"aluminum", r"airplanes?", r"meters?", r"(?:kilo|centi|milli)meters?", r"liters?", r"fibers?",
    r"theaters?", r"calibers?", r"gotten", r"plows?", r"skeptic\w*", r"jewelry", r"formulae",
    r"[a-z]{3,}iz(?:e[sdr]?|ers?|ing|ations?|able)",
)
# What the last expression finds and Britain spells so, too, and other exceptions: each with its reason.
ALLOWED = {
    "resize": "from size", "resized": "from size", "resizes": "from size", "oversized": "from size",
}
CODE = ("code-cell", "code-block", "raw", "eval-rst", "bibliography")
FENCED = re.compile(r"^(`{3,})(?:\{([\w-]+)\}|\w*)[^\n]*\n(.*?)^\1[ ]*$", re.DOTALL | re.MULTILINE)
NOT_PROSE = re.compile(
    r"\{(?:cite|term|numref|doc|ref)(?::\w)?\}`[^`\n]*`|`[^`\n]*`"  # roles and code
    r"|\$\$.*?\$\$|\$[^$\n]+\$"  # formulas
    r"|\]\([^)]*\)|<[^>\n]*>|https?://\S+"  # where links lead
    r"|\"[^\"\n]*\"(?= \()"  # titles of works
    r"|\A---\n.*?^---$|^ {4,}\S.*$",  # headers and indented code
    re.DOTALL | re.MULTILINE,
)
# All but a table of names, which their owners spell.
PAGES = [*(path for path in ROOT.glob("*.md") if path.name != "DEPENDENCIES.md"),
         *ROOT.glob("book/**/*.md"), *ROOT.glob("audio_samples/*.md")]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
CAPTION = re.compile(r"^\s*(?:caption|alt): (.*)$|caption=((?:\s*f?\"[^\"]*\")+)", re.MULTILINE)
PATTERN = re.compile(rf"\b(?:{'|'.join(AMERICAN)})\b", re.IGNORECASE)


def without_code(text):
    """Return a text without its blocks of code; other blocks, such as a glossary, are read."""
    return FENCED.sub(lambda m: m[3] if m[2] and m[2] not in CODE else " ", text)


def american(text):
    """Return the words of a text that are not spelt as in Britain."""
    return [word for word in PATTERN.findall(text) if word.lower() not in ALLOWED]


def prose_of_page(path):
    """Return what is read of a page, its captions included."""
    text = path.read_text(encoding="utf-8")
    captions = " ".join(a or b for a, b in CAPTION.findall(text))
    return NOT_PROSE.sub(" ", without_code(text)) + " " + captions


def prose_of_notebook(path):
    """Return what is read of a notebook: its text, captions, text alternatives and comments."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(NOT_PROSE.sub(" ", without_code(source)))
        else:
            options = cell["metadata"].get("mystnb", {})
            parts += [options.get("image", {}).get("alt", ""),
                      options.get("figure", {}).get("caption", "")]
            parts += re.findall(r"(?:^|\s)# (.*)", source)
            parts += [b for _, b in CAPTION.findall(source)]
    return "\n".join(parts)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_are_spelt_as_in_britain(path):
    assert american(prose_of_page(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_spelt_as_in_britain(path):
    assert american(prose_of_notebook(path)) == []


@pytest.mark.parametrize(
    "word", ["color", "Center", "analyze", "normalized", "recognizer", "neighboring", "Gray", "artifact",
             "behavior", "labeled", "quantization"],
)
def test_american_words_are_found(word):
    assert american(f"The {word} of it.") == [word]


@pytest.mark.parametrize(
    "word", ["colour", "centre", "analyse", "normalised", "recogniser", "size", "sizes", "horizon", "prize",
             "prizes", "seized", "resized", "grey", "artefact", "metre", "parameter", "favourite", "mathematics"],
)
def test_british_words_are_not(word):
    assert american(f"The {word} of it.") == []


def test_code_and_addresses_are_no_prose(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("With `center=True` and [a](https://example.org/color), see\n\n"
                    "```python\ncolor = 'gray'\n```\n\nA center.\n", encoding="utf-8")
    assert american(prose_of_page(page)) == ["center"]
