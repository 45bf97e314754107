"""Pages that are notebooks written as text: what the notebooks are asked, too."""

import re

import pytest
import yaml
from myst_nb.core.read import read_myst_markdown_notebook

import build

PAGES = [
    page
    for page in sorted((build.ROOT / "book").glob("*.md"))
    if "{code-cell}" in page.read_text(encoding="utf-8")
]

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def code_cells(page):
    """Return the code cells of a page, with their tags and their options for the book."""
    text = page.read_text(encoding="utf-8")
    notebook = read_myst_markdown_notebook(text, path=str(page))
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@each_page
def test_a_clip_build_reaches_the_page(page):
    """Either the page has no clip, or its parameter cell is the one that a build fills in."""
    sources = [cell.source for cell in code_cells(page)]
    if not any(re.search(r"\bload\(clip\b", source) for source in sources):
        return
    (parameters,) = [
        cell.source for cell in code_cells(page) if "parameters" in cell.metadata.get("tags", [])
    ]
    assert build.ASSIGNMENT.match(parameters)
    assert len(build.ASSIGNMENT.findall(page.read_text(encoding="utf-8"))) == 1


@each_page
def test_figures_have_alt_text_caption_and_name(page):
    for cell in code_cells(page):
        if "plt.subplots" in cell.source:
            options = cell.metadata["mystnb"]
            assert options["image"]["alt"]
            assert options["figure"]["caption"]
            assert options["figure"]["name"]


@each_page
def test_hidden_answers_can_be_told_from_code(page):
    for cell in code_cells(page):
        if "solution" in cell.metadata.get("tags", []):
            assert "hide-cell" in cell.metadata["tags"]
            assert cell.metadata["mystnb"]["code_prompt_show"] != "Show the code"


@each_page
def test_page_has_a_kernel_and_is_in_the_contents(page):
    text = page.read_text(encoding="utf-8")
    header = yaml.safe_load(text.split("---\n")[1])
    assert header["kernelspec"]["name"] == "python3"
    assert f"book/{page.stem}\n" in (build.ROOT / "_toc.yml").read_text(encoding="utf-8")
