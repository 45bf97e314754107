"""What does the work: this process, processes of this machine, or a Dask cluster.

An engine is anything with `submit(function, *arguments)` that returns a future with
`add_done_callback`, `result` and `cancel`, such as the pools of `concurrent.futures` and the
`Client` of Dask.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import os
import queue
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any

from specdemo import _checks
from specdemo.corpus.shards import OF_THE_MACHINE

# Shards that are submitted at a time: enough that no worker waits, few enough that neither the
# engine's memory nor what a broken pool takes with it grows with the corpus.
LEAST_WINDOW = 4
SHARDS_PER_WORKER = 2
WINDOW_OF_UNKNOWN = 32

# Of one machine, far beyond its cores.
MOST_WORKERS = 4096

# As Dask counts: after as many dead workers, a task is not tried again.
DEATHS_ALLOWED = 3
# By default a worker that is not back after 15 s is given up and never replaced.
LOST_WORKER_TIMEOUT = "10 minutes"
# How often Dask looks at the clock of each process, at its use of the system, and at its memory. By
# default at every 20, 500 and 100 ms, which with two workers takes a tenth of a core for nothing.
SELDOM = {
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
}

# On Linux a worker is a copy of a process that has imported this once: it starts in no time, which
# counts when workers are killed. Elsewhere, copies of a process harm libraries of the system.
START = "forkserver" if sys.platform == "linux" else "spawn"
IMPORTED = ["specdemo.corpus.shards", "scipy.fft", "scipy.sparse"]

# Libraries take one thread each in workers, of which there is one for every core.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


# Errors of Dask, by their names, when there is no scheduler any more.
GONE = ("FutureCancelledError", "CancelledError", "ClosedClientError", "CommClosedError")
# What is asked of a future.
FUTURE = ("add_done_callback", "result", "cancel")


class Here:
    """The engine that does the work at once, in this process."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function; return a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes:
    """Processes of this machine, which are started anew when one of them is killed.

    A pool of `concurrent.futures` is broken for good then. Each process reads the script again that
    starts it, so there the call stands under ``if __name__ == "__main__":``; a notebook needs nothing.

    Parameters
    ----------
    n_workers : int, optional
        Number of processes. Default: one for each core.

    Raises
    ------
    RuntimeError
        In a process that reads the script again, where the call has no such guard.

    Examples
    --------
    >>> with Processes(1) as client:
    ...     client.submit(abs, -2).result()
    2
    """

    def __init__(self, n_workers: int | None = None) -> None:
        default = (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        )
        n_workers = default or 1 if n_workers is None else n_workers
        self.n_workers = _checks.integer("n_workers", n_workers, maximum=MOST_WORKERS)
        _refuse_while_a_script_is_read()
        self._pool = self._start()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in one of the processes; return its future."""
        with _environment(ONE_THREAD), _deaf_to_interrupts():
            try:
                return self._pool.submit(function, *arguments)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
                self._pool = self._start()
                return self._pool.submit(function, *arguments)

    def close(self) -> None:
        """End the processes, when they have finished what they have begun."""
        self._pool.shutdown(cancel_futures=True)

    def kill(self) -> None:
        """End the processes at once, whatever they do: nothing that is written harms anybody."""
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self.close()

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:  # a process that hangs would never be waited for to its end
            self.kill()

    def _start(self) -> ProcessPoolExecutor:
        # Not forked from this process, the locks of whose threads would stay locked in a copy of it.
        context = multiprocessing.get_context(START)
        if START == "forkserver":
            context.set_forkserver_preload(IMPORTED)
        pool = ProcessPoolExecutor(
            self.n_workers, mp_context=context, initializer=_end_with_the_parent
        )
        # All processes are started by the first submit, none by a later one: before 3.12, Python waits
        # for ever, at its own end, for a process that was being started when another one was killed.
        pool._safe_to_dynamically_spawn_children = False  # type: ignore[attr-defined]
        return pool


def _refuse_while_a_script_is_read() -> None:
    """Raise in a process that reads the script by which it was started, and would start others."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(
            "every process reads the script again that starts it: in a script, write what starts "
            'processes, and all that follows, under `if __name__ == "__main__":`'
        )


