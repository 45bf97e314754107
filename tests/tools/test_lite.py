"""`make lite`, as far as it can be tested without a network, and what Binder reads."""

import json
import re
import subprocess
import sys
import tomllib
import types
import zipfile
from pathlib import Path

import nbformat
import pytest

import lite

ROOT = Path(lite.__file__).resolve().parents[1]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))


@pytest.mark.parametrize(("platform", "n_commands"), [("linux", 0), ("emscripten", 1)])
def test_the_package_is_installed_in_the_browser_alone(platform, n_commands):
    asked = []
    code = lite.INSTALL.replace("%pip install", "pip(r'''").replace(" tqdm", " tqdm''')")
    code = code.replace("import sys\n", "")
    exec(code, {"sys": types.SimpleNamespace(platform=platform), "pip": asked.append})
    assert len(asked) == n_commands
    assert all("specdemo[plot,explorer,files,nets]" in command for command in asked)


def test_what_the_notebooks_import_is_installed_in_the_browser():
    """But what IPython and JupyterLite bring, and NumPy and SciPy, which the package asks for."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"]
    named = " ".join(extras["plot"] + extras["files"] + extras["nets"] + [lite.INSTALL])
    brought = sys.stdlib_module_names | {"IPython", "ipywidgets", "specdemo", "numpy", "scipy"}
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                for name in re.findall(r"^ *(?:import|from) (\w+)", cell.source, flags=re.M):
                    assert name in brought or name in named, (path.name, name)


def test_binder_finds_the_pins_and_the_package():
    folder = ROOT / ".binder"
    (line,) = (folder / "requirements.txt").read_text().splitlines()
    assert (folder / line.removeprefix("-r ")).resolve() == ROOT / "requirements.txt"
    assert "pip install" in (folder / "postBuild").read_text()
    version = tuple(map(int, (folder / "runtime.txt").read_text().strip()[7:].split(".")))
    assert version >= (3, 11)


def test_the_notebooks_of_lite_install_the_package_and_hold_no_outputs(tmp_path):
    lite.write_notebooks(tmp_path)
    paths = sorted((tmp_path / "notebooks").glob("*.ipynb"))
    assert [path.name for path in paths] == [path.name for path in NOTEBOOKS]
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.cells[0].source == lite.INSTALL
        assert not any(cell.get("outputs") for cell in notebook.cells)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that goes into the site."""
    return lite.write_wheel(tmp_path_factory.mktemp("wheel") / "wheels")


def test_the_wheel_is_pure_python_with_the_clips(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [name for name in names if name.endswith((".so", ".pyd", ".dylib"))]
    assert "specdemo/clips/speech.wav" in names
    assert "specdemo/live/figures/explorer/index.js" in names


def test_the_wheel_can_be_imported_and_needs_only_what_pyodide_has(wheel):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import specdemo; "
        "from importlib.metadata import distribution; "
        "assert specdemo.__file__.startswith(sys.argv[1]), specdemo.__file__; "
        "print(specdemo.load(specdemo.clips()['speech'])[1])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, unpack(wheel)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "22050"


def unpack(wheel):
    """Unpack a wheel, as an installer does; return the folder."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(wheel.parent / "unpacked")
    return wheel.parent / "unpacked"


def test_the_built_site_has_the_notebooks_and_the_wheel():
    """What `make lite` has built, where it was run."""
    if not (lite.SITE / "index.html").exists():
        pytest.skip("there is no site of JupyterLite")
    assert {path.name for path in NOTEBOOKS} <= {
        p.name for p in lite.SITE.glob("files/notebooks/*.ipynb")
    }
    index = json.loads((lite.SITE / "pypi" / "all.json").read_text(encoding="utf-8"))
    (release,) = index["specdemo"]["releases"].values()
    assert release[0]["filename"].endswith("-py3-none-any.whl")
