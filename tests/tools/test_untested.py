"""What a run did not test stands in its last lines, fails it in CI, and a file stays on one core."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import sharing
import untested

ROOT = Path(__file__).resolve().parents[2]
TWO_CORES = ["-p", "xdist", "-n", "2"]
CASES = """
import pytest

needs_sox = pytest.mark.skipif(True, reason="SoX is not installed")

def test_that_runs(): pass

@needs_sox
def test_by_a_mark(): pass

def test_in_the_middle(): pytest.skip("there is no Node")

def test_by_import(): pytest.importorskip("no_such_package")

@pytest.mark.xfail
def test_that_is_expected_to_fail(): assert False
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that runs pytest, with the plugin, in a folder of its own."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["untested"]\n')

    def run(*options, **settings):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CI", "GITHUB", "PYTEST"))}
        own = {"PYTHONPATH": str(ROOT / "tests"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
            cwd=tmp_path,
            env=kept | own | settings,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, [line for line in done.stdout.splitlines() if line]

    return run


def test_the_last_lines_tell_what_was_not_tested(run, tmp_path):
    (tmp_path / "test_cases.py").write_text(CASES)
    code, lines = run(*TWO_CORES, GITHUB_STEP_SUMMARY=str(tmp_path / "page.md"))
    told = [
        "1 test of test_cases.py: SoX is not installed",
        "    To add it: apt install sox, or brew install sox",
        "1 test of test_cases.py: could not import 'no_such_package': "
        "No module named 'no_such_package'",
        "1 test of test_cases.py: there is no Node",
        "    To add it: apt install nodejs, or brew install node",
    ]
    assert code == 0
    assert lines[-6:-1] == told, lines
    assert "1 passed, 3 skipped, 1 xfailed" in lines[-1]
    assert "\n".join(told) in (tmp_path / "page.md").read_text("utf-8")


def test_in_ci_a_skip_is_a_failure(run, tmp_path):
    (tmp_path / "test_cases.py").write_text(CASES)
    code, lines = run(*TWO_CORES, CI="true")
    assert code == 1
    assert "2 failed, 1 passed, 1 xfailed, 1 error" in lines[-1]
    assert (
        "CI tests everything, but this was skipped: SoX is not installed. "
        "To add it: apt install sox, or brew install sox."
    ) in lines


def test_in_ci_a_file_that_is_skipped_is_an_error(run, tmp_path):
    (tmp_path / "test_file.py").write_text(
        'import pytest\npytest.importorskip("no_such_package")\n'
    )
    assert run(CI="true")[0] == 2
    code, lines = run(CI="")
    assert code == 5  # no test was run
    assert lines[-2].startswith("1 test of test_file.py: could not import 'no_such_package'")


def test_a_run_that_tests_everything_says_nothing_more(run, tmp_path):
    (tmp_path / "test_cases.py").write_text("def test_that_runs(): pass\n")
    code, lines = run(CI="true")
    assert code == 0
    assert not any("not tested" in line for line in lines)


def test_ci_lacks_nothing_but_on_systems_where_it_is_not_added():
    for why in ["SoX is not installed", "no Chromium to be started: Error"]:
        assert not untested.is_allowed(why, "linux"), why
        assert untested.is_allowed(why, "darwin") and untested.is_allowed(why, "win32"), why
    for system in ["linux", "darwin", "win32"]:
        assert not untested.is_allowed("there is no Node", system), "Playwright brings one"
        assert not untested.is_allowed("could not import 'librosa'", system), system
        assert untested.is_allowed("there is no site of JupyterLite", system), "built every week"


def test_what_ci_lacks_can_be_added():
    for system, names in untested.LACKING.items():
        assert set(names) <= {*untested.ADDING, "make", "file system", "SIGKILL"}, system


# --- how tests are shared out ----------------------------------------------------------------


def test_every_run_on_several_cores_shares_out_file_by_file():
    """Other ways tear notebooks apart, whose cells need the ones before."""
    for path in [ROOT / "Makefile", *ROOT.glob(".github/workflows/*.yml")]:
        for options in re.findall(r"-n auto(.*)", path.read_text("utf-8")):
            assert options.split()[:2] == ["--dist", "loadfile"], path.name


def test_the_longest_come_first_and_the_others_stay_in_order():
    ids = [
        "specdemo/a.py::a",
        "tests/site/test_a.py::b",
        "tests/b.py::c",
        "notebooks/a.ipynb::Cell 0",
        "tests/site/test_a.py::a",
        f"tests/notebooks/{sharing.ONE_BY_ONE[0]}::a",
    ]
    items = [SimpleNamespace(nodeid=name) for name in ids]
    sharing.pytest_collection_modifyitems(items)
    assert [ids.index(item.nodeid) for item in items] == [5, 3, 1, 4, 0, 2]


def test_a_notebook_stays_whole_while_long_runs_go_one_by_one(run, tmp_path):
    """Each test of a file needs the one before, as cells do."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["sharing"]\n')
    chain = """
import pytest

seen = []

@pytest.mark.parametrize("i", range(8))
def test_chain(i):
    assert len(seen) == i
    seen.append(i)
"""
    for name in ["test_one.py", "test_two.py"]:
        (tmp_path / name).write_text(chain)
    code, lines = run(*TWO_CORES, "--dist", "loadfile")
    assert code == 0, lines
    group = object.__new__(sharing.Scheduling)._split_scope
    assert group("notebooks/a.ipynb::Cell 0") == group("notebooks/a.ipynb::Cell 1")
    assert group("notebooks/a.ipynb::Cell 0") != group("notebooks/b.ipynb::Cell 0")
    long_runs = [f"tests/notebooks/{sharing.ONE_BY_ONE[0]}::test_a_chapter[{i}]" for i in range(2)]
    assert group(long_runs[0]) != group(long_runs[1])
    assert (ROOT / "tests/notebooks" / sharing.ONE_BY_ONE[0]).exists()
