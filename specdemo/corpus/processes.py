"""Processes of this machine, as an engine of a corpus."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from specdemo import _checks

# Far more than any machine has cores.
MOST_WORKERS = 4096

# On Linux a worker is a copy of a process that has imported this once: it starts in no time, which
# counts when workers are killed. Elsewhere, copies of a process harm libraries of the system.
START = "forkserver" if sys.platform == "linux" else "spawn"
IMPORTED = ["specdemo.corpus.shards", "scipy.fft", "scipy.sparse"]

# Libraries take one thread each in workers, of which there is one for every core.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


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
        refuse_while_a_script_is_read()
        self._pool = self._start()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in one of the processes; return its future.

        A future that is cancelled has no result, but until `close` its work may be done all the same.
        """
        with _environment(ONE_THREAD), _deaf_to_interrupts():
            try:
                return _apart(self._pool.submit(function, *arguments))
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
                self._pool = self._start()
                return _apart(self._pool.submit(function, *arguments))

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


def _apart(inner: Future[Any]) -> Future[Any]:
    """Return a future that ends as another one does, and that can be cancelled without it.

    Before Python 3.12.1, a pool fails on a future that was cancelled when one of its processes is
    killed: the others then are not ended, and Python waits for them at its own end.
    """
    outer: Future[Any] = Future()

    def pass_on(inner: Future[Any]) -> None:
        if inner.cancelled():
            outer.cancel()
        if not outer.set_running_or_notify_cancel():
            return
        error = inner.exception()
        if error is None:
            outer.set_result(inner.result())
        else:
            outer.set_exception(error)

    inner.add_done_callback(pass_on)
    return outer


def refuse_while_a_script_is_read() -> None:
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
