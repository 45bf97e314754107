"""One call of `make_features` by an engine, in a process of its own, which writes down what it took."""

import json
import os
import signal
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import one_thread  # noqa: F401

# isort: split
import highest
from specdemo.corpus import Processes, local_cluster, make_features

ENGINES = ("loop", "Processes", "ProcessPoolExecutor", "Dask")
FORMAT = "whisper-80"
START = "forkserver" if sys.platform == "linux" else "spawn"
SHARD_MB = {"usual": 16.0, "tiny": 1e-6}  # a recording in each


def main(engine, n_workers, folder, out, shards="usual", kill="nobody"):
    """Make features, and write what it took beside them."""
    warnings.simplefilter("ignore")  # what could not be made is counted in the end
    start = time.perf_counter()
    with started(engine, int(n_workers)) as client:
        begun, cpu = time.perf_counter(), time.process_time()
        work = partial(dying, f"{out}.killed") if kill == "a worker" else timed
        counted = client and Counted(client, work)
        make_features(folder, out, FORMAT, counted, shard_mb=SHARD_MB[shards])
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    done = counted.done if counted else [(0.0, highest.megabytes())]
    found = {
        "start_s": begun - start,
        "wall_s": wall,
        "parent_cpu_s": cpu,
        "workers_cpu_s": sum(seconds for seconds, _ in done),
        "worker_mb": max((megabytes for _, megabytes in done), default=0.0),
    }
    Path(out).with_suffix(".json").write_text(json.dumps(found), encoding="utf-8")


@contextmanager
def started(engine, n_workers):
    """Start an engine, and wait until it has answered; None for the loop."""
    if engine == "loop":
        yield None
        return
    engines = {
        "Processes": Processes,
        "ProcessPoolExecutor": partial(ProcessPoolExecutor, mp_context=get_context(START)),
        "Dask": local_cluster,
    }
    with engines[engine](n_workers) as client:
        client.submit(abs, -1).result()
        yield client


class Counted:
    """An engine whose work is done by way of `work`, and which keeps what that returns."""

    def __init__(self, client, work):
        self._client, self._work = client, work
        self.done = []

    def __getattr__(self, name):
        return getattr(self._client, name)

    def submit(self, function, *arguments):
        """Have a function called; return its future."""
        future = self._client.submit(self._work, function, *arguments)
        future.add_done_callback(self._keep)
        return future

    def _keep(self, future):
        with suppress(Exception):  # which `make_features` is told, too
            self.done.append(future.result())


def timed(function, *arguments):
    """Call a function; return the CPU seconds that it took, and the megabytes of this process."""
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start, highest.megabytes()


def dying(mark, function, folder, out, name, attempt):
    """Call a function; but the first process that is given the sixth shard is killed."""
    if name == "000005" and not os.path.exists(mark):
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return timed(function, folder, out, name, attempt)
