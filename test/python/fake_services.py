"""Services without Airflow, for the tests of what forks, watches and ends them."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow_devenv.event_loop import EventLoop, ended_children
from airflow_devenv.processes import start_time
from airflow_devenv.service_request import ServiceRequest


class FakeServices:
    names = ("prints", "sleeps", "stubborn", "leaves-workers", "broken", "slow-to-load")

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.loading: Callable[[], None] = lambda: None

    def has_loaded(self, service: str) -> bool:
        return service in self.loaded

    def load(self, service: str) -> None:
        if service == "broken":
            raise ImportError("no module named nonsense")
        if service == "slow-to-load":
            self.loading()
        self.loaded.append(service)

    def run(self, request: ServiceRequest) -> None:
        # What pytest wants to do at its end is not this process's business.
        atexit._clear()
        if request.service == "prints":
            say(f"{request.service}: {os.environ['GREETING']}")
            return
        if request.service == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if request.service == "leaves-workers" and os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say(f"{os.getpid()} runs")
        time.sleep(60)


def say(text: str) -> None:
    """Not by `print`: what that writes is pytest's."""
    os.write(1, f"{text}\n".encode())


class FakeLine:
    version = "3.3.2"

    def __init__(self) -> None:
        self.adapter = FakeServices()

    def services(self) -> Any:
        return self.adapter

    def quiet(self) -> None: ...


class LogSocket:
    """Takes what services write."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "logs.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(8)
        self._listener.settimeout(10)

    def lines(self, count: int) -> list[str]:
        """The first lines of the next service."""
        connection, _ = self._listener.accept()
        connection.settimeout(10)
        with connection, connection.makefile("r") as file:
            return [file.readline().rstrip("\n") for _ in range(count)]

    def close(self) -> None:
        self._listener.close()


@contextmanager
def event_loop() -> Iterator[EventLoop]:
    """One whose signal handlers are taken away afterwards."""
    numbers = (signal.SIGCHLD, signal.SIGTERM)
    saved = [signal.getsignal(each) for each in numbers]
    loop = EventLoop()
    loop.listen_to_signals()
    try:
        yield loop
    finally:
        for number, handler in zip(numbers, saved, strict=True):
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        loop.leave()


def turn_until(loop: EventLoop, condition: Callable[[], Any], each_turn: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        loop.turn(0.02)
        each_turn()


def take_ends(take: Callable[[int, int], Any]) -> None:
    for pid, status in ended_children():
        take(pid, status)


def is_alive(pid: int) -> bool:
    return start_time(pid) is not None
