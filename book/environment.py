"""Make the virtual environment `.venv` if it is missing or stale, then run a command in it.

    python book/environment.py                        only make the environment
    python book/environment.py book/build.py          run a script of the project in it
    python book/environment.py -m pytest tests        run a module in it

Every command of the Makefile goes through here, so that each does all its own set-up and a
second run installs nothing. The file needs only the standard library, and parses on any
Python 3, so that one that is too old can be told so in a sentence.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "specdemo-stamp"
OLDEST = (3, 11)


def main(command):
    """Bring the environment up to date and run `command` with its Python."""
    refuse_unfit_python()
    prepare()
    if not command:
        return 0
    return subprocess.call([str(venv_python()), *command])


def refuse_unfit_python():
    """Stop with a sentence when this Python cannot make the environment."""
    if sys.version_info < OLDEST:
        sys.exit(
            "This book needs Python {}.{} or newer, but {} is Python {}.{}. "
            "Name a newer one, for example: make book PYTHON=python3.12".format(
                *OLDEST, sys.executable, *sys.version_info[:2]
            )
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(
            "This Python ({}) lacks the venv module. On Debian and Ubuntu, "
            "'apt install python3-venv' adds it.".format(sys.executable)
        )


def prepare():
    """Install what requirements.txt pins, unless exactly that was installed before."""
    wanted = fingerprint()
    found = STAMP.read_text() if STAMP.exists() and venv_python().exists() else ""
    if found == wanted:
        return
    # The stamp is removed first and written last: an interrupted installation starts afresh.
    if STAMP.exists():
        STAMP.unlink()
    print("Setting up .venv; the first time this takes a minute or two.", flush=True)
    if not same_base(found, wanted):
        run(sys.executable, "-m", "venv", "--clear", str(VENV))
    pip("--require-hashes", "-r", str(ROOT / "requirements.txt"))
    pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    STAMP.write_text(wanted)


def fingerprint():
    """What the environment depends on: base Python and place first, then the pinned packages."""
    base = "{} {} {}".format(sys.base_prefix, sys.version.split()[0], ROOT)
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return base + "\n" + digest.hexdigest()


def same_base(found, wanted):
    """Whether the environment was made by this Python, for a checkout at this place."""
    return found.splitlines()[:1] == wanted.splitlines()[:1]


def venv_python():
    """Path of the environment's Python."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def pip(*arguments):
    """Run `pip install` in the environment."""
    run(str(venv_python()), "-m", "pip", "install", "--quiet",
        "--disable-pip-version-check", *arguments)


def run(*command):
    """Run a command; stop with a sentence when it fails."""
    try:
        subprocess.run(command, check=True)
    except subprocess.CalledProcessError:
        sys.exit("Setting up .venv failed at: " + " ".join(command))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
