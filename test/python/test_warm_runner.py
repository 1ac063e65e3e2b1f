"""What becomes of the process that serves test runs when the preloaded process is killed."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from airflow_devenv import warm_runner
from airflow_devenv.event_loop import EventLoop
from airflow_devenv.processes import start_time
from airflow_devenv.warm_runner import WarmRunner

SECONDS = 20.0


class DeafDuringWarmUp:
    """As Airflow is for a while: SIGTERM goes to a handler that does nothing."""

    def __init__(self, told: int, parent: int) -> None:
        self._told = told
        self._parent = parent

    def prepare_for_runs(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: None)
        os.write(self._told, f"{os.getpid()}\n".encode())
        while os.getppid() == self._parent:
            time.sleep(0.01)

    def connect(self) -> None: ...

    def is_reachable(self) -> bool:
        return True

    def is_busy(self) -> bool:
        return False


def test_it_ends_when_its_parent_was_killed_during_the_warm_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_runner, "warm_up", lambda _: True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "r.sock"))
    listener.listen()
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            deaf: Any = DeafDuringWarmUp(write_end, os.getpid())
            WarmRunner(EventLoop(), deaf, listener, deaf).start()
            signal.pause()
        finally:
            os._exit(1)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as told:
        pid = int(told.readline())
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + SECONDS
    while start_time(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    outlived = start_time(pid) is not None
    if outlived:
        os.kill(pid, signal.SIGKILL)
    listener.close()
    assert not outlived
