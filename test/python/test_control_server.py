"""The protocol between the supervisor and the process that forks services."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_services import FakeLine, LogSocket, event_loop, is_alive, take_ends, turn_until

from airflow_devenv.control_server import ControlServer
from airflow_devenv.event_loop import EventLoop
from airflow_devenv.processes import start_time
from airflow_devenv.service_processes import ServiceProcesses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="services are forked on Linux only")


class Control:
    def __init__(self, loop: EventLoop, folder: Path) -> None:
        self.loop = loop
        # First: sockets that are there before are nobody's concern.
        self.logs = LogSocket(folder)
        line: Any = FakeLine()
        self.adapter = line.adapter
        self.services = ServiceProcesses(loop, line, lambda: None)
        self.path = str(folder / "s.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen()
        self.server = ControlServer(loop, listener, self.services, "3.3.2")

    def turn(self) -> None:
        take_ends(self.services.take_end)
        self.services.tick()
        self.server.work()

    def order(self, service: str, number: int = 1) -> dict[str, Any]:
        return {"kind": "fork", "id": number, "service": service, "log_socket": self.logs.path}


class Client:
    def __init__(self, control: Control) -> None:
        self._control = control
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(control.path)
        self._socket.setblocking(False)
        # The forking process must not have it.
        control.loop.own(self._socket)
        self._buffer = b""
        self.events: list[dict[str, Any]] = []

    def send(self, message: Any) -> None:
        self._socket.sendall(message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n")

    def next(self, name: str) -> dict[str, Any]:
        """The next event of this name; those before it are skipped."""
        found: list[dict[str, Any]] = []

        def look() -> None:
            self._control.turn()
            self._read()
            while self.events and not found:
                event = self.events.pop(0)
                if event["event"] == name:
                    found.append(event)

        turn_until(self._control.loop, lambda: found, look)
        return found[0]

    def _read(self) -> None:
        try:
            self._buffer += self._socket.recv(65536)
        except BlockingIOError:
            return
        *lines, self._buffer = self._buffer.split(b"\n")
        self.events.extend(json.loads(each) for each in lines)

    def close(self) -> None:
        self._control.loop.close(self._socket)


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with event_loop() as loop:
        found = Control(loop, tmp_path)
        yield found
        found.services.end_all()
        found.logs.close()


def test_it_introduces_itself_and_names_what_runs(control: Control) -> None:
    first = Client(control)
    hello = {"event": "hello", "v": 1, "pid": os.getpid(), "airflow_version": "3.3.2", "services": []}
    assert first.next("hello") == hello
    first.send(control.order("sleeps"))
    first.next("forked")
    second = Client(control)
    assert second.next("hello")["services"] == ["sleeps"]


def test_a_fork_is_told_with_what_names_the_process_for_ever(control: Control) -> None:
    client = Client(control)
    client.send(control.order("sleeps", 7))
    event = client.next("forked")
    assert event == {
        "event": "forked",
        "id": 7,
        "service": "sleeps",
        "pid": event["pid"],
        "start_time": start_time(event["pid"]),
    }
    os.killpg(event["pid"], signal.SIGTERM)
    ended = {"event": "exited", "pid": event["pid"], "service": "sleeps", "code": None, "signal": "SIGTERM"}
    assert client.next("exited") == ended


def test_orders_are_obeyed_in_order(control: Control) -> None:
    client = Client(control)
    client.send(b"".join(json.dumps(control.order("sleeps", each)).encode() + b"\n" for each in range(3)))
    assert [client.next("forked")["id"] for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    "text",
    [b"nonsense\n", b"[]\n", b"{}\n", b'{"kind":"fork"}\n', b"\xff\n", b"[" * 200_000 + b"\n"],
)
def test_what_is_no_order_is_refused_and_the_next_one_obeyed(control: Control, text: bytes) -> None:
    client = Client(control)
    client.send(text)
    assert client.next("error")["code"] == "bad_request"
    client.send(control.order("sleeps"))
    assert client.next("forked")["service"] == "sleeps"


def test_what_cannot_be_loaded_is_told(control: Control, capfd: pytest.CaptureFixture[str]) -> None:
    client = Client(control)
    client.send(control.order("broken", 3))
    assert client.next("failed") == {
        "event": "failed",
        "id": 3,
        "service": "broken",
        "code": "preload_failed",
        "what": "ImportError: no module named nonsense",
    }


def test_services_end_with_the_connection(control: Control) -> None:
    client = Client(control)
    client.send(control.order("stubborn"))
    pid = client.next("forked")["pid"]
    client.close()
    turn_until(control.loop, lambda: not is_alive(pid), control.turn)


def test_services_end_also_when_the_client_goes_while_another_is_loaded(control: Control) -> None:
    client = Client(control)
    client.send(control.order("sleeps"))
    pid = client.next("forked")["pid"]
    control.logs.lines(2)

    def loading() -> None:
        client.close()
        deadline = time.monotonic() + 10
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)

    control.adapter.loading = loading
    client.send(control.order("slow-to-load"))
    turn_until(control.loop, lambda: control.adapter.has_loaded("slow-to-load"), control.turn)
    assert not is_alive(pid)
    control.turn()
    assert control.services.alive == []
