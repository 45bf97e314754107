"""The JavaScript in Node: held to this package, to laws, and to itself.

Every test of node/**/*.test.mjs is a test here. The golden vectors are written anew each time, so that
the package cannot change without the JavaScript.
"""

import json
import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest

from node import find_node
from specdemo.live import twin
from specdemo.live.join import joined

FOLDER = Path(__file__).resolve().parent / "node"
FILES = sorted(FOLDER.rglob("*.test.mjs"))
NAMES = [
    name
    for file in FILES
    for name in re.findall(r'^test\("(.+?)",', file.read_text(encoding="utf-8"), re.MULTILINE)
]

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
    (golden / "worker.js").write_text(joined(twin.WORKER), encoding="utf-8")
    reporter = (FOLDER / "reporter.mjs").as_uri()
    run = subprocess.run(
        [
            node,
            "--test",
            f"--test-reporter={reporter}",
            "--test-reporter-destination=stdout",
            *map(str, FILES),
        ],
        env=os.environ | {"SPECDEMO_GOLDEN": str(golden)},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
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
