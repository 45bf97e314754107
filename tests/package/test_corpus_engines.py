"""Engines of a corpus: pools and Dask, workers killed in the midst, a recording that kills them all."""

import logging
import os
import signal
import sys
import textwrap
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

import specdemo as sd
from corpora import contents, importable
from specdemo.corpus import Processes, local_cluster, make_features, storage
from specdemo.corpus.engines import SELDOM, work_through
from specdemo.corpus.make import Options, run
from specdemo.corpus.processes import START
from specdemo.corpus.shards import make_shard
from untested import is_thorough

FMT = sd.mel_format("tf-signal-example")
N_SHARDS = 5

# Dask's workers take seconds to start.
N_WORKERS = 2 if is_thorough() else 1

# What workers do in place of `make_shard`. It is a module of its own, which they can import.
DEADLY = textwrap.dedent("""
    import logging, os, signal
    from pathlib import Path
    from specdemo.corpus.shards import make_shard

    def once(folder, out, name, attempt):
        '''Die in the midst of the third shard, the first time.'''
        mark = Path(folder, "died.txt")
        if name == "000002" and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return make_shard(folder, out, name, attempt)

    def always(folder, out, name, attempt):
        '''Die whenever the third shard is begun.'''
        if name == "000002":
            os.kill(os.getpid(), signal.SIGKILL)
        return make_shard(folder, out, name, attempt)

    def hanging(folder, out, name, attempt):
        '''Never come to the end of the third shard.'''
        if name == "000002":
            Path(folder, "hanging.txt").touch()
            signal.pause()
        return make_shard(folder, out, name, attempt)

    def told_from():
        '''The level of logging from which on something is printed.'''
        handlers = logging.getLogger("distributed").handlers
        return min(one.level for one in handlers if type(one) is logging.StreamHandler)
""")

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """A short recording for each shard."""
    folder = tmp_path_factory.mktemp("recordings")
    x, sr = sd.load("speech", sr=16000)
    for i in range(N_SHARDS):
        sd.save(folder / f"{i}.wav", x[8000 * i : 8000 * i + 8000], sr)
    return folder


@pytest.fixture(scope="module")
def expected(recordings, tmp_path_factory):
    """What one process makes that nobody disturbs."""
    out = tmp_path_factory.mktemp("expected") / "out"
    make(recordings, out)
    return contents(out)


@pytest.fixture(scope="module")
def deadly(tmp_path_factory):
    """The module of what kills workers."""
    with importable("deadly_work", DEADLY, tmp_path_factory.mktemp("modules")) as module:
        yield module


