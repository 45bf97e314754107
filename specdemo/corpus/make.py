"""A folder of recordings to features in the format of a model, with nothing lost."""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from specdemo import _checks
from specdemo.corpus import comparison, engines, planning, storage
from specdemo.corpus.features import Features
from specdemo.corpus.planning import counted, printable
from specdemo.corpus.settings import keep_settings
from specdemo.corpus.shards import is_made, make_shard
from specdemo.formats import MelFormat, mel_format

# Called with how many shards are made, and how many there are to be made.
OnShard = Callable[[int, int], object] | None

SHARD_MB = 16.0
PATIENCE_S = 600.0
# Days beyond all shards, and what every system can wait for.
MOST_PATIENCE_S = 1e6


@dataclass(frozen=True)
class Options:
    """How features are made; see `make_features`, whose settings these are."""

    dtype: str = "uint8"
    shard_mb: float = SHARD_MB
    renew: bool = False
    window: int | None = None
    patience: float = PATIENCE_S
    progress: bool = False
    on_shard: OnShard = None

    def __post_init__(self) -> None:
        _checks.settle(self)
        _checks.number("shard_mb", self.shard_mb, above=0)
        _checks.number("patience", self.patience, above=0, maximum=MOST_PATIENCE_S)
        _checks.flag("renew", self.renew)
        _checks.flag("progress", self.progress)
        if self.window is not None:
            _checks.integer("window", self.window)
        if self.on_shard is not None and not callable(self.on_shard):
            raise TypeError(f"on_shard must be callable; got {self.on_shard!r:.80}")


@dataclass
class Report:
    """What one run of `make_features` did.

    Parameters
    ----------
    n_shards, n_made : int
        Shards of the plan, and those of them that were made now.
    failed : dict of str to str
        Shards that could not be made, and why.
    n_left : int
        Shards that were not begun, since they would have failed like the last.
    changed, gone : list of str
        Recordings that are not what they were when their features were made.
    dropped : list of str
        Recordings that were gone, and are in the plan no more.
    passed_over : Counter
        How many files have each ending of recordings that are not read, such as ".m4a".
    """

    n_shards: int = 0
    n_made: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    n_left: int = 0
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def make_features(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    fmt: MelFormat | str,
    client: Any = None,
    *,
    dtype: str = "uint8",
    shard_mb: float = SHARD_MB,
    renew: bool = False,
    window: int | None = None,
    patience: float = PATIENCE_S,
    progress: bool = False,
    on_shard: OnShard = None,
) -> Features:
    """Turn a folder of recordings into features in the format of a model.

    What is made is kept: after an interruption, of whatever kind, the same call goes on. When all
    is there, it does nothing. Recordings that were added since are made, in shards of their own.

    Parameters
    ----------
    folder : str or path-like
        Recordings, in this folder or in folders in it. Any that `load` reads, by their endings.
    out : str or path-like
        A new folder, or that of an earlier call. Workers must have both by the same paths.
    fmt : MelFormat or str
        The format, or its name. Recordings of another rate are converted to its rate.
    client : optional
        What does the work: anything with `submit`, such as `Processes(n)`, a pool of
        `concurrent.futures`, or a `Client` of Dask. Default: this process.
    dtype : {"uint8", "float16"}
        Bytes, in steps of 0.5 dB from the loudest that a sound can be down to 127 dB below it, where
        the last step leads to the floor of the format; or half precision.
    shard_mb : float
        Megabytes of recordings in a shard, which is made as a whole. For new shards only.
    renew : bool
        Whether to make those shards again that are damaged, or of whose recordings some have
        changed, are gone, or could not be read. Recordings that are gone are dropped, with a
        warning.
    window : int, optional
        Shards that the client is given at a time. Default: twice its workers.
    patience : float
        Seconds after which a client from which nothing comes back is given up.
    progress : bool
        Whether to show a bar on a terminal, when the package tqdm is installed.
    on_shard : callable, optional
        Called after every shard with how many are done, and how many there are to do.

    Returns
    -------
    Features

    Raises
    ------
    FileNotFoundError
        When there is no such folder.
    ValueError
        When the folder has no recordings; when `out` is the same folder, a file, or has features in
        other settings: the message names each difference.
    TimeoutError
        When the client has died, or has no workers.

    Warns
    -----
    UserWarning
        When shards could not be made, recordings could not be read, have changed, are gone, or
        were dropped; and when files were passed over that have to be converted first, such as .m4a.

    Notes
    -----
    A recording has changed when its size has, or the time of its last change and its bytes: what was
    written in place of other bytes, as many of them, and had its time set back is not seen.

    The same files, settings and releases of the libraries make the same bytes on the same kind of
    processor, whatever the client, the order of the work and its interruptions. (Processors of
    other kinds add up in another order: a byte in millions is then one step off. Where workers are
    of several kinds, `Features.verify` finds a shard of which one has written the data and another
    the record.) A shard is written whole or not at all, its record last, so doing it twice does no
    harm. Shards that failed are tried again at the end, one at a time, since an engine blames a
    dead worker on all that was waiting for it.

    Recordings of another rate are converted piece by piece, by soxr if it is installed when a corpus is
    begun (it is in the extra `corpus`), else by this package; the settings say by which. Their filters
    let nothing through from half of the lower rate on. That of `resample` lets through a few hertz more:
    bands at that end can differ by some dB from those of `load` and `MelFormat.forward`.

    A script, unlike a notebook, is read again by each process that it starts: call this under
    ``if __name__ == "__main__":`` when the client is `Processes` or a `local_cluster`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from specdemo import takes
    >>> with TemporaryDirectory() as out:
    ...     features = make_features(takes("sentences")[0].path.parent, out, "hifigan-v1")
    ...     len(features), features[0].shape, features.problems, features.verify()
    (16, (80, 287), [], [])
    """
    options = Options(dtype, shard_mb, renew, window, patience, progress, on_shard)
    features, report = run(folder, out, fmt, client, options)
    for sentence in complaints(features, report):
        warnings.warn(sentence, stacklevel=2)
    return features


