"""What becomes of a service when the process that it was forked from is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

import airflow_devenv
from airflow_devenv.processes import start_time

SERVICE = """
import os, signal, time
from airflow_devenv import service

parent = os.getpid()
if os.fork() == 0:
    service._become_process(parent)
    # As a scheduler, that waits for its tasks.
    signal.signal(signal.SIGTERM, lambda *_: time.sleep(600))
    task = os.fork()
    if task == 0:
        os.setsid()
        time.sleep(600)
    print(os.getpid(), task, flush=True)
    time.sleep(600)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells of a parent's end on Linux only")
def test_it_ends_at_once_with_all_that_it_has_started() -> None:
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(airflow_devenv.__file__))}
    command = [sys.executable, "-c", SERVICE]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(each) for each in starter.stdout.readline().split()]
        assert len(pids) == 2
        starter.kill()
    deadline = time.monotonic() + 10
    while left := [pid for pid in pids if start_time(pid) is not None]:
        assert time.monotonic() < deadline, f"still there: {left} of {pids}"
        time.sleep(0.01)
