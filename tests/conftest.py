"""One profile for hypothesis, noise from a seed, and one browser for all that look at pages."""

import contextlib

import hypothesis
import numpy as np
import pytest

from visit import FLAGS

# What asserts outside the tests also says what it met.
pytest.register_assert_rewrite("answers", "quiz_facts")

# `make engines` and `make formats` run these, with other packages.
collect_ignore = ["engines", "systems"]

# The same examples on every run and every machine, however slow it is.
hypothesis.settings.register_profile(
    "specdemo", max_examples=40, derandomize=True, deadline=None, database=None
)
hypothesis.settings.load_profile("specdemo")

# On a new machine, librosa compiles for half a minute what no test calls: where peaks and zeros are.
with contextlib.suppress(ImportError):
    import numba

    numba.guvectorize = lambda *_, **__: lambda function: function


@pytest.fixture
def rng():
    """A generator with a seed of its own, so that tests do not depend on their order."""
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium: the system's or, if it has none, Playwright's."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    # Of the tools, which the tests of the wheel go without.
    import chromium

    with api.sync_playwright() as running:
        try:
            launched = running.chromium.launch(executable_path=chromium.installed(), args=FLAGS)
        except api.Error as error:
            pytest.skip(f"no Chromium to be started: {str(error).splitlines()[0]}")
        yield launched
        launched.close()
