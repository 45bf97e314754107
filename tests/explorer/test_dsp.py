"""The mathematics of the Explorer, dsp.js, in Node: held to this package, to laws, and to itself.

Every test of dsp.test.mjs is a test here. The golden vectors are written anew each time, so that
the package cannot change without dsp.js.
"""

import json
import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest

from node import find_node

FOLDER = Path(__file__).resolve().parent
TESTS = FOLDER / "dsp.test.mjs"
NAMES = re.findall(r'^test\("(.+?)",', TESTS.read_text(encoding="utf-8"), re.MULTILINE)

# Far beyond what the tests take: for a run that would never end, not for a slow machine.
PATIENCE = 1800


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What Node found, test by test, after the golden vectors were written."""
    node, passed_over = find_node()
    if node is None:
        pytest.skip(" ".join(["there is no Node", *passed_over]))
    golden = tmp_path_factory.mktemp("golden")
    runpy.run_path(str(FOLDER / "golden.py"))["write"](golden)
    reporter = (FOLDER / "reporter.mjs").as_uri()
    run = subprocess.run(
        [node, f"--test-reporter={reporter}", "--test-reporter-destination=stdout", str(TESTS)],
        env=os.environ | {"SPECDEMO_GOLDEN": str(golden)}, capture_output=True, encoding="utf-8",
        timeout=PATIENCE, check=False,
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    print(*(line["printed"] for line in lines if "printed" in line), sep="\n")
    assert any("name" in line for line in lines), run.stderr
    return {line["name"]: line for line in lines if "name" in line}


@pytest.mark.parametrize("name", NAMES)
def test_javascript(results, name):
    assert not results[name].get("skipped"), results[name]["skipped"]
    if "failure" in results[name]:
        pytest.fail(results[name]["failure"], pytrace=False)


def test_every_javascript_test_is_a_test_here(results):
    assert sorted(results) == sorted(NAMES)
