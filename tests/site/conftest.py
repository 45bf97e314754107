"""A browser for the tests of the built site, without which they are skipped."""

import shutil
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
           "--host-resolver-rules=MAP * ~NOTFOUND")


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium that reaches no other host."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page of its own for a test, which fails on errors and on requests to other hosts."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    # Leaving a page aborts what it was still loading, which is no fault.
    page.on("requestfailed", lambda request: faults.append(f"{request.failure}: {request.url}")
            if request.failure != "net::ERR_ABORTED" else None)
    page.on("request", lambda request: faults.append(f"asked: {request.url}")
            if request.url.startswith(("http:", "https:", "ws:")) else None)
    yield page
    context.close()
    assert not faults


@pytest.fixture(scope="session")
def site():
    """Folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("There is no site to check: run 'make book' first.")
    return SITE
