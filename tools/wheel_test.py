"""Build source archive and wheel, check both, and test the wheel where nothing else is installed.

    python tools/wheel_test.py                  build into _build/dist, then check and test
    python tools/wheel_test.py --dist FOLDER    check and test what a folder holds

Building needs the package `build`, checking `twine`: both are installed in an environment of their own, in
_build/packaging. The tests see NumPy, SciPy, pytest and hypothesis: a test that needs more is left out.
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
TOOLS = ("build>=1.2", "twine>=6")
TESTS_NEED = ("pytest>=8.2", "hypothesis>=6.100")
# Tests of the package that need more, and what: the checkout is not there either. All others are run.
NEED_MORE = {
    "audio_samples": "the checkout",
    "bad_input": "matplotlib",
    "chapter_8": "autograd",
    "command": "matplotlib",
    "corpus_bad_values": "matplotlib",
    "corpus_soak": "minutes",
    "listen": "matplotlib",
    "markup": "matplotlib",
    "mel": "librosa",
    "package": "anywidget",
    "plot": "matplotlib",
    "same_numbers": "the checkout",
    "save": "the checkout",
    "staircase": "beautifulsoup4",
    "stft_laws": "librosa",
    "takes": "the checkout",
}
# What must be in the archives, and folders of the checkout that must not.
IN_WHEEL = ("specdemo/__init__.py", "specdemo/clips/speech.wav", "specdemo/specdemo.mplstyle")
IN_SOURCES = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CITATION.cff",
    "audio_samples/speech.wav",
    "notebooks/01_spectrogram.ipynb",
    "tests/conftest.py",
)
FOREIGN = ("_build/", ".venv", ".github/", ".git/", ".ci/", "__pycache__/")


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", type=Path, help="folder of a wheel and a source archive")
    options = parser.parse_args(arguments)
    tools = environment(BUILD / "packaging", TOOLS)
    dist = options.dist or built(tools, BUILD / "dist")
    wheel, sources = only(dist, "*.whl"), only(dist, "*.tar.gz")
    run(tools, "-m", "twine", "check", "--strict", wheel, sources)
    problems = missing_or_foreign(wheel, sources)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    return tested(wheel)


def built(python, dist):
    """Build both archives into an empty folder; return it."""
    shutil.rmtree(dist, ignore_errors=True)
    run(python, "-m", "build", "--outdir", dist, ROOT)
    return dist


def only(folder, pattern):
    """The one file of a folder that fits a pattern."""
    found = list(folder.glob(pattern))
    if len(found) != 1:
        sys.exit(f"{folder} holds {len(found)} files {pattern}; there must be one.")
    return found[0].resolve()


def missing_or_foreign(wheel, sources):
    """A sentence for each file that is missing from an archive, or has no business there."""
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = archive.namelist()
    with tarfile.open(sources) as archive:
        in_sources = [name.split("/", 1)[-1] for name in archive.getnames()]
    return [
        *(f"{wheel.name} lacks {name}." for name in IN_WHEEL if name not in in_wheel),
        *(f"{sources.name} lacks {name}." for name in IN_SOURCES if name not in in_sources),
        *(f"{name} is packed." for name in in_wheel + in_sources if is_foreign(name)),
        *(f"{wheel.name} holds {name}." for name in in_wheel if not name.startswith("specdemo")),
    ]


def is_foreign(name):
    """Whether a file of an archive was made by a tool, or is for the repository alone."""
    return any(name.startswith(part) or f"/{part}" in name for part in FOREIGN)


def tested(wheel):
    """Install a wheel in a new environment, and run the tests far from the checkout."""
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder, "venv"), (wheel, *TESTS_NEED))
        shutil.copytree(ROOT / "tests", Path(folder, "tests"))
        return subprocess.run(
            [
                python,
                "-W",
                "error",
                "-m",
                "pytest",
                "-q",
                "--import-mode=importlib",
                "--override-ini",
                "pythonpath=tests",
                "--rootdir",
                folder,
                *enough(Path(folder, "tests")),
            ],
            cwd=folder,
            check=False,
        ).returncode


def enough(folder=ROOT / "tests"):
    """Files of tests that need nothing but these packages."""
    paths = sorted((folder / "package").rglob("test_*.py"))
    return [path for path in paths if path.stem.removeprefix("test_") not in NEED_MORE]


def environment(folder, packages):
    """Make an environment with some packages; return its Python."""
    venv.create(folder, with_pip=True, clear=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return python


def run(*command):
    """Run a command, which must succeed."""
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    sys.exit(main())
