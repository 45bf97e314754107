"""Tests that are listed by name elsewhere must be where the lists say."""

import configparser
from pathlib import Path

import wheel_test

ROOT = Path(wheel_test.__file__).resolve().parents[1]


def test_what_the_wheel_is_not_tested_with_is_there():
    for name in wheel_test.NEED_MORE:
        assert list((ROOT / "tests" / "package").rglob(f"test_{name}.py")), name
    assert len(wheel_test.enough()) > 40


def test_mutants_are_made_of_what_there_is_and_tried_with_tests_that_there_are():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "tests" / "mutation" / "setup.cfg", encoding="utf-8")
    mutmut = settings["mutmut"]
    for key in ("only_mutate", "pytest_add_cli_args_test_selection"):
        for pattern in mutmut[key].split():
            assert list(ROOT.glob(pattern)), pattern
