"""A corpus among murderers: workers, pools, schedulers and drivers that die, over and over.

Of bounded length: `make soak` kills a thousand times, a thorough run some forty, `make test` not at all.
"""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import pytest

import specdemo as sd
from corpora import contents, importable
from specdemo.corpus import Features, Processes, local_cluster
from specdemo.corpus.engines import scheduler
from specdemo.corpus.make import Options, run
from untested import is_thorough

N_KILLS = int(os.environ.get("SOAK_KILLS", "40" if is_thorough() else "0"))
N_SHARDS = 12
FMT = sd.mel_format("tf-signal-example")
TINY = Options(shard_mb=1e-6)  # a recording in each shard

pytestmark = [
    pytest.mark.skipif(N_KILLS == 0, reason="thousands of kills take minutes"),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"),
]

# In place of `make_shard`: an eighth of all calls end in the death of the worker, before the work
# or after it. The last one that is tried alone is spared: see `DEATHS_ALLOWED`.
DEADLY = textwrap.dedent("""
    import os, signal
    from pathlib import Path
    from specdemo.corpus.shards import make_shard

    def die(folder, name, attempt, odds):
        if int(attempt, 16) % odds == 0 and "spared" not in os.listdir(folder):
            Path(folder, "deaths", f"{name}-{attempt}").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def work(folder, out, name, attempt):
        die(folder, name, attempt, 8)
        done = make_shard(folder, out, name, attempt)
        die(folder, name, attempt, 9)
        return done

    def poisoned(folder, out, name, attempt):
        if name == "000002":
            os.kill(os.getpid(), signal.SIGKILL)
        return make_shard(folder, out, name, attempt)
""")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A short recording for each shard, and a folder in which every death is counted."""
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "deaths").mkdir()
    x, sr = sd.load("speech", sr=16000)
    for i in range(N_SHARDS):
        sd.save(folder / f"{i:02}.wav", x[5000 * i : 5000 * i + 4000], sr)
    return folder


@pytest.fixture(scope="module")
def expected(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("expected") / "out"
    run(folder, out, FMT, options=TINY)
    return contents(out)


@pytest.fixture(scope="module")
def deadly(tmp_path_factory):
    """The module of what kills workers."""
    with importable("deadly_soak", DEADLY, tmp_path_factory.mktemp("modules")) as module:
        yield module


def n_deaths(folder):
    return len(os.listdir(folder / "deaths"))


def assert_whole(out, expected, case):
    assert Features(out).verify() == [], case
    assert contents(out) == expected, case


def test_workers_of_processes_die_and_nothing_is_lost(folder, expected, deadly, tmp_path):
    """Until the kills are spent: corpora are made, and gone on with while shards are missing."""
    corpora = 0
    with Processes(2) as client:
        while n_deaths(folder) < N_KILLS:
            out = tmp_path / str(corpora)
            for _ in range(50):
                _, report = run(folder, out, FMT, client, TINY, work=deadly.work)
                if not report.failed and not report.n_left:
                    break
            assert_whole(out, expected, f"corpus {corpora} after {n_deaths(folder)} deaths")
            corpora += 1
    print(f"{n_deaths(folder)} deaths, {corpora} corpora of {N_SHARDS} shards: all whole")


DRIVER = """
import sys
from specdemo.corpus import Processes, make_features

if __name__ == "__main__":
    with Processes(2) as client:
        make_features(sys.argv[1], sys.argv[2], "tf-signal-example", client, shard_mb=1e-6)
"""


def test_the_driver_dies_and_the_next_one_goes_on(folder, expected, tmp_path):
    """At a moment that chance chooses, with its workers."""
    script, out = tmp_path / "driver.py", tmp_path / "out"
    script.write_text(DRIVER)
    chance = random.Random(7)
    for _ in range(max(2, N_KILLS // 20)):
        driver = subprocess.Popen(
            [sys.executable, str(script), str(folder), str(out)], start_new_session=True
        )
        with_luck = time.monotonic() + 60
        made = chance.randrange(1, N_SHARDS)
        while driver.poll() is None and time.monotonic() < with_luck:
            if len(list(out.glob("shards/*.json"))) >= made:
                break
            time.sleep(0.005)
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
    run(folder, out, FMT)
    assert_whole(out, expected, "after the drivers")


def test_a_poisoned_shard_is_named_by_dask_and_the_innocent_are_made(
    folder, expected, deadly, tmp_path
):
    pytest.importorskip("distributed", reason="Dask is not installed")
    out = tmp_path / "out"
    with local_cluster(2) as client:
        _, report = run(folder, out, FMT, client, TINY, work=deadly.poisoned)
    assert list(report.failed) == ["000002"]
    assert "KilledWorker" in report.failed["000002"]
    assert (report.n_made, report.n_left) == (N_SHARDS - 1, 0)
    run(folder, out, FMT)
    assert_whole(out, expected, "after the poison")


SCHEDULER = """
import os, time
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        time.sleep(600)
"""


def test_a_scheduler_dies_and_every_wait_ends(folder, expected, tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed")
    script, out = tmp_path / "cluster.py", tmp_path / "out"
    script.write_text(SCHEDULER)
    cluster = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )

    def kill(n_done, _):
        if n_done == 2:
            os.killpg(cluster.pid, signal.SIGKILL)

    address = cluster.stdout.readline().strip()
    try:
        with scheduler(address) as client:
            options = replace(TINY, on_shard=kill, patience=60, window=2)
            _, report = run(folder, out, FMT, client, options)
        assert report.failed
    except TimeoutError as error:
        assert "What is made is kept" in str(error)
    finally:
        if cluster.poll() is None:
            os.killpg(cluster.pid, signal.SIGKILL)
        cluster.wait()
        cluster.stdout.close()
    run(folder, out, FMT)
    assert_whole(out, expected, "after the scheduler")
