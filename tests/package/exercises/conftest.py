"""What the tests of the self-checks are given."""

import numpy as np
import pytest

from answers import GRID


@pytest.fixture
def say(capsys):
    """Run a check and return the one line that it prints."""

    def said(check, *answers, **given):
        assert check(*answers, **given) is None
        (line,) = capsys.readouterr().out.splitlines()
        return line.split(": ", 1)[1]

    return said


@pytest.fixture(scope="module")
def x():
    """Half a second of gliding tone, with a soft start and end, and a little noise."""
    t = np.arange(4000) / 8000
    glide = np.sin(2 * np.pi * (500 * t + 900 * t**2)) * np.sin(np.pi * t / 0.5) ** 2
    return 0.5 * glide + 0.01 * np.random.default_rng(0).standard_normal(t.size)


@pytest.fixture(scope="module")
def S(x):
    return GRID.magnitude(x)
