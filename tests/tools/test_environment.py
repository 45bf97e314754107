"""What make does before everything else: find a fit Python, and make environments of pins."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import environment

ROOT = Path(environment.__file__).resolve().parents[1]

# In place of uv: note the arguments; finished or not, as two files say.
UV = """#!/bin/sh
echo "$*" >>uv.log
case "$*" in
*--check*) [ -e up-to-date ] ;;
*sync*) cat >/dev/null; [ ! -e no-network ] ;;
*) mkdir -p .venv ;;
esac
"""


# --- the Python ------------------------------------------------------------------------------


def test_this_python_is_fit():
    assert environment.fault() is None


def test_an_old_python_is_told_so(monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (2, 7, 18))
    assert "needs Python 3.11 or newer, but" in environment.fault()
    assert "is Python 2.7. Name a newer one" in environment.fault()


def test_a_python_without_venv_is_told_how_to_add_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert "'apt install python3-venv' adds it" in environment.fault()


def test_the_path_is_that_of_a_python():
    script = [sys.executable, environment.__file__]
    path = subprocess.run(script, capture_output=True, encoding="utf-8", check=True).stdout.strip()
    assert Path(path).exists() and not Path(path).is_symlink()


# --- the environments ------------------------------------------------------------------------


@pytest.fixture
def make(tmp_path):
    """Return a function that runs a target in a small checkout; it returns what uv was told."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    (tmp_path / "tools").mkdir()
    for name in ["Makefile", "tools/environment.py", "requirements-tools.txt"]:
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / ".venv-uv").mkdir()
    (tmp_path / ".venv-uv" / "uv").write_text(UV)
    (tmp_path / ".venv-uv" / "uv").chmod(0o755)

    def make(target, succeeds=True):
        (tmp_path / "uv.log").write_text("")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        command = ["make", target, f"PYTHON={sys.executable}"]
        done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, check=False)
        assert (done.returncode == 0) == succeeds, done.stderr
        return (tmp_path / "uv.log").read_text().splitlines()

    return make


def test_what_is_up_to_date_is_left_alone(make, tmp_path):
    (tmp_path / "up-to-date").touch()
    folder, check = make("venv")
    assert folder.startswith("venv ") and "--allow-existing" in folder and folder.endswith(" .venv")
    assert "--offline --check requirements.txt -" in check


def test_other_pins_are_installed(make, tmp_path):
    *_, sync = make("venv")
    assert sync.startswith("pip sync ") and sync.endswith(" .venv requirements.txt -")
    assert not (tmp_path / ".venv/unfinished").exists()


def test_tools_add_to_the_pins(make):
    *_, sync = make("venv-tools", succeeds=False)  # the small uv makes no folder .venv-tools
    assert "requirements.txt requirements-tools.txt" in sync


def test_what_was_left_unfinished_is_made_afresh(make, tmp_path):
    (tmp_path / "no-network").touch()
    make("venv", succeeds=False)
    (tmp_path / ".venv/half a package").touch()
    (tmp_path / "no-network").unlink()
    (tmp_path / "up-to-date").touch()
    make("venv")
    assert not (tmp_path / ".venv/half a package").exists()


# --- the pins --------------------------------------------------------------------------------


def pins(name):
    """Return package to version of a file of pins."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", text, re.MULTILINE))


def test_the_tools_agree_with_the_pins_and_repeat_few():
    main, tools = pins("requirements.txt"), pins("requirements-tools.txt")
    both = main.keys() & tools.keys()
    assert {name: main[name] for name in both} == {name: tools[name] for name in both}
    assert len(both) < len(tools) / 4  # those that tools need on systems where the book does not
    assert "uv" in tools and "torch" not in main | tools
