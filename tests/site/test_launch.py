"""Buttons, install lines and JupyterLite: nothing leads nowhere, and what there is leads right."""

import ast
import json
import os
import subprocess
import sys
import types
import zipfile
from urllib.parse import parse_qs, urlsplit

import build
import install
import launch
import lite
import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook

URL = "https://github.com/someone/something"
LITE = "https://example.org/lite/lab/index.html"
NOTEBOOKS = sorted(build.ROOT.glob("notebooks/*.ipynb"))


def test_without_an_address_there_is_no_button():
    options = launch.with_buttons({"repository_url": "", "launch_buttons": {"jupyterlite_url": "x"}})
    assert options == {"repository_url": "", "launch_buttons": {}, "use_repository_button": False,
                       "use_issues_button": False}


def test_with_an_address_the_services_are_named():
    options = launch.with_buttons({"repository_url": URL})
    assert options["launch_buttons"] == launch.SERVICES
    assert options["use_repository_button"] and options["use_issues_button"]


def test_jupyterlite_needs_an_address_of_its_own():
    options = {"repository_url": URL, "launch_buttons": {"jupyterlite_url": LITE}}
    assert launch.with_buttons(options)["launch_buttons"]["jupyterlite_url"] == LITE


def test_no_page_has_a_button_that_leads_nowhere(site):
    """As long as `_config.yml` has no address."""
    if install.repository()[0]:
        pytest.skip("the repository has an address")
    for path in site.rglob("*.html"):
        if "_static" not in path.parts:
            page = path.read_text(encoding="utf-8")
            assert "mybinder" not in page and "colab.research" not in page, path.name
            assert not BeautifulSoup(page, "html.parser").select(".dropdown-launch-buttons, "
                                                                 ".dropdown-source-buttons")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A page of a tiny book with an address, built as the book is."""
    folder = tmp_path_factory.mktemp("tiny")
    source = folder / "source"
    (source / "notebooks").mkdir(parents=True)
    notebook = new_notebook(cells=[nbformat.v4.new_markdown_cell("# A chapter")])
    nbformat.write(notebook, source / "notebooks" / "01_a.ipynb")
    (source / "index.md").write_text("# A book\n", encoding="utf-8")
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": "notebooks/01_a"}]}
    (source / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    config = yaml.safe_load((build.ROOT / "_config.yml").read_text(encoding="utf-8"))
    settings = {
        "title": "A book", "only_build_toc_files": True, "logo": "", "execute": {"execute_notebooks": "off"},
        "repository": {"url": URL, "branch": "main"},
        "launch_buttons": config["launch_buttons"] | {"jupyterlite_url": LITE},
        "sphinx": {"local_extensions": {"launch": str(build.ROOT / "book" / "_ext")}},
    }
    (source / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    code = ("import sys; from jupyter_book.sphinx import build_sphinx; "
            "sys.exit(build_sphinx(sys.argv[1], sys.argv[2], noconfig=True, path_config=sys.argv[3], "
            "confoverrides={'external_toc_path': sys.argv[4], 'latex_individualpages': False}, "
            "warningiserror=True, quiet=True) or 0)")
    done = subprocess.run(
        [sys.executable, "-c", code, source, folder / "html", source / "_config.yml", source / "_toc.yml"],
        capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "default"})
    assert done.returncode == 0, done.stderr
    return BeautifulSoup((folder / "html" / "notebooks" / "01_a.html").read_text(encoding="utf-8"),
                         "html.parser")


def leading_to(page, host):
    """Return where the buttons of a page to a host lead."""
    return [a["href"] for a in page.find_all("a", href=True) if urlsplit(a["href"]).netloc == host]


def test_binder_opens_the_notebook_in_its_repository(tiny):
    (address,) = leading_to(tiny, "mybinder.org")
    parts = urlsplit(address)
    assert parts.path == "/v2/gh/someone/something/main"
    assert parse_qs(parts.query)["urlpath"] == ["lab/tree/notebooks/01_a.ipynb"]


def test_colab_opens_the_notebook_in_its_repository(tiny):
    (address,) = leading_to(tiny, "colab.research.google.com")
    assert urlsplit(address).path == "/github/someone/something/blob/main/notebooks/01_a.ipynb"


def test_jupyterlite_opens_the_notebook_by_its_name(tiny):
    (address,) = leading_to(tiny, "example.org")
    assert address.startswith(LITE + "?")
    assert parse_qs(urlsplit(address).query)["path"] == ["notebooks/01_a.ipynb"]


def test_the_repository_and_its_issues_are_linked(tiny):
    links = leading_to(tiny, "github.com")
    assert URL in links
    assert any(link.startswith(f"{URL}/issues/new") for link in links)


# --- the line that installs the package --------------------------------------------------------


def chapter():
    """A notebook with a title and the cell that names the clip."""
    title = nbformat.v4.new_markdown_cell("# A")
    clip = new_code_cell('clip = "speech"', metadata={"tags": ["parameters"]})
    return new_notebook(cells=[title, clip, new_code_cell("1 + 1")])


def test_the_line_stands_behind_the_clip_and_only_once():
    notebook = chapter()
    for url in (URL, URL + "-moved"):
        install.with_install_cell(notebook, install.install_line(url, "main"))
    assert len(notebook.cells) == 4
    assert notebook.cells[2].source == install.install_line(URL + "-moved", "main")
    assert notebook.cells[2].metadata.tags == ["remove-cell", "skip-execution"]
    nbformat.validate(notebook)


def test_without_an_address_there_is_no_line():
    notebook = install.with_install_cell(chapter(), install.install_line(URL, "main"))
    install.with_install_cell(notebook, install.install_line("", "main"))
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in chapter().cells]
    assert install.found(notebook) is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_have_the_line_of_the_address(path):
    wanted = install.install_line(*install.repository())
    assert install.found(nbformat.read(path, as_version=4)) == wanted


def commands(code, **modules):
    """Run a cell where `sys` is as told; return what it asked pip for."""
    asked = []
    fake = types.SimpleNamespace(**{"modules": {}, "platform": "linux", **modules})
    lines = [line.replace("%pip install", "pip(r'''") + "''')" if "%pip" in line else line
             for line in code.splitlines() if "import" not in line and "output." not in line]
    tree = ast.parse("\n".join(lines))
    exec(compile(tree, "cell", "exec"), {"sys": fake, "pip": asked.append})
    return asked


@pytest.mark.parametrize("code", [install.install_line(URL, "main"), install.LITE])
def test_the_line_does_nothing_on_a_machine_of_ones_own(code):
    assert commands(code) == []


def test_on_colab_the_package_comes_from_the_repository():
    (asked,) = commands(install.install_line(URL, "v1"), modules={"google.colab": None})
    assert f"specdemo[plot,explorer,files] @ git+{URL}@v1" in asked


def test_in_the_browser_the_package_comes_from_the_wheel_of_the_site():
    (asked,) = commands(install.LITE, platform="emscripten")
    assert "specdemo[plot,explorer]" in asked and "git+" not in asked


# --- Binder ------------------------------------------------------------------------------------


def test_binder_finds_the_pins_and_the_package():
    folder = build.ROOT / ".binder"
    (line,) = (folder / "requirements.txt").read_text().splitlines()
    assert (folder / line.removeprefix("-r ")).resolve() == build.ROOT / "requirements.txt"
    assert "pip install" in (folder / "postBuild").read_text()
    version = tuple(map(int, (folder / "runtime.txt").read_text().strip()[7:].split(".")))
    assert version >= (3, 11)


# --- JupyterLite: what can be tested without a network -----------------------------------------


def test_the_notebooks_of_lite_install_the_package_and_hold_no_outputs(tmp_path):
    lite.write_notebooks(tmp_path)
    paths = sorted((tmp_path / "notebooks").glob("*.ipynb"))
    assert [path.name for path in paths] == [path.name for path in NOTEBOOKS]
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert install.found(notebook) == install.LITE
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
    assert "specdemo/explorer/explorer.js" in names


def test_the_wheel_can_be_imported_and_needs_only_what_pyodide_has(wheel):
    code = ("import sys; sys.path.insert(0, sys.argv[1]); import specdemo; "
            "from importlib.metadata import distribution; "
            "assert specdemo.__file__.startswith(sys.argv[1]), specdemo.__file__; "
            "print(specdemo.load(specdemo.clips()['speech'])[1])")
    done = subprocess.run([sys.executable, "-I", "-c", code, unpack(wheel)],
                          capture_output=True, text=True)
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
    assert {path.name for path in NOTEBOOKS} <= {p.name for p in lite.SITE.glob("files/notebooks/*.ipynb")}
    index = json.loads((lite.SITE / "pypi" / "all.json").read_text(encoding="utf-8"))
    (release,) = index["specdemo"]["releases"].values()
    assert release[0]["filename"].endswith("-py3-none-any.whl")
