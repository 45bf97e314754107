"""Processes as an engine: how they start, what they give back, and that all of them end."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import pytest

from specdemo.corpus import Processes

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")

DRIVING = """
import os, time
from specdemo.corpus import Processes

if __name__ == "__main__":
    client = Processes(1)
    print(client.submit(os.getpid).result(), flush=True)
    client.submit(time.sleep, 60)
    time.sleep(60)
"""


@contextmanager
def running(script, **given):
    """A script in a Python and a session of its own, which does not outlive the block."""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, **given
    ) as driver:
        try:
            yield driver
        finally:
            driver.kill()


def test_workers_end_with_a_driver_that_is_killed():
    """Else they would hold its output open, for whoever reads it, for ever."""
    with running(DRIVING) as driver:
        assert int(driver.stdout.readline()) > 0
        driver.kill()
        driver.communicate(timeout=20)  # the output ends when nobody has it any more


INTERRUPTED = """
import time
from specdemo.corpus import Processes

if __name__ == "__main__":
    try:
        with Processes(2) as client:
            client.submit(time.sleep, 60)
            print("begun", flush=True)
            time.sleep(60)
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_an_interrupt_is_heard_by_the_driver_alone(hears_interrupts):
    """Ctrl-C reaches workers, too, who are still importing; each would print where it was."""
    with running(INTERRUPTED, stderr=subprocess.PIPE) as driver:
        assert driver.stdout.readline() == "begun\n"
        os.killpg(driver.pid, signal.SIGINT)
        assert driver.communicate(timeout=30) == ("interrupted\n", "")


WITHOUT_A_GUARD = """
from specdemo.corpus import {0}

with {0}(1) as client:
    print(client.submit(abs, -1).result())
"""


@pytest.mark.parametrize("name", ["Processes", "local_cluster"])
def test_a_script_that_each_process_would_read_again_says_what_it_lacks(tmp_path, name):
    if name == "local_cluster":
        pytest.importorskip("distributed")
    script = tmp_path / "script.py"
    script.write_text(WITHOUT_A_GUARD.format(name))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert (
        'write what starts processes, and all that follows, under `if __name__ == "__main__"'
        in (done.stderr)
    )


def test_all_processes_are_there_before_one_can_be_killed():
    """One that is started while another dies is waited for at the end of Python 3.11, for ever."""
    with Processes(3) as client:
        client.submit(abs, -1).result()
        assert len(client._pool._processes) == 3


def test_workers_take_one_thread(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with Processes(1) as client:
        assert client.submit(os.getenv, "OMP_NUM_THREADS").result() == "1"
    assert "OMP_NUM_THREADS" not in os.environ


def test_a_death_behind_cancelled_work_ends_all_processes(monkeypatch):
    """Before 3.12.1, Python's pool died of it, its other processes lived, and Python never ended."""
    died = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    with Processes(2) as client:
        client.submit(os.getpid).result()
        pool = client._pool
        manager, workers = pool._executor_manager_thread, list(pool._processes.values())
        futures = [client.submit(signal.pause) for _ in range(20)]
        assert all(future.cancel() for future in futures[10:])
        workers[0].kill()
        with pytest.raises(BrokenProcessPool):
            futures[0].result(timeout=60)
        manager.join(timeout=60)
        assert not any(worker.is_alive() for worker in workers)
        assert client.submit(abs, -2).result(timeout=60) == 2
    assert not died


def test_work_that_waits_at_the_end_is_cancelled():
    with Processes(1) as client:
        futures = [client.submit(time.sleep, 0.05) for _ in range(50)]
    assert all(future.done() for future in futures)
    assert futures[-1].cancelled()


def test_an_error_of_the_work_comes_back():
    with Processes(1) as client, pytest.raises(ZeroDivisionError):
        client.submit(divmod, 1, 0).result(timeout=60)