def _end_with_the_parent() -> None:
    """Have this process end when the one that wanted it has ended, however it did.

    A process that is killed cannot tell its workers, who would wait for work for ever. One that is
    interrupted can, so that Ctrl-C, which reaches all of them, is left to it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            multiprocessing.connection.wait([parent.sentinel])
            os._exit(1)  # what was being written is there under another name, and harms nobody

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def local_cluster(n_workers: int | None = None) -> Iterator[Any]:
    """Start Dask on this machine, with settings that survive killed workers.

    In a script, the call stands under ``if __name__ == "__main__":``, as for `Processes`.

    Parameters
    ----------
    n_workers : int, optional
        Number of processes. Default: one for each core.

    Yields
    ------
    distributed.Client
        What `make_features` takes as its `client`; `client.dashboard_link` is the page that shows
        the work. The cluster ends with the block.

    Raises
    ------
    ImportError
        When Dask is not installed: `pip install 'specdemo[corpus]'`.
    RuntimeError
        As for `Processes`.
    """
    if n_workers is not None:
        n_workers = _checks.integer("n_workers", n_workers, maximum=MOST_WORKERS)
    _refuse_while_a_script_is_read()
    distributed = _import_distributed()
    import dask

    settings = {
        "distributed.deploy.lost-worker-timeout": LOST_WORKER_TIMEOUT,
        "distributed.scheduler.allowed-failures": DEATHS_ALLOWED,
        # By default memory goes back to the system after every array, and is fetched anew for the
        # next one: the work then takes twice its time. And workers are watched at all moments.
        "distributed.nanny.pre-spawn-environ": ONE_THREAD,
        "distributed.worker.profile.enabled": False,
        **SELDOM,
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            dashboard_address=":0",  # any port: its usual one may be another cluster's
            # What fails comes back as an error; a worker that is still speaking when the block
            # ends would report that as another.
            silence_logs="CRITICAL",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def scheduler(address: str, timeout: float = 30.0) -> Iterator[Any]:
    """Yield a client of the Dask scheduler at an address, such as "tcp://10.0.0.1:8786"."""
    distributed = _import_distributed()
    try:
        client = distributed.Client(address, timeout=timeout)
    except (OSError, ValueError) as error:
        raise ValueError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        yield client


def _import_distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise ImportError("Dask is not installed: pip install 'specdemo[corpus]'") from error
    return distributed


def check(client: Any) -> Any:
    """Return an engine that can be one.

    Raises
    ------
    TypeError
        When it cannot.
    """
    if isinstance(client, type):
        raise TypeError(
            f"client must be an engine, not a class of engines; got {client.__name__}: call it, as in "
            f"`with {client.__name__}(...) as client:`"
        )
    if not callable(getattr(client, "submit", None)):
        raise TypeError(
            "client must have submit(), as Processes, the pools of concurrent.futures and Dask's "
            f"Client have; got {client!r:.80}"
        )
    return client


def default_window(client: Any) -> int:
    """How many shards an engine is given at a time."""
    if isinstance(client, Here):
        return 1
    n_workers = getattr(client, "n_workers", None) or getattr(client, "_max_workers", None)
    if n_workers is None and hasattr(client, "nthreads"):  # Dask's, which may grow
        return max(WINDOW_OF_UNKNOWN, SHARDS_PER_WORKER * sum(client.nthreads().values()))
    if n_workers is None:
        return WINDOW_OF_UNKNOWN
    return max(LEAST_WINDOW, SHARDS_PER_WORKER * n_workers)


def work_through(
    names: Sequence[str],
    submit: Callable[[str], Any],
    *,
    window: int,
    patience: float,
    on_done: Callable[[str, BaseException | None], None],
) -> None:
    """Submit every name, `window` at a time, and say of each how it ended.

    No more are submitted once the machine itself is the cause of an error.

    Raises
    ------
    TimeoutError
        When nothing has come back for `patience` seconds.
    """
    left = iter(names)
    waiting: dict[Any, str] = {}
    done: queue.SimpleQueue[Any] = queue.SimpleQueue()
    go_on = True
    try:
        while True:
            while go_on and len(waiting) < window and (name := next(left, None)) is not None:
                future = submit(name)
                _check_future(future)
                waiting[future] = name
                future.add_done_callback(done.put)
            if not waiting:
                return
            future = _next_done(done, patience)
            error = _error_of(future, patience)
            on_done(waiting.pop(future), error)
            go_on = go_on and not is_of_the_machine(error)
    finally:
        for future in waiting:
            with suppress(Exception):  # an engine that has died cannot cancel, either
                future.cancel()


def _check_future(future: Any) -> None:
    if not all(callable(getattr(future, name, None)) for name in FUTURE):
        raise TypeError(
            f"client must have a submit() that returns a future with {', '.join(FUTURE)}, as those of "
            f"concurrent.futures; got {future!r:.80}"
        )


def submitting(client: Any, function: Callable[..., Any], *arguments: Any) -> Callable[[str], Any]:
    """What submits a name to an engine; an engine that refuses it makes a future of its error."""

    def submit(name: str) -> Any:
        # Dask takes an equal call for the same one, and would return its old error.
        attempt = secrets.token_hex(8)
        try:
            return client.submit(function, *arguments, name, attempt)
        except Exception as error:
            return Here().submit(_raise, error)

    return submit


def is_of_the_machine(error: BaseException | None) -> bool:
    """Whether all that is still to be done would fail for the same reason."""
    if isinstance(error, OSError):
        return error.errno in OF_THE_MACHINE
    return isinstance(error, (ImportError, MemoryError))


def _raise(error: Exception) -> None:
    raise error


def _next_done(done: queue.SimpleQueue[Any], patience: float) -> Any:
    try:
        return done.get(timeout=patience)
    except queue.Empty:
        raise TimeoutError(
            f"no shard came back for {patience:g} s: are there workers, and do they have work of "
            "others? What is made is kept: start again to go on, with more patience if shards "
            "take longer"
        ) from None


def _error_of(future: Any, patience: float) -> BaseException | None:
    """What a future that is done was ended by, or None."""
    try:
        future.result(timeout=patience)
    except (Exception, asyncio.CancelledError) as error:
        return error
    return None


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Have processes that are started meanwhile not hear Ctrl-C while they import; here it waits."""
    mask: Any = getattr(signal, "pthread_sigmask", None)  # Windows has none
    before = mask and mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if mask:
            mask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Have environment variables that processes which are started meanwhile inherit."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update({name: value for name, value in variables.items() if before[name] is None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