@pytest.fixture(scope="module")
def cluster(deadly):
    """A Dask cluster, whose workers know the module."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    with local_cluster(N_WORKERS) as client:
        yield client


@pytest.fixture(scope="module")
def processes(deadly):
    """Processes, who know the module."""
    with Processes(2) as client:
        yield client


def make(folder, out, client=None, work=make_shard, **options):
    """Make features, a recording in each shard."""
    return run(folder, out, FMT, client, Options(shard_mb=1e-6, **options), work=work)


def assert_whole(out, found, expected):
    features, report = found
    assert (report.failed, report.n_left, features.verify()) == ({}, 0, [])
    assert contents(out) == expected


def test_threads_make_the_same_bytes(recordings, tmp_path, expected):
    with ThreadPoolExecutor(2) as client:
        found = make(recordings, tmp_path / "out", client)
    assert_whole(tmp_path / "out", found, expected)


@pytest.mark.parametrize("engine", ["processes", "cluster"])
def test_a_killed_worker_loses_nothing(engine, request, deadly, recordings, tmp_path, expected):
    """And the bytes are the same as of one process that nobody disturbs."""
    client = request.getfixturevalue(engine)
    (recordings / "died.txt").unlink(missing_ok=True)
    found = make(recordings, tmp_path / "out", client, work=deadly.once)
    assert (recordings / "died.txt").exists()
    assert_whole(tmp_path / "out", found, expected)


def test_the_guilty_is_named_and_the_innocent_are_made(
    processes, deadly, recordings, tmp_path, expected
):
    out = tmp_path / "out"
    features, report = make(recordings, out, processes, work=deadly.always)
    assert list(report.failed) == ["000002"]
    assert (report.n_made, report.n_left) == (N_SHARDS - 1, 0)
    assert features.verify() == ["Shard 000002, of 1 recordings, is missing: it is not made."]
    assert_whole(out, make(recordings, out), expected)


def test_a_pool_that_breaks_is_said_and_the_next_call_goes_on(
    deadly, recordings, tmp_path, expected
):
    """Those of `concurrent.futures` cannot be mended."""
    out = tmp_path / "out"
    with ProcessPoolExecutor(1, mp_context=get_context(START)) as client:
        features, report = make(recordings, out, client, work=deadly.always)
    assert "000002" in report.failed
    assert all("terminated abruptly" in why for why in report.failed.values())
    assert len(features.verify()) == len(report.failed) + report.n_left
    assert_whole(out, make(recordings, out), expected)


def test_what_failed_is_a_warning_with_the_way_out(recordings, tmp_path, monkeypatch):
    def failing(*_):
        raise RuntimeError("no luck")

    monkeypatch.setattr("specdemo.corpus.shards.storage.write_array", failing)
    with pytest.warns(UserWarning, match="5 of 5 shards could not be made .RuntimeError: no luck"):
        make_features(recordings, tmp_path / "out", FMT, shard_mb=1e-6)


def test_a_second_driver_is_told(recordings, tmp_path, monkeypatch):
    """It has seen no plan, and finds one when it writes its own."""
    out = tmp_path / "out"
    make(recordings, out)
    before = contents(out)
    monkeypatch.setattr(storage, "planned", lambda out: [])
    with pytest.raises(RuntimeError, match="another process is planning"):
        make(recordings, out)
    assert contents(out) == before


class Deaf:
    """An engine that never answers."""

    def __init__(self):
        self.futures = []

    def submit(self, function, *arguments):
        self.futures.append(Future())
        return self.futures[-1]


def test_what_is_no_engine_is_refused(recordings, tmp_path):
    with pytest.raises(TypeError, match="client must be an engine, not a class .* Processes: call"):
        make_features(recordings, tmp_path / "out", FMT, Processes)
    assert not (tmp_path / "out").exists()
    client = type("Engine", (), {"submit": lambda _, function, *arguments: function(*arguments)})()
    with pytest.raises(
        TypeError, match="client must have a submit.* returns a future .* got '0000"
    ):
        make_features(recordings, tmp_path / "out", FMT, client)


def test_every_wait_ends(recordings, tmp_path):
    client = Deaf()
    with pytest.raises(TimeoutError, match=r"no shard came back for 0\.05 s"):
        make_features(recordings, tmp_path / "out", FMT, client, patience=0.05)
    assert all(future.cancelled() for future in client.futures)


def test_a_process_that_hangs_is_given_up(deadly, recordings, tmp_path, expected):
    """It would be waited for at the end of the block, and never ends."""
    out = tmp_path / "out"
    with pytest.raises(TimeoutError, match="no shard came back"), Processes(1) as client:
        client.submit(os.getpid).result()
        run(recordings, out, FMT, client, Options(shard_mb=1e-6, patience=3), work=deadly.hanging)
    assert (recordings / "hanging.txt").exists()
    assert_whole(out, make(recordings, out), expected)


def test_what_an_engine_had_made_before_it_died_is_made(recordings, tmp_path, expected):
    """As a Dask scheduler that was killed: all its futures are cancelled, whatever was written."""

    class FutureCancelledError(Exception):
        """As Dask calls it."""

    class Dying:
        def submit(self, function, *arguments):
            future = Future()
            *_, name, _ = arguments
            if name < "000002":
                function(*arguments)
            future.set_exception(FutureCancelledError("000000 cancelled for reason: unknown."))
            return future

    out = tmp_path / "out"
    features, report = make(recordings, out, Dying())
    assert (report.n_made, sorted(report.failed)) == (2, ["000002", "000003", "000004"])
    assert report.failed["000002"] == "the scheduler is gone (FutureCancelledError): start it again"
    assert_whole(out, make(recordings, out), expected)


def test_an_engine_that_died_hides_no_error(recordings, tmp_path):
    """Dask's raises when it is asked to cancel what its dead scheduler had."""

    class Dead(Future):
        def cancel(self):
            raise RuntimeError("this client is closed")

    client = type("Engine", (), {"submit": lambda *_: Dead()})()
    with pytest.raises(TimeoutError, match="no shard came back"):
        make_features(recordings, tmp_path / "out", FMT, client, patience=0.05)


def test_no_more_than_a_window_is_submitted():
    """The second of every pair ends before the first."""
    waiting, most, ended = [], 0, []

    def submit(name):
        nonlocal most
        future = Future()
        waiting.append(future)
        most = max(most, len([future for future in waiting if not future.done()]))
        if len(waiting) % 2 == 0:
            for one in (waiting[-1], waiting[-2]):
                threading.Thread(target=one.set_result, args=(None,)).start()
        return future

    names = [str(i) for i in range(10)]
    work_through(names, submit, window=2, patience=60, on_done=lambda *done: ended.append(done))
    assert most == 2
    assert sorted(ended) == [(name, None) for name in names]


def test_progress_is_told(recordings, tmp_path, capsys):
    told = []
    make(recordings, tmp_path / "out", progress=True, on_shard=lambda *done: told.append(done))
    assert told == [(i + 1, N_SHARDS) for i in range(N_SHARDS)]
    assert capsys.readouterr().err == ""  # which is no terminal here


def test_without_an_error_output_there_is_no_bar(recordings, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    _, report = make(recordings, tmp_path / "out", progress=True)
    assert report.n_made == N_SHARDS


def test_workers_of_a_cluster_print_nothing(cluster, deadly):
    """What fails comes back as an error; else a worker may report that its scheduler has ended."""
    assert set(cluster.run(deadly.told_from).values()) == {logging.CRITICAL}


def test_dask_knows_the_names_of_what_it_is_to_look_at_seldom(cluster):
    """A setting that is called otherwise in another release would be ignored without a word."""
    import dask
    import distributed  # brings its defaults

    usual = dask.config.collect(paths=[distributed.__path__[0]], env={})
    for name, interval in SELDOM.items():
        seconds = [
            dask.utils.parse_timedelta(value)
            for value in (interval, dask.config.get(name, config=usual))
        ]
        assert seconds[0] >= 10 * seconds[1], name
