"""The environment is made once, again when its pins change, and heals when half made."""

import sys

import environment
import pytest


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Point the module to an empty checkout; return the list of commands that it runs."""
    run = []
    (tmp_path / "requirements.txt").write_text("numpy==2\n")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(environment, "ROOT", tmp_path)

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
    environment.stamp().unlink()
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


BENCH = environment.Environment(".venv-bench", "bench.txt", ("torch==2.0",))


@pytest.fixture
def bench(commands):
    """Add the files of a second environment to the empty checkout."""
    (environment.ROOT / "bench.txt").write_text("numpy==2\n")
    return commands


def test_options_name_another_environment():
    options = ["--venv", ".venv-bench", "--requirements", "bench.txt", "--optional", "torch==2.0"]
    assert environment.parse([*options, "-m", "x", "--venv"]) == (BENCH, ["-m", "x", "--venv"])
    assert environment.parse(["-m", "x"]) == (environment.BOOK, ["-m", "x"])
    with pytest.raises(SystemExit, match="--venv needs a value"):
        environment.parse(["--venv"])


def test_environments_do_not_meet(bench, monkeypatch):
    monkeypatch.setattr(environment, "run", lambda *command: touch_python(command, bench))
    environment.prepare(BENCH)
    assert environment.stamp(BENCH).exists() and not environment.stamp().exists()
    assert all(".venv-bench" in command for command in bench)
    assert bench[-1].endswith("torch==2.0")


def test_what_is_optional_may_fail(bench, monkeypatch, capsys):
    def run(*command):
        touch_python(command, bench)
        if "torch==2.0" in command:
            sys.exit("no such wheel")

    monkeypatch.setattr(environment, "run", run)
    environment.prepare(BENCH)
    assert environment.stamp(BENCH).exists()
    assert "Going on without torch==2.0." in capsys.readouterr().out


def touch_python(command, commands):
    commands.append(" ".join(command))
    environment.venv_python(BENCH).parent.mkdir(parents=True, exist_ok=True)
    environment.venv_python(BENCH).touch()
