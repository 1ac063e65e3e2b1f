"""Services are forked, watched, and ended with everything they have started."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_services import FakeLine, LogSocket, event_loop, is_alive, take_ends, turn_until

from airflow_devenv.event_loop import EventLoop
from airflow_devenv.service_processes import ServiceProcess, ServiceProcesses
from airflow_devenv.service_request import ServiceRequest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="services are forked on Linux only")


class Forks:
    def __init__(self, loop: EventLoop, folder: Path) -> None:
        self.loop = loop
        # First: sockets that are there before are nobody's concern.
        self.logs = LogSocket(folder)
        line: Any = FakeLine()
        self.adapter = line.adapter
        self.strays: list[int] = []
        self.services = ServiceProcesses(loop, line, lambda: self.strays.append(1))
        self.gone: list[ServiceProcess] = []

    def fork(self, service: str, owner: object = "owner") -> ServiceProcess:
        request = ServiceRequest(service, self.logs.path, {"GREETING": "hello"})
        self.services.load(request)
        return self.services.fork(request, owner, self.gone.append)

    def turn_until_gone(self, count: int) -> None:
        def each_turn() -> None:
            take_ends(self.services.take_end)
            self.services.tick()

        turn_until(self.loop, lambda: len(self.gone) == count, each_turn)


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[Forks]:
    with event_loop() as loop:
        found = Forks(loop, tmp_path)
        yield found
        found.services.end_all()
        found.logs.close()


def test_a_service_says_who_it_is_and_writes_to_the_log_socket(forks: Forks) -> None:
    process = forks.fork("prints")
    said, line = forks.logs.lines(2)
    assert json.loads(said) == {"service": "prints", "pid": process.pid}
    assert line == "prints: hello"
    forks.turn_until_gone(1)
    assert forks.gone[0].ending() == (0, None)
    assert forks.strays == [1]


def test_it_leads_a_process_group(forks: Forks) -> None:
    process = forks.fork("sleeps")
    assert os.getpgid(process.pid) == process.pid
    assert forks.services.owns(process.pid)
    assert not forks.services.owns(os.getpid())


def test_every_process_that_was_forked_before_knows_of_it(forks: Forks) -> None:
    assert not forks.services.any_alive()
    forks.fork("sleeps")
    assert forks.services.any_alive()
    forks.services.kill_of("owner")
    forks.turn_until_gone(1)
    assert not forks.services.any_alive()
    assert forks.services.ever


def test_kill_is_told_and_takes_the_workers_with_it(forks: Forks) -> None:
    process = forks.fork("leaves-workers")
    connections = forks.logs.lines(3)
    worker = next(int(each.split()[0]) for each in connections[1:] if each != f"{process.pid} runs")
    os.kill(process.pid, signal.SIGKILL)
    forks.turn_until_gone(1)
    assert forks.gone[0].ending() == (None, "SIGKILL")
    assert not is_alive(worker)


def test_one_that_ignores_term_is_killed(forks: Forks) -> None:
    forks.fork("stubborn")
    forks.logs.lines(2)
    forks.services.kill_of("owner")
    forks.turn_until_gone(1)
    assert forks.gone[0].ending() == (None, "SIGKILL")


def test_only_the_services_of_an_owner_end_with_it(forks: Forks) -> None:
    forks.fork("sleeps", "one")
    other = forks.fork("sleeps", "other")
    forks.services.kill_of("one")
    forks.turn_until_gone(1)
    assert forks.services.alive == [other]
    assert is_alive(other.pid)


def test_what_cannot_be_loaded_is_not_forked(forks: Forks) -> None:
    with pytest.raises(ImportError):
        forks.fork("broken")
    with pytest.raises(ValueError, match="no service"):
        forks.fork("unheard-of")
    assert forks.services.alive == []


def test_modules_are_loaded_once(forks: Forks) -> None:
    for _ in range(2):
        forks.fork("sleeps")
    assert forks.adapter.loaded == ["sleeps"]


def test_a_process_with_threads_is_not_forked(forks: Forks) -> None:
    goes_on = threading.Event()
    thread = threading.Thread(target=goes_on.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="2 threads"):
            forks.fork("sleeps")
    finally:
        goes_on.set()
        thread.join()


def test_a_process_with_a_connection_of_somebody_else_is_not_forked(forks: Forks) -> None:
    with socket.socket(), pytest.raises(RuntimeError, match="1 connections"):
        forks.fork("sleeps")


def test_without_a_log_socket_it_ends_with_1(forks: Forks, capfd: pytest.CaptureFixture[str]) -> None:
    request = ServiceRequest("sleeps", "/nonexistent/logs.sock")
    forks.services.load(request)
    forks.services.fork(request, "owner", forks.gone.append)
    forks.turn_until_gone(1)
    assert forks.gone[0].ending() == (1, None)
