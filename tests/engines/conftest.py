"""The browsers, the site under the two ways to open it, and what must be there for that."""

import contextlib

import pytest
from playwright.sync_api import sync_playwright

import engines
from engines import SITE
from serving import serving

# In its last lines a run says what was not tested; in CI a skip is a failure.
pytest_plugins = ["untested"]


def pytest_addoption(parser):
    """Add the option for a run of two minutes, which .ci/run has time for."""
    parser.addoption("--quick", action="store_true", help="one figure of each kind")


def pytest_collection_modifyitems(config, items):
    """Leave out what a quick run does without."""
    if config.getoption("quick"):
        left = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def need(thing):
    """Skip the test when something is missing."""
    why = engines.missing(thing)
    if why:
        pytest.skip(why)


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """A folder with the site and a page of 390 CSS pixels' width to look at it through.

    A window of WebKitGTK cannot be made as narrow as a telephone; a frame can.
    """
    if not (SITE / "index.html").exists():
        pytest.fail("There is no site to check: run 'make book' first.")
    folder = tmp_path_factory.mktemp("root")
    (folder / "site").symlink_to(SITE, target_is_directory=True)
    engines.copy_heard(SITE, folder / "heard")
    (folder / "narrow.html").write_text(
        engines.with_listener(
            '<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">'
            '<iframe width="390" height="800" style="border: 0"></iframe>'
        )
    )
    return folder


@pytest.fixture(scope="session")
def bases(root):
    """Where the folder is, from a server and from a disk."""
    with serving(root) as address:
        yield {"http": address, "file": root.as_uri()}


@pytest.fixture(scope="session")
def pulse(tmp_path_factory):
    """The address of a sound server: without a device, the clock of Web Audio stands still."""
    need("sound")
    with engines.pulse_server(tmp_path_factory.mktemp("pulse")) as address:
        yield address


@pytest.fixture(scope="session")
def api():
    """Playwright, which drives two of the browsers."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(api, tmp_path_factory):
    """Opens tabs of the browser that the others are compared with."""
    need("chromium")
    with engines.chromium(api, tmp_path_factory.mktemp("chromium")) as tab:
        yield tab


@pytest.fixture(scope="session")
def firefox(api, pulse, tmp_path_factory):
    """Opens tabs of Firefox."""
    need("firefox")
    with engines.firefox(api, tmp_path_factory.mktemp("firefox"), pulse) as tab:
        yield tab


@pytest.fixture(scope="session")
def webkit(pulse, tmp_path_factory):
    """Gives the tab of WebKitGTK."""
    need("webkit")
    with engines.webkit(tmp_path_factory.mktemp("webkit"), pulse) as tab:
        yield tab


@pytest.fixture(scope="session", params=engines.ENGINES)
def browser(request):
    """Opens tabs of each browser."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def visit(browser):
    """A fresh tab, on which nothing may go wrong."""
    with checked(browser) as tab:
        yield tab


@contextlib.contextmanager
def checked(browser):
    """A tab on which nothing may go wrong."""
    with browser() as tab:
        yield tab
        tab.check()


@pytest.fixture
def silent(api, root, tmp_path):
    """A tab of a Firefox that finds no device to play sound with."""
    need("firefox")
    with engines.firefox(api, tmp_path, "unix:/nowhere", sound=False) as browser:
        with checked(browser) as tab:
            yield tab
