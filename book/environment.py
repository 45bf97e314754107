"""Make the virtual environment `.venv` if it is missing or stale, then run a command in it.

    python book/environment.py                        only make the environment
    python book/environment.py book/build.py          run a script of the project in it
    python book/environment.py -m pytest tests        run a module in it

Three options, before the command, make another environment instead, as `make bench` does:

    --venv .venv-bench              its folder
    --requirements FILE             what it must have, pinned with hashes
    --optional FILE or PIN          what it may lack, a file or a pin such as torch==2.13.0;
                                    any number of times, installed after the rest

Every command of the Makefile goes through here, so that each does all its own set-up and a
second run installs nothing. The file needs only the standard library, and parses on any
Python 3, so that one that is too old can be told so in a sentence.
"""

import hashlib
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)

Environment = namedtuple("Environment", "venv requirements optional")
BOOK = Environment(".venv", "requirements.txt", ())


def main(arguments):
    """Bring an environment up to date and run a command with its Python."""
    refuse_unfit_python()
    environment, command = parse(arguments)
    prepare(environment)
    if not command:
        return 0
    return subprocess.call([str(venv_python(environment)), *command])


def parse(arguments):
    """Split the command line into the environment and the command to run in it."""
    environment, rest = BOOK, list(arguments)
    while rest and rest[0] in ("--venv", "--requirements", "--optional"):
        if len(rest) < 2:
            sys.exit("{} needs a value.".format(rest[0]))
        option, value = rest[0][2:], rest[1]
        if option == "optional":
            value = (*environment.optional, value)
        environment, rest = environment._replace(**{option: value}), rest[2:]
    return environment, rest


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


def prepare(environment=BOOK):
    """Install what the environment's files pin, unless exactly that was installed before."""
    wanted, record = fingerprint(environment), stamp(environment)
    python = venv_python(environment)
    found = record.read_text() if record.exists() and python.exists() else ""
    if found == wanted:
        return
    # The stamp is removed first and written last: an interrupted installation starts afresh.
    if record.exists():
        record.unlink()
    print("Setting up {}; the first time this takes a minute or two.".format(environment.venv),
          flush=True)
    if not same_base(found, wanted):
        run(sys.executable, "-m", "venv", "--clear", str(ROOT / environment.venv))
    run(*pip(python), "--require-hashes", "-r", str(ROOT / environment.requirements))
    run(*pip(python), "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    for name in environment.optional:
        install_optional(python, name)
    record.write_text(wanted)


def install_optional(python, name):
    """Install a hashed file or a single pin; when that fails, say so and go on without."""
    print("Adding {}, which is optional.".format(name), flush=True)
    pinned = ("--no-deps", "--no-build-isolation", "--require-hashes", "-r", str(ROOT / name))
    command = (*pip(python), *(pinned if is_file(name) else (name,)))
    try:
        run(*command)
    except SystemExit:
        print("Going on without {}.".format(name), flush=True)


def fingerprint(environment=BOOK):
    """What the environment depends on: base Python and place first, then the pinned packages."""
    base = "{} {} {}".format(sys.base_prefix, sys.version.split()[0], ROOT)
    digest = hashlib.sha256()
    for name in (environment.requirements, "pyproject.toml", *environment.optional):
        digest.update((ROOT / name).read_bytes() if is_file(name) else name.encode())
    return base + "\n" + digest.hexdigest()


def is_file(name):
    """Whether a requirement is a file of the project; otherwise it is a pin."""
    return name.endswith((".txt", ".toml"))


def same_base(found, wanted):
    """Whether the environment was made by this Python, for a checkout at this place."""
    return found.splitlines()[:1] == wanted.splitlines()[:1]


def stamp(environment=BOOK):
    """Path of the record of what is installed."""
    return ROOT / environment.venv / "specdemo-stamp"


def venv_python(environment=BOOK):
    """Path of the environment's Python."""
    name = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return ROOT / environment.venv / name


def pip(python):
    """Return how `pip install` starts."""
    return (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def run(*command):
    """Run a command; stop with a sentence when it fails."""
    try:
        subprocess.run(command, check=True)
    except subprocess.CalledProcessError:
        sys.exit("Setting up the environment failed at: " + " ".join(command))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
