"""`specdemo features`: what a model would be given of a whole folder of recordings."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from specdemo._command.invert import known_format
from specdemo._command.typed import TypedWrongly, whole_number

NAME = "features"
HELP = "mel spectrograms of a folder of recordings, in the format of a model"
DESCRIPTION = """\
Turn a folder of recordings into features in the format of a model: arrays of many recordings each,
and a record of each array. After an interruption, of whatever kind, the same command goes on."""
EXAMPLES = """\
examples:
  specdemo features LibriSpeech out --format whisper-80
  specdemo features LibriSpeech out --format whisper-80 --workers 8
  specdemo features LibriSpeech out --format whisper-80 --scheduler tcp://10.0.0.1:8786
  specdemo features LibriSpeech out --format whisper-80 --renew

In Python, specdemo.corpus.Features("out") reads them."""

# Recordings that are named of those with a problem.
MOST_NAMED = 10

# Workers, and seconds of patience: as many as the corpus takes, which is imported when it is needed.
MOST_WORKERS, MOST_SECONDS = 4096, 1_000_000

SECONDS_PER_HOUR = 3600
BYTES_PER_MB = 1e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `specdemo features` accepts."""
    add = parser.add_argument
    # Not of type Path, which takes an empty text for this folder.
    add("folder", metavar="FOLDER", help="recordings, in it and in folders in it")
    add("out", metavar="OUT", help="a new folder, or that of an earlier run")
    add("-f", "--format", metavar="NAME", required=True, help="`specdemo formats` lists all")
    engine = parser.add_mutually_exclusive_group()
    engine.add_argument("--workers", type=whole_number(1, MOST_WORKERS), metavar="N", help=WORKERS)
    engine.add_argument("--scheduler", metavar="ADDRESS", help=SCHEDULER)
    add("--half", action="store_true", help="store float16 in place of bytes in steps of 0.5 dB")
    add("--renew", action="store_true", help=RENEW)
    add("--patience", type=_seconds, metavar="SECONDS", help=PATIENCE)
    add("-q", "--quiet", action="store_true", help="say only what is wrong")


WORKERS = "processes that do the work; without it, this one does"
SCHEDULER = "that of a Dask cluster, such as tcp://10.0.0.1:8786; needs specdemo[corpus]"
RENEW = "make those shards again that are damaged, or whose recordings had problems, have changed or are gone"
PATIENCE = "give up when no shard has come back for this time; default: 600"


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 < seconds <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"must be a number above 0, and at most {MOST_SECONDS:.0f}; got {text!r}"
        )
    return seconds


def run(given: argparse.Namespace) -> int:
    """Make what is missing, and say what was made; return 1 when something failed, or is out of date."""
    from specdemo.corpus import codes, planning  # which only this command needs

    fmt, dtype = known_format(given, given.format), "float16" if given.half else "uint8"
    if given.scheduler is not None and not given.scheduler.strip():
        raise TypedWrongly("--scheduler must be an address, such as tcp://10.0.0.1:8786; got ''")
    why = codes.unfit(fmt, dtype)
    if why:
        verb = "does not go with" if given.half else "needs"
        raise TypedWrongly(f"{given.format} {verb} --half: its numbers {why}")
    try:
        features, report = _made(given, fmt, dtype)
    except planning.AlreadyPlanning as error:
        raise ValueError(f"{error}, then call the same") from error
    except KeyboardInterrupt as error:
        terminated = isinstance(error, Terminated)
        what = "terminated" if terminated else "interrupted"
        _say(f"{what}; what is made is kept, and the same command goes on")
        return TERMINATED if terminated else INTERRUPTED
    if not given.quiet:
        _print_summary(given, features, report)
    failed = _print_failures(features, report)
    return 1 if failed else 0


def _made(given: argparse.Namespace, fmt: Any, dtype: str) -> tuple[Any, Any]:
    from specdemo.corpus import make

    with _terminable(), _engine(given) as client:
        options = make.Options(
            dtype=dtype,
            renew=given.renew,
            patience=make.PATIENCE_S if given.patience is None else given.patience,
            progress=not given.quiet,
        )
        return make.run(given.folder, given.out, fmt, client, options)


# Exit codes, as shells have them: 128 and the number of the signal.
INTERRUPTED, TERMINATED = 130, 143


