"""Finding and ending what a run has started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from airflow_devenv.processes import descendants, end_descendants, start_time

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

GRANDCHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
#: It has installed its handler when it has printed a line.
STUBBORN = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)


def wait_until(condition: Callable[[], bool], seen: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, f"seen last: {seen()}"
        time.sleep(0.01)


def test_children_of_children_are_found_and_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", GRANDCHILD])
    me = os.getpid()
    wait_until(lambda: len(descendants(me)) == 2, lambda: descendants(me))
    assert descendants(me)[0] == child.pid
    assert end_descendants() == 2
    wait_until(lambda: descendants(me) == [], lambda: descendants(me))
    child.returncode = -15


def test_a_process_that_ignores_term_is_killed_after_the_grace() -> None:
    child = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"ready\n"
    assert end_descendants(grace=0.1) == 1
    wait_until(lambda: descendants(os.getpid()) == [], lambda: descendants(os.getpid()))
    child.returncode = -9


def test_a_zombie_is_no_descendant() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    wait_until(lambda: descendants(os.getpid()) == [], lambda: descendants(os.getpid()))
    assert child.wait() == 0


def test_nothing_to_end_is_nothing() -> None:
    assert end_descendants() == 0


def test_the_start_time_names_a_process() -> None:
    mine = start_time(os.getpid())
    assert mine is not None
    assert mine.isdigit()
    assert start_time(os.getpid()) == mine


def test_there_is_no_start_time_without_a_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert start_time(child.pid) is None


def test_a_zombie_does_not_run() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert start_time(child.pid) is None
    child.wait()
