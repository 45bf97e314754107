"""What a run leaves untested: its last lines say so, with how to add it; in CI it is a failure.

A plugin of pytest, loaded by the conftest.py of the project. It goes by the reasons that skips give.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path

import pytest

# How to add what a test may lack, by the word that stands for it in the reason of the skip.
ADDING = {
    "Chromium": "apt install chromium-headless-shell or chromium, brew install --cask chromium,"
    " or .venv/bin/python -m playwright install chromium",
    "FFmpeg": "apt install ffmpeg, or brew install ffmpeg",
    "Firefox": "apt install firefox-esr",
    "JupyterLite": "make lite",
    "Node": "apt install nodejs, or brew install node",
    "PulseAudio": "apt install pulseaudio",
    "SoX": "apt install sox, or brew install sox",
    "kills": "make soak",
    "seeds": "make test THOROUGH=1",
    "WebKitGTK": "apt install webkit2gtk-driver xvfb dbus"
    " gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav",
}

# What only a workflow or a job of its own does (.github/workflows).
APART = ["JupyterLite", "kills", "other seeds"]

# What CI goes without, by `sys.platform`: .ci/run, which adds what is missing, is for Debian and
# its relatives. Windows has no make, kills in another way, and forbids some names of files.
LACKING = {
    "darwin": ["Chromium", "FFmpeg", "SoX"],
    "win32": ["Chromium", "FFmpeg", "SoX", "make", "file system", "SIGKILL"],
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Refuse a test that was skipped."""
    return refused((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """Refuse a file that was skipped."""
    return refused((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """Say at the very end what was not tested; on GitHub, on the page of the run as well."""
    yield
    told = list(gaps(terminalreporter.stats.get("skipped", [])))
    if not told:
        return
    terminalreporter.section("not tested")
    for line in told:
        terminalreporter.line(line)
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        title = f"### Not tested on {sys.platform}, Python {sys.version.split()[0]}"
        with Path(page).open("a", encoding="utf-8") as file:
            file.write("\n".join([title, "", "```", *told, "```", "", ""]))


def refused(report):
    """Make a skip that CI does not allow a failure, in place; return the report."""
    if not is_skip(report):
        return report
    why = reason(report)
    if in_ci() and not is_allowed(why):
        report.outcome = "failed"
        added = f" To add it: {how(why)}." if how(why) else ""
        report.longrepr = f"CI tests everything, but this was skipped: {why}.{added}"
    return report


def is_skip(report):
    """Whether a test or file was skipped; an expected failure counts as skipped, too."""
    return report.skipped and not hasattr(report, "wasxfail")


def in_ci():
    """Whether a continuous integration server runs the tests."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def is_thorough():
    """Whether to test all of what takes long: `make test THOROUGH=1`, and `make test-all`."""
    return any(os.environ.get(name) for name in ("THOROUGH", "EVERY_CLIP"))


def some(cases, *chosen):
    """What of visits that cost seconds each is tried: some of each kind, and all in a thorough run."""
    assert set(chosen) <= set(cases), chosen
    return [case for case in cases if is_thorough() or case in chosen]


def ways():
    """How a page is opened where each way costs seconds: over HTTP and from a disk, or from a disk.

    There a browser allows least; over HTTP other tests visit the same pages.
    """
    return ["http", "file"] if is_thorough() else ["file"]


def is_allowed(why, platform=sys.platform):
    """Whether CI may skip a test for this reason."""
    return any(words in why for words in APART + LACKING.get(platform, []))


def reason(report):
    """Return why a test was skipped."""
    return report.longrepr[2].removeprefix("Skipped: ")


def how(why):
    """Return how to mend the reason of a skip; None when that is not known."""
    return next((how for name, how in ADDING.items() if name in why), None)


def gaps(reports):
    """Yield the lines that tell what was not tested, and why, reason by reason."""
    found = defaultdict(list)
    for report in reports:
        found[reason(report)].append(Path(report.location[0]).name)
    for why, files in sorted(found.items()):
        tests = "1 test" if len(files) == 1 else f"{len(files)} tests"
        yield f"{tests} of {', '.join(sorted(set(files)))}: {why}"
        if how(why):
            yield f"    To add it: {how(why)}"
