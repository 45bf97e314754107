"""Build the book twice and compare the sites byte by byte.

    .venv/bin/python tools/twice.py

The second build starts from nothing, in another folder and with another seed of Python's hashes, so
that neither stored outputs nor paths nor the order of sets can hide a difference.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import build

AGAIN = build.BUILD / "again"
BUILD_AGAIN = "import sys, build; sys.exit(build.build(*map(build.Path, sys.argv[1:])))"
# What notebooks that failed have printed; it is on no page.
NOT_COMPARED = "reports"
# How quick the machine was, which chapter 10 measures and shows in one line of HTML.
MEASURED = "class=.measured"


def main():
    """Build, compare, print the differences; return the exit status."""
    # Sphinx leaves out of its search index what it did not read in this build.
    shutil.rmtree(build.BUILD / ".doctrees", ignore_errors=True)
    shutil.rmtree(AGAIN, ignore_errors=True)
    build.stage(AGAIN / "source")
    return build.main([]) or build_again() or compare(build.BUILD / "html", AGAIN / "html")


def build_again():
    """Build the copy of the sources; return the exit status."""
    command = [sys.executable, "-c", BUILD_AGAIN, AGAIN / "source", AGAIN / "html"]
    settings = {"PYTHONHASHSEED": "271828", "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.call(command, env=os.environ | settings)


def compare(one, two):
    """Print which files differ, byte by byte; return 0 when none does."""
    options = [f"--exclude={NOT_COMPARED}", f"--ignore-matching-lines={MEASURED}"]
    return subprocess.call(["diff", "--recursive", "--brief", *options, one, two])


if __name__ == "__main__":
    sys.exit(main())
