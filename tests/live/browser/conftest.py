"""Pages of figures to take hold of, for the tests in a browser."""

import os

import pytest

from figure_visit import FIGURES


@pytest.fixture(scope="session")
def figures():
    """The figures of the page, by name: what Python knows of them."""
    return FIGURES


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder for a page of each figure, and one with several: the same for all workers."""
    place = tmp_path_factory.getbasetemp()
    # That of a worker lies in that of the run.
    place = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place
    folder = place / "pages of figures"
    folder.mkdir(exist_ok=True)
    return folder
