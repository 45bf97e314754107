"""Build the book twice and compare the sites byte by byte.

    .venv/bin/python tools/twice.py

The second build starts from nothing, in another folder and with another seed of Python's hashes, so
that neither stored outputs nor paths nor the order of sets can hide a difference.
"""

import filecmp
import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import build

AGAIN = build.BUILD / "again"

# Files that may differ, and why.
EXCEPTIONS = {
    "reports/*": "what failed notebooks printed; there is none on a page",
}


def main():
    """Build, compare, print the differences; return the exit status."""
    # Sphinx leaves out of its search index what it did not read in this build.
    shutil.rmtree(build.BUILD / ".doctrees", ignore_errors=True)
    status = build.main([])
    if status:
        return status
    stage(AGAIN / "source")
    command = [sys.executable, "-c", "import build, sys; sys.exit(build.build(*map(build.Path, sys.argv[1:])))"]
    environment = os.environ | {"PYTHONHASHSEED": "271828", "PYTHONPATH": str(build.ROOT / "tools")}
    done = subprocess.run([*command, AGAIN / "source", AGAIN / "html"], env=environment)
    if done.returncode:
        return done.returncode
    found = sorted(differences(build.BUILD / "html", AGAIN / "html"))
    for name, what in found:
        print(f"{name}: {what}")
    n_files = sum(path.is_file() for path in (AGAIN / "html").rglob("*"))
    print(f"{len(found)} of {n_files} files differ; not compared: {', '.join(EXCEPTIONS)}.")
    return int(bool(found))


def stage(source):
    """Copy the sources of the book, and leave nothing of an earlier build beside them."""
    shutil.rmtree(source.parent, ignore_errors=True)
    source.mkdir(parents=True)
    for name in build.SOURCES:
        copy = shutil.copytree if (build.ROOT / name).is_dir() else shutil.copy2
        copy(build.ROOT / name, source / name)


def differences(one, two):
    """Yield the name of each file that is not the same in two folders, and what is different."""
    names = [{path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
             for folder in (one, two)]
    for name in names[0] | names[1]:
        if any(fnmatch(name, pattern) for pattern in EXCEPTIONS):
            continue
        if name not in names[1]:
            yield name, "only in the first"
        elif name not in names[0]:
            yield name, "only in the second"
        elif not filecmp.cmp(one / name, two / name, shallow=False):
            yield name, first_difference((one / name).read_bytes(), (two / name).read_bytes())


def first_difference(one, two):
    """The place where two contents part, and what stands there."""
    place = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
    around = slice(max(0, place - 20), place + 40)
    return f"byte {place}: {one[around]!r} or {two[around]!r}"


if __name__ == "__main__":
    sys.exit(main())
