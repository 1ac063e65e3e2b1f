"""Takes orders to fork Airflow's services, from the supervisor of the project.

One JSON object a line, both ways. The client: `{"kind": "fork", "id": 1, ...ServiceRequest}`. This side:
`hello` at first, then `forked` or `failed` for each order, and `exited` when a service has ended and nothing of
it is left. When the connection closes, the services that were forked for it are ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import traceback
from collections import deque
from typing import Any

from airflow_devenv.event_loop import EventLoop
from airflow_devenv.processes import start_time
from airflow_devenv.service_processes import ServiceProcess, ServiceProcesses
from airflow_devenv.service_request import ServiceRequest

VERSION = 1
#: Longer than any environment; what is longer is no order.
LONGEST_ORDER = 4 * 1024 * 1024


class ControlServer:
    def __init__(
        self, loop: EventLoop, listener: socket.socket, services: ServiceProcesses, airflow_version: str
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._services = services
        self._airflow_version = airflow_version
        self._orders: deque[tuple[Connection, bytes]] = deque()
        listener.setblocking(False)
        loop.watch(listener, self._accept, urgent=True)

    def work(self) -> list[str]:
        """Obeys what has come, in order. Not called while something is being loaded. Gives the services that
        were asked for."""
        asked_for: list[str] = []
        while self._orders:
            connection, text = self._orders.popleft()
            if connection.is_open:
                asked_for += self._obey(connection, text)
        return asked_for

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            return
        accepted.setblocking(False)
        connection = Connection(accepted)
        self._loop.watch(accepted, lambda: self._read(connection), urgent=True)
        services = [each.name for each in self._services.alive]
        hello = {"v": VERSION, "pid": os.getpid(), "airflow_version": self._airflow_version}
        self._tell(connection, "hello", **hello, services=services)

    def _read(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        connection.buffer += data
        *lines, connection.buffer = connection.buffer.split(b"\n")
        self._orders.extend((connection, each) for each in lines if each.strip())
        if not data or len(connection.buffer) > LONGEST_ORDER:
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        if connection.is_open:
            connection.is_open = False
            self._loop.close(connection.socket)
            self._services.kill_of(connection)

    def _tell(self, connection: Connection, event: str, **values: Any) -> None:
        if connection.is_open and not connection.send({"event": event, **values}):
            self._close(connection)

    def _obey(self, connection: Connection, text: bytes) -> list[str]:
        try:
            message = json.loads(text)
            if message["kind"] != "fork":
                raise ValueError(f"unknown kind: {message['kind']!r}")
            request = ServiceRequest.from_json(message)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._tell(connection, "error", code="bad_request", what=f"This is no order: {error!r}")
            return []
        self._fork(connection, request, message.get("id"))
        return [request.service]

    def _fork(self, connection: Connection, request: ServiceRequest, number: Any) -> None:
        order = {"id": number, "service": request.service}
        try:
            with self._loop.interrupting(self._services.attend):
                self._services.load(request)
            if not connection.is_open:
                # Nobody would end it.
                return
            process = self._services.fork(request, connection, lambda ended: self._exited(connection, ended))
        except Exception as error:  # noqa: BLE001 - whatever it is, a separate process can be tried
            traceback.print_exc()
            what = f"{type(error).__name__}: {error}"
            self._tell(connection, "failed", **order, code="preload_failed", what=what)
            return
        self._tell(connection, "forked", **order, pid=process.pid, start_time=start_time(process.pid))

    def _exited(self, connection: Connection, process: ServiceProcess) -> None:
        code, signal_name = process.ending()
        self._tell(connection, "exited", pid=process.pid, service=process.name, code=code, signal=signal_name)


class Connection:
    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.buffer = b""
        self.is_open = True

    def send(self, event: dict[str, Any]) -> bool:
        """False: the other side has gone, or has not read for long."""
        data = (json.dumps(event) + "\n").encode()
        with contextlib.suppress(OSError):
            return self.socket.send(data) == len(data)
        return False
