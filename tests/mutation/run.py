"""Change the code of the core in some thousand places, one at a time; a test should fail each time.

    make mutants                            all of them, which takes an hour on two cores
    .venv-tools/bin/python tests/mutation/run.py 'specdemo.mel.*'       after that, some of them again

Each change is a mutant (mutmut makes them): `<` becomes `<=`, a number one more, a word another
word. A mutant that no test kills shows a line that no test looks at, or one that makes no difference.
`survivors.toml` lists those that may live, with the reason; any other one is a failure.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = ROOT / "_build" / "mutation"
LISTED = HERE / "survivors.toml"

# What mutmut notes of a mutant that all tests passed. Tests that fail, crash or never end kill it.
SURVIVED = 0


def main():
    """Make and test the mutants; return the exit status."""
    stage(afresh=not sys.argv[1:])
    subprocess.run([sys.executable, "-m", "mutmut", "run", *sys.argv[1:]], cwd=FOLDER, check=False)
    counts, living = results()
    known = {mutant for reason in reasons() for mutant in reason["mutants"]}
    new = sorted(living - known)
    print(
        f"\n{sum(counts.values())} mutants, {counts['killed']} killed, {len(living)} live, "
        f"of which {len(living & known)} are listed with a reason"
    )
    print(
        *(f"lives, and is not listed: {mutant}" for mutant in new),
        *(f"is listed, and does not live: {mutant}" for mutant in sorted(known - living)),
        sep="\n",
    )
    if counts["not tested"]:
        print(f"{counts['not tested']} mutants were not tested: the run ended early.")
    return bool(new or counts["not tested"])


def stage(afresh):
    """Copy what is mutated, and its tests, to a folder of their own, with the last results or not.

    mutmut takes over what it found before, also when the tests have changed since.
    """
    if afresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("specdemo", "audio_samples", "tests/package"):
        shutil.copytree(ROOT / name, FOLDER / name, ignore=ignored, dirs_exist_ok=True)
    for path in (ROOT / "tests").glob("*.py"):
        shutil.copy(path, FOLDER / "tests")
    for path in (HERE / "setup.cfg", HERE / "pytest.ini"):
        shutil.copy(path, FOLDER)


def results():
    """Numbers of mutants by fate, and a description of each that lives."""
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.utils.file_utils import walk_mutatable_files

    os.chdir(FOLDER)
    counts, living = {"killed": 0, "survived": 0, "not tested": 0}, set()
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            counts[
                "not tested" if code is None else "survived" if code == SURVIVED else "killed"
            ] += 1
            if code == SURVIVED:
                living.add(describe(name, get_diff_for_mutant(name, path=path)))
    return counts, living


def describe(name, diff):
    """Say what a mutant is in words that outlive other changes: function, old line, new line.

    >>> diff = "--- a\\n+++ b\\n-    if f < 1:\\n+    if f <= 1:\\n"
    >>> describe("specdemo.mel.x\u01c1MelBank\u01c1forward__mutmut_3", diff)
    'mel.MelBank.forward: if f < 1: -> if f <= 1:'
    """
    function = name.rpartition("__mutmut_")[0].removeprefix("specdemo.")
    function = function.replace(".x\u01c1", ".").replace(".x_", ".").replace("\u01c1", ".")
    lines = diff.splitlines()[2:]
    old, new = (" ".join(line[1:].strip() for line in lines if line[:1] == sign) for sign in "-+")
    return f"{function}: {old} -> {new}"


def reasons():
    """The reasons of `survivors.toml`, each with the mutants that it is for."""
    return tomllib.loads(LISTED.read_text(encoding="utf-8"))["reason"]


if __name__ == "__main__":
    sys.exit(main())
