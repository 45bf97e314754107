"""Nothing surprising: no code in data, no markup in names, no licence unread, no open port."""

import ast
import html.parser
import json
import re
from pathlib import Path

import numpy as np
import pytest

import dependencies
from specdemo import STFT, Explorer, MelBank, plot

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [path for folder in ("specdemo", "book", "benchmarks", "audio_samples", "tests")
           for path in sorted((ROOT / folder).rglob("*.py"))]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Modules that run code which comes with data.
UNSAFE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}

# A name that would be markup, an attribute, a script or a reference if it were not taken as text.
NAME = """<img src=x onerror="alert(1)"> '"`&amp;</script><script>alert(2)</script>"""

GRID = STFT(8000, 64, 16)
X = np.sin(np.arange(400.0))


# --- data hold no code -----------------------------------------------------------------------


def code_of(path):
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return re.sub(r"^\s*[%!].*$", "", code, flags=re.MULTILINE)


def unsafe(tree):
    """Yield what in a program would run code that comes with data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in UNSAFE)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in UNSAFE:
            yield node.module
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            yield "allow_pickle"


@pytest.mark.parametrize("path", [*SOURCES, *NOTEBOOKS], ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_unpickled(path):
    assert list(unsafe(ast.parse(code_of(path)))) == []


def test_what_is_unsafe_is_found():
    program = "import pickle, os\nfrom dill.source import x\nnp.load(f, allow_pickle=True)"
    assert list(unsafe(ast.parse(program))) == ["pickle", "dill.source", "allow_pickle"]


@pytest.mark.parametrize("path", [p for p in SOURCES if p.is_relative_to(ROOT / "specdemo")],
                         ids=lambda p: str(p.relative_to(ROOT)))
def test_the_package_evaluates_no_text(path):
    called = {node.func.id for node in ast.walk(ast.parse(code_of(path)))
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec", "compile", "__import__"}


# --- names are text --------------------------------------------------------------------------


class Elements(html.parser.HTMLParser):
    """The elements and the attributes of a piece of HTML, and the text outside of scripts."""

    def __init__(self, source):
        super().__init__()
        self.names, self.attributes, self.text = [], [], ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def assert_is_text(source, harmless):
    """The name adds nothing to the elements and attributes that a harmless one has."""
    found, expected = Elements(source), Elements(harmless)
    assert found.names == expected.names
    assert [name for name, _ in found.attributes] == [name for name, _ in expected.attributes]
    assert not any(name.startswith("on") for name, _ in found.attributes)
    shown = found.text + "".join(value or "" for _, value in found.attributes)
    assert NAME in shown


@pytest.mark.parametrize("bank", [None, MelBank(GRID, 8)])
def test_labels_and_captions_of_players_are_text(bank):
    def show(label, caption):
        return plot.listen({label: X, "b": X / 2}, GRID, bank, caption=caption)._repr_html_()

    assert_is_text(show(NAME, "c"), show("a", "c"))
    assert_is_text(show("a", NAME), show("a", "c"))


def test_labels_and_captions_of_live_figures_are_text():
    def show(label, caption):
        return Explorer(label, sounds={label: (X, 8000)}, caption=caption).twin()

    assert_is_text(show(NAME, "c"), show("a", "c"))
    assert_is_text(show("a", NAME), show("a", "c"))


def test_names_of_files_are_text(tmp_path):
    from specdemo import save

    name = NAME.replace("/", "")
    try:
        save(tmp_path / f"{name}.wav", X, 8000)
    except OSError:
        pytest.skip("this file system allows no such name")
    save(tmp_path / "harmless.wav", X, 8000)
    shown = Elements(Explorer(tmp_path / f"{name}.wav").twin())
    expected = Elements(Explorer(tmp_path / "harmless.wav").twin())
    assert shown.names == expected.names
    assert [key for key, _ in shown.attributes] == [key for key, _ in expected.attributes]


# --- what comes with it ----------------------------------------------------------------------


def table():
    """Rows of DEPENDENCIES.md."""
    lines = dependencies.TABLE.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines
            if line.startswith("| ") and not line.startswith("| package")]


def test_every_pin_is_in_the_table_with_its_version():
    assert sorted(row[:2] for row in table()) == sorted(map(list, dependencies.pins()))


def test_every_licence_is_an_accepted_one():
    for name, _, licence, home in table():
        assert set(dependencies.parts(licence)) <= dependencies.ACCEPTED, name
        assert home.startswith("http") or home == "not given", name


@pytest.mark.parametrize("path", [
    "requirements.txt", "requirements-tools.txt", "tests/engines/requirements.txt",
])
def test_every_pin_has_hashes(path):
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    pins = [block for block in blocks if not block.startswith("#") and block.strip()]
    assert len(pins) > 5
    for pin in pins:
        assert "==" in pin.splitlines()[0]
        assert "--hash=sha256:" in pin


# --- what is open ----------------------------------------------------------------------------


def test_the_site_is_served_to_this_machine_only():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    servers = [line for line in makefile.splitlines() if "http.server" in line]
    assert servers
    assert all("--bind 127.0.0.1" in line for line in servers)
