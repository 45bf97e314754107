"""Build the book twice and compare the sites byte by byte.

    .venv/bin/python tools/twice.py

The second build starts from nothing, in another folder and with another seed of Python's hashes, so
that neither stored outputs nor paths nor the order of sets can hide a difference.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import build

AGAIN = build.BUILD / "again"
BUILD_AGAIN = "import sys, build; sys.exit(build.build(*map(build.Path, sys.argv[1:])))"
INDEX = "searchindex.js"
# What notebooks that failed have printed, which is on no page; and the search, compared by itself.
NOT_COMPARED = ("reports", INDEX)
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
    options = [
        *(f"--exclude={name}" for name in NOT_COMPARED),
        f"--ignore-matching-lines={MEASURED}",
    ]
    status = subprocess.call(["diff", "--recursive", "--brief", *options, one, two])
    if searched(one) == searched(two):
        return status
    print(f"Files {one / INDEX} and {two / INDEX} differ")
    return 1


def searched(site):
    """Return the search index of a site, without the words that only pages with measurements have."""
    text = (site / INDEX).read_text(encoding="utf-8")
    index = json.loads(text[text.index("{") : text.rindex("}") + 1])
    pages = ((site / f"{name}.html").read_text(encoding="utf-8") for name in index["docnames"])
    measured = {i for i, page in enumerate(pages) if re.search(MEASURED, page)}

    def is_theirs(found):
        return set(found if isinstance(found, list) else [found]) <= measured

    return index | {"terms": {w: at for w, at in index["terms"].items() if not is_theirs(at)}}


if __name__ == "__main__":
    sys.exit(main())
