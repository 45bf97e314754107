"""Tests that are listed by name elsewhere must be where the lists say."""

import configparser
from pathlib import Path

import wheel_test

ROOT = Path(wheel_test.__file__).resolve().parents[1]


def test_the_wheel_is_tested_with_tests_that_there_are():
    for name in wheel_test.TESTS:
        assert wheel_test.tests_of(name).exists()


def test_mutants_are_made_of_what_there_is_and_tried_with_tests_that_there_are():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "tests" / "mutation" / "setup.cfg", encoding="utf-8")
    mutmut = settings["mutmut"]
    for key in ("only_mutate", "pytest_add_cli_args_test_selection"):
        for pattern in mutmut[key].split():
            assert list(ROOT.glob(pattern)), pattern