class Terminated(KeyboardInterrupt):
    """The system, or who sent SIGTERM, wants this process to end."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Have SIGTERM end the engine as Ctrl-C does: with its workers, whatever they have begun."""

    def end(*_: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _engine(given: argparse.Namespace) -> Iterator[Any]:
    from specdemo.corpus import Processes, engines

    if given.scheduler is not None:
        with engines.scheduler(given.scheduler) as client:
            if not given.quiet and client.dashboard_link:
                print(f"Dask shows the work at {client.dashboard_link}", file=sys.stderr)
            yield client
    elif given.workers is not None:
        with Processes(given.workers) as client:
            yield client
    else:
        yield None


def _print_summary(given: argparse.Namespace, features: Any, report: Any) -> None:
    rows = features.rows
    hours = sum(row["n_samples"] for row in rows) / features.fmt.sr / SECONDS_PER_HOUR
    n_bytes = sum(path.stat().st_size for path in (features.out / "shards").glob("*.npy"))
    print(
        f"{_printable(given.out)}: {_counted(len(rows), 'recording')}, {hours:.2f} h, in {given.format}: "
        f"{_counted(report.n_shards, 'shard')} of {features.settings['storage']['dtype']}, "
        f"{n_bytes / BYTES_PER_MB:.1f} MB; made now: {report.n_made}"
    )
    remarked = [row for row in rows if row["remarks"]]
    if remarked:
        example = _printable(f"{remarked[0]['path']}: {remarked[0]['remarks'][0]}")
        n_remarked = _counted(len(remarked), "recording")
        print(f"with remarks: {n_remarked} (features.rows lists them), such as {example}")


def _print_failures(features: Any, report: Any) -> int:
    """Say what is wrong, and what to do about it; return how much there is of it."""
    from specdemo.corpus import planning

    _print_problems(features)
    _print_failed(features, report)
    for what, paths, remedy in (
        ("changed since", report.changed, "; call the same with --renew"),
        ("gone since", report.gone, "; call the same with --renew"),
        ("dropped, since gone", report.dropped, ""),
    ):
        _print_named([f"{path}: {what}" for path in paths])
        if paths:
            _say(f"{what}: {_counted(len(paths), 'recording')}{remedy}")
    if report.passed_over:
        _say(planning.passed_over(report.passed_over))
    out_of_date = len(report.changed) + len(report.gone)
    return len(features.problems) + len(report.failed) + report.n_left + out_of_date


def _print_problems(features: Any) -> None:
    """Recordings that could not be read."""
    said = []
    for row in features.problems:
        name = Path(row["path"]).name
        why = row["error"].removeprefix(f"{name} ").removeprefix(f"{name}: ")
        said.append(f"{row['path']}: {why}")
    _print_named(said, ", which features.problems lists")
    if features.problems:
        _say(
            f"could not be read: {_counted(len(features.problems), 'recording')}; mend or remove "
            "what is named, then call the same with --renew"
        )


def _print_named(said: list[str], where: str = "") -> None:
    """Print sentences on recordings, no more than can be read, and where the others are found."""
    for sentence in said[:MOST_NAMED]:
        _say(sentence)
    if len(said) > MOST_NAMED:
        _say(f"... and {len(said) - MOST_NAMED} more{where}")


def _print_failed(features: Any, report: Any) -> None:
    """Shards that could not be made, and where their recordings are listed."""
    for name, why in list(report.failed.items())[:MOST_NAMED]:
        listed = features.out / "plan" / f"{name}.json"
        _say(f"shard {name}, whose recordings {listed} lists, could not be made: {why}")
    if len(report.failed) > MOST_NAMED:
        _say(f"... and {len(report.failed) - MOST_NAMED} more")
    if report.n_left:
        _say(f"not begun, since it would have failed likewise: {_counted(report.n_left, 'shard')}")
    if report.failed:
        _say("What is made is kept: mend the cause, then call the same to go on")


def _say(sentence: str) -> None:
    print(f"specdemo: {_printable(sentence)}", file=sys.stderr)


def _counted(n: int, what: str) -> str:
    """A number of things, in words."""
    from specdemo.corpus.planning import counted

    return counted(n, what)


def _printable(sentence: str) -> str:
    """A sentence without what names of files could do to a terminal."""
    from specdemo.corpus.planning import printable

    return printable(sentence)
