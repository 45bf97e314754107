"""What every check says while there is nothing to check yet."""

import numpy as np
import pytest

from answers import BANK, GRID, HANN
from specdemo import exercises


def unwritten(*_):
    raise NotImplementedError


def test_every_exported_check_is_named_in_its_verdict(capsys):
    """Called with gaps alone, or with a starter that raises, each check says that it waits."""
    assert len(exercises.__all__) == 56
    for name in exercises.__all__:
        assert getattr(exercises, name).__doc__
    exercises.check_1_1(None, None, None)
    assert capsys.readouterr().out.startswith("Exercise 1.1: nothing here yet. ")


@pytest.mark.parametrize(
    ("check", "answers", "given"),
    [
        ("check_1_2", (None, 3), {}),
        ("check_1_3", (None, HANN), {}),
        ("check_1_3", (unwritten, HANN), {}),
        ("check_1_4", (None, HANN), {}),
        ("check_1_5", (...,), {}),
        ("check_1_6", (None, HANN), {"kept": HANN}),
        ("check_2_1", (None, None, None, None, None), {}),
        ("check_2_2", (None, HANN, GRID), {}),
        ("check_2_3", ({2: -10.0, 4: None, 8: None}, HANN, GRID, GRID), {}),
        ("check_2_4", (unwritten,), {}),
        ("check_2_5", (unwritten, np.ones(4000), GRID), {}),
        ("check_2_6", (None, HANN), {}),
        ("check_3_1", (28, None, GRID, 4000), {}),
        ("check_3_2", (None, unwritten, BANK), {}),
        ("check_3_3", (unwritten, np.ones(4000), GRID, 4000), {}),
        ("check_3_4", (np.ones(3), None, HANN, GRID, 4000), {}),
        ("check_3_5", (None, HANN), {}),
        ("check_4_1", (None, None), {}),
        ("check_4_2", (None, HANN, HANN, BANK), {}),
        ("check_4_3", (None, HANN, BANK), {}),
        ("check_4_4", (None, HANN, HANN, GRID), {}),
        ("check_4_5", ({}, HANN, BANK), {}),
        ("check_5_1", ([0], None), {}),
        ("check_5_2", (None, None), {}),
        ("check_5_3", (unwritten, None, None, HANN, HANN), {}),
        ("check_5_3", (unwritten, 1.0, 1.0, HANN, HANN), {}),
        ("check_5_4", (unwritten, {5: None}, HANN), {}),
        ("check_6_6", ({"drums": (7.0, None), "music": (None, None)}, ["drums"]), {}),
        ("check_5_5", (None, {"noise": None}, {}, HANN, BANK), {}),
        ("check_5_6", (unwritten,), {}),
        ("check_6_1", ({"mel": None, "mfcc": None}, {"mel": None, "mfcc": None}), {}),
        ("check_6_1", ({"mel": 8000, "mfcc": 325}, {"mel": None, "mfcc": None}), {}),
        ("check_6_2", ({80: None, 60: None}, HANN, None), {}),
        ("check_6_3", (None, None, None, HANN, BANK), {}),
        ("check_6_4", ({80: None}, None, unwritten, 1.0), {}),
        ("check_6_5", (None, None, {"one and two": None}, HANN, HANN, BANK), {}),
        ("check_6_6", ({"speech": None}, None), {}),
        ("check_7_1", ({"half": 3, "half less half a hop": None, "nothing": 3},), {}),
        ("check_7_2", (None,), {}),
        ("check_7_3", (None, HANN), {}),
        ("check_7_4", ({"soft": None, "soft, and a knock": 0.5}, HANN, HANN), {}),
        ("check_7_5", (unwritten,), {}),
        ("check_8_6", (unwritten,), {}),
        ("check_10_1", ({"float32": 2.4, "bytes": None},), {}),
        ("check_10_2", (unwritten,), {}),
        ("check_10_3", (unwritten,), {}),
        ("check_10_4", (None, None), {}),
        ("check_10_5", (unwritten,), {}),
    ],
)
def test_gaps_are_waited_for(say, check, answers, given):
    assert say(getattr(exercises, check), *answers, **given).startswith("nothing here yet. ")
