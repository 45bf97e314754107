"""One profile for hypothesis, and what most tests need: noise from a seed."""

import hypothesis
import numpy as np
import pytest

# The same examples on every run and every machine, however slow it is.
hypothesis.settings.register_profile(
    "specdemo", max_examples=40, derandomize=True, deadline=None, database=None
)
hypothesis.settings.load_profile("specdemo")


@pytest.fixture
def rng():
    """A generator with a seed of its own, so that tests do not depend on their order."""
    return np.random.default_rng(7)
