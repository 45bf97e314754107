"""Which Node runs the tests of the JavaScript."""

import shutil

import pytest

import node


@pytest.fixture
def machine(monkeypatch):
    """Return a function that pretends a machine: the versions of its two Nodes, by path."""

    def machine(**versions):
        monkeypatch.setattr(
            shutil, "which", lambda name: "system" if "system" in versions else None
        )
        monkeypatch.setattr(
            node, "playwright_node", lambda: "playwright" if "playwright" in versions else None
        )
        monkeypatch.setattr(node, "version", versions.get)

    return machine


def test_the_node_of_the_system_comes_first(machine):
    machine(system=(22, 7), playwright=(24, 0))
    assert node.find_node() == ("system", [])


def test_without_one_the_node_of_playwright_serves(machine):
    machine(playwright=(24, 0))
    assert node.find_node() == ("playwright", [])


def test_an_old_one_is_passed_over_with_a_sentence(machine):
    machine(system=(18, 13), playwright=(24, 0))
    found, (sentence,) = node.find_node()
    assert found == "playwright"
    assert sentence == (
        "system is Node 18.13, and is passed over: the tests of the JavaScript "
        "need 20.19, 22.7 or a newer one."
    )


def test_one_that_does_not_start_is_passed_over(machine):
    machine(system=None, playwright=None)
    found, sentences = node.find_node()
    assert found is None
    assert [sentence.split(",")[0] for sentence in sentences] == [
        "system does not start",
        "playwright does not start",
    ]


def test_a_machine_may_have_none(machine):
    machine()
    assert node.find_node() == (None, [])


def test_node_sees_modules_from_these_versions_on():
    for version in [(20, 19), (20, 20), (22, 7), (23, 0), (26, 1)]:
        assert node.is_new_enough(version), version
    for version in [(18, 20), (20, 18), (21, 7), (22, 6), None]:
        assert not node.is_new_enough(version), version


def test_the_node_of_playwright_starts():
    """It is there wherever the tests of the site are, and is new enough."""
    pytest.importorskip("playwright")
    assert node.is_new_enough(node.version(node.playwright_node()))


def test_what_is_no_program_has_no_version(tmp_path):
    assert node.version(str(tmp_path / "nothing")) is None
    assert node.version(shutil.which("true") or str(tmp_path)) is None
