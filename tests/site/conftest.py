"""What the tests of the site share: pages, pictures and sounds to finish, and a browser."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from built import SITE
from finish.page import finish_page
from serving import serving
from specdemo.audio.wav import wav_bytes


@pytest.fixture
def page(browser):
    """A page of its own for a test, which fails on errors and on requests to other hosts."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    # Leaving a page aborts what it was still loading, which is no fault.
    page.on(
        "requestfailed",
        lambda request: (
            faults.append(f"{request.failure}: {request.url}")
            if request.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            faults.append(f"asked: {request.url}")
            if request.url.startswith(("http:", "https:", "ws:"))
            else None
        ),
    )
    yield page
    context.close()
    assert not faults


@pytest.fixture(scope="session")
def site():
    """Folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("There is no site to check: run 'make book' first.")
    return SITE


@pytest.fixture(scope="session")
def bases(site):
    """The address of the site under each of the two ways to open it."""
    with serving(site) as address:
        yield {"http": address, "file": site.as_uri()}


@pytest.fixture
def png():
    """Return a function that gives a picture as PNG."""

    def encoded(pixels):
        buffer = io.BytesIO()
        Image.fromarray(np.asarray(pixels, np.uint8)).save(buffer, "PNG")
        return buffer.getvalue()

    return encoded


@pytest.fixture
def wav():
    """Return a function that gives a signal as WAV."""
    return lambda x, sr=22050: wav_bytes(np.atleast_2d(x), sr)


@pytest.fixture
def embedded():
    """Return a function that gives data as an address."""
    return lambda kind, data: f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.fixture
def finish(tmp_path):
    """Return a function that finishes a page in a subfolder of a site and returns its text."""

    def finished(text):
        path = tmp_path / "notebooks" / "page.html"
        return finish_page(text, path, tmp_path)

    return finished
