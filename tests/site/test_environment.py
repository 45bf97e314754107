"""The environment is made once, again when its pins change, and heals when half made."""

import environment
import pytest


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Point the module to an empty checkout; return the list of commands that it runs."""
    run = []
    (tmp_path / "requirements.txt").write_text("numpy==2\n")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "stamp")

    def pretend(*command):
        run.append(" ".join(command))
        environment.venv_python().parent.mkdir(parents=True, exist_ok=True)
        environment.venv_python().touch()

    monkeypatch.setattr(environment, "run", pretend)
    return run


def test_a_second_run_installs_nothing(commands):
    environment.prepare()
    assert len(commands) == 3
    environment.prepare()
    assert len(commands) == 3


def test_packages_are_installed_by_hash(commands):
    environment.prepare()
    assert "--require-hashes" in commands[1]
    assert "--no-deps --no-build-isolation -e" in commands[2]


def test_changed_pins_are_installed_into_the_same_environment(commands):
    environment.prepare()
    (environment.ROOT / "requirements.txt").write_text("numpy==3\n")
    environment.prepare()
    assert len(commands) == 5


def test_a_half_made_environment_is_made_afresh(commands):
    environment.prepare()
    environment.STAMP.unlink()
    environment.prepare()
    assert "--clear" in commands[3]


def test_a_lost_python_is_made_afresh(commands):
    environment.prepare()
    environment.venv_python().unlink()
    environment.prepare()
    assert "--clear" in commands[3]


def test_an_old_python_is_told_so(monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match="needs Python 3.11 or newer"):
        environment.refuse_unfit_python()