def run(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    fmt: MelFormat | str,
    client: Any = None,
    options: Options = Options(),
    *,
    work: Callable[..., Any] = make_shard,
) -> tuple[Features, Report]:
    """Do what `make_features` does, and say what was done in place of warnings."""
    client = engines.Here() if client is None else engines.check(client)
    fmt = _format(fmt)
    folder, out = storage.place("folder", folder), storage.place("out", out)
    report, settings = _prepare(folder, out, fmt, options)
    names = storage.planned(out)
    todo = [name for name in names if not is_made(out, name, settings)]
    report.n_shards = len(names)
    submit = engines.submitting(client, work, str(folder), str(out))
    window = options.window or engines.default_window(client)
    with _reporting(len(todo), options.progress, options.on_shard) as tell:
        _make(todo, submit, window, options.patience, report, tell)
    # An engine that dies blames its death on shards, too, whose records it had written.
    for name in [name for name in report.failed if is_made(out, name, settings)]:
        del report.failed[name]
        report.n_made += 1
    report.n_left = len(todo) - report.n_made - len(report.failed)
    if report.n_made == len(todo):
        storage.remove_unfinished(out)
    return Features(out), report


def _format(fmt: MelFormat | str) -> MelFormat:
    if not isinstance(fmt, str):
        return _checks.instance("fmt", fmt, MelFormat)
    try:
        return mel_format(fmt)
    except ValueError:
        raise ValueError(f"fmt must be a MelFormat, or one of mel_formats(); got {fmt!r}") from None


def complaints(features: Features, report: Report) -> list[str]:
    """A sentence for each kind of thing that a user should act on."""
    said = []
    n_missing = len(report.failed) + report.n_left
    if n_missing:
        name, why = next(iter(report.failed.items()))
        said.append(
            f"{n_missing} of {counted(report.n_shards, 'shard')} could not be made ({why}), such as that "
            f"whose recordings {storage.plan_path(features.out, name)} lists: call make_features "
            "again to go on"
        )
    call = "call make_features with renew=True"
    for found, problem, remedy in (
        (
            [row["path"] for row in features.problems],
            "could not be read",
            f"see features.problems, and {call} when they are mended",
        ),
        (report.changed, "changed since features were made", f"{call} to make theirs again"),
        (report.gone, "gone since features were made", f"{call} to drop theirs"),
        (report.dropped, "dropped, since gone", ""),
    ):
        if found:
            example = f"{counted(len(found), 'recording')} {problem}, such as {printable(found[0])}"
            said.append(f"{example}: {remedy}" if remedy else example)
    return said + ([planning.passed_over(report.passed_over)] if report.passed_over else [])


def _prepare(
    folder: Path, out: Path, fmt: MelFormat, options: Options
) -> tuple[Report, dict[str, Any]]:
    """Settings and plan, before any work begins."""
    others: Counter[str] = Counter()
    found = planning.find(folder, others)
    if out.exists() and not out.is_dir():
        raise ValueError(f"out must be a folder; {out} is a file")
    if out.exists() and out.samefile(folder):
        raise ValueError(f"out must be another folder than that of the recordings; got {out}")
    if not found and not storage.settings_path(out).exists():
        raise ValueError(
            f"folder must have recordings; {folder} has none that end in "
            f"{', '.join(planning.SUFFIXES)}"
            + (f"; {planning.passed_over(others)}" if others else "")
        )
    settings = keep_settings(out, fmt, options.dtype)
    for part in ("plan", "shards"):
        (out / part).mkdir(exist_ok=True)
    comparison.mend_plan(out)
    planning.check(out, found)
    seen = comparison.compare(folder, out, found, options.renew)
    planning.plan(out, found, options.shard_mb)
    report = Report(changed=seen.changed, gone=seen.gone, dropped=seen.dropped, passed_over=others)
    return report, settings


def _make(
    todo: list[str],
    submit: Callable[[str], Any],
    window: int,
    patience: float,
    report: Report,
    tell: Callable[[], None],
) -> None:
    """Make shards, and try those that failed once more, each alone."""
    errors: dict[str, BaseException] = {}

    def on_done(name: str, error: BaseException | None) -> None:
        if error is None:
            report.n_made += 1
            errors.pop(name, None)
            tell()
        else:
            errors[name] = error

    engines.work_through(todo, submit, window=window, patience=patience, on_done=on_done)
    again = [name for name, error in errors.items() if not engines.is_of_the_machine(error)]
    if again and (report.n_made or len(again) <= window):
        engines.work_through(again, submit, window=1, patience=patience, on_done=on_done)
    report.failed = {name: _sentence(error) for name, error in sorted(errors.items())}


def _sentence(error: BaseException) -> str:
    if type(error).__name__ in engines.GONE:
        return f"the scheduler is gone ({type(error).__name__}): start it again"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def _reporting(n_shards: int, progress: bool, on_shard: OnShard) -> Iterator[Callable[[], None]]:
    """Yield what is called after every shard that is made."""
    bar = _bar(n_shards) if progress else None
    n_done = 0

    def tell() -> None:
        nonlocal n_done
        n_done += 1
        if bar is not None:
            bar.update()
        if on_shard is not None:
            on_shard(n_done, n_shards)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.close()


def _bar(n_shards: int) -> Any:
    """A bar of tqdm, which shows nothing where there is no terminal; None where none can be."""
    if sys.stderr is None:  # a program that was started without
        return None
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(total=n_shards, unit="shard", disable=None)
