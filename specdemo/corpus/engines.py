"""What does the work: this process, those of `processes`, or a Dask cluster.

An engine is anything with `submit(function, *arguments)` that returns a future with
`add_done_callback`, `result` and `cancel`, such as the pools of `concurrent.futures` and the
`Client` of Dask.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from specdemo import _checks
from specdemo.corpus.processes import MOST_WORKERS, ONE_THREAD, refuse_while_a_script_is_read
from specdemo.corpus.shards import OF_THE_MACHINE

# Shards that are submitted at a time: enough that no worker waits, few enough that neither the
# engine's memory nor what a broken pool takes with it grows with the corpus.
LEAST_WINDOW = 4
SHARDS_PER_WORKER = 2
WINDOW_OF_UNKNOWN = 32

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
    refuse_while_a_script_is_read()
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
