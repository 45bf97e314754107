"""Pages of figures to take hold of, for the tests in a browser."""

import pytest

import specdemo as sd
from figure_visit import PAGE, POLICY, SPACE
from figures import NAMES


@pytest.fixture(scope="session")
def figures():
    """The figures of the page, by name: what Python knows of them."""
    return {name: sd.Figure(name) for name in NAMES}


@pytest.fixture(scope="session")
def folder(figures, tmp_path_factory):
    """A folder with a page for each figure, and one with several, far from each other."""
    folder = tmp_path_factory.mktemp("figures")
    twins = {name: figure.twin() for name, figure in figures.items()}
    for name, twin in twins.items():
        text = PAGE.format(name=name, head=POLICY, body=twin)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    body = SPACE.join(twins[name] for name in ("frames", "probe", "agreement", "probe"))
    (folder / "several.html").write_text(
        PAGE.format(name="several", head="", body=body), encoding="utf-8"
    )
    return folder
