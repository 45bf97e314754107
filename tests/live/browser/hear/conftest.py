"""The page where arrays become sound, in a headless browser, by itself."""

import pytest

from hear_visit import HearVisit, write_page
from visit import visiting


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with the page."""
    return write_page(tmp_path_factory.mktemp("hear"))


@pytest.fixture
def visit(browser, folder):
    """A visit from the disk, which must end without problems and without requests."""
    with visiting(browser, folder.as_uri(), HearVisit) as visit:
        yield visit
