"""Takes requests from a Unix socket and gives each to a process of its own.

One thread, no database connection: the process that runs this is forked again and again. It keeps a second
handle on each client's connection, so that it hears a cancellation and can still answer when a task has
killed the process it ran in.

Protocol: the client writes one JSON object and a newline: `{"kind": "run", ...RunRequest}`, `{"kind": "stop"}`
or `{"kind": "release"}`; later, perhaps, `{"cancel": "graceful"}` and `{"cancel": "force"}`. Closing the
connection is a cancellation. While services run, `stop` is answered `{"event": "busy"}` and does nothing,
unless it has `"force": true`.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow_devenv.children import Child, Children, Serve
from airflow_devenv.deaths import report_death
from airflow_devenv.event_loop import EventLoop, ended_children
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.protocol import EventWriter

#: Seconds between a cancellation by a client that has gone and the kill.
ABANDONED_GRACE = 10.0
#: A seed of many thousand items is shorter; what is longer is no request. Bytes.
LONGEST_REQUEST = 256 * 1024 * 1024
#: What a client can ask that is served by a process of its own.
SERVED = ("run", "parse", "seed", "answer")


@dataclass(eq=False)
class Client:
    connection: socket.socket
    buffer: bytes = b""
    child: Child | None = None


class RequestServer:
    """Call `accept_clients` once, `take_end` for each child that ended, `tick` often, and `end` at last."""

    def __init__(
        self,
        loop: EventLoop,
        listener: socket.socket,
        serve: Serve,
        *,
        use_spares: bool,
        line: AirflowLine,
        on_stop: Callable[[], Any],
        is_busy: Callable[[], bool],
        belongs_to_others: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._use_spares = use_spares
        self._line = line
        self._on_stop = on_stop
        self._is_busy = is_busy
        self._children = Children(loop, line, serve, belongs_to_others)
        self._clients: set[Client] = set()
        #: Monotonic seconds.
        self.last_request = time.monotonic()
        self._accepts = False
        loop.own(listener)
        listener.setblocking(False)

    @property
    def clients(self) -> int:
        return len(self._clients)

    @property
    def running(self) -> int:
        return len(self._children.running)

    def owns(self, pid: int) -> bool:
        return self._children.owns(pid)

    @property
    def has_deadlines(self) -> bool:
        return any(each.kill_at is not None for each in self._children.running)

    def fork_spare(self) -> None:
        if self._use_spares:
            self._children.fork_spare()

    def accept_clients(self, wanted: bool) -> None:
        if wanted and not self._accepts:
            self._loop.watch(self._listener, self._accept)
        elif self._accepts and not wanted:
            self._loop.unwatch(self._listener)
        self._accepts = wanted

    def tick(self) -> None:
        self._children.kill_overdue(ABANDONED_GRACE)

    def take_end(self, pid: int, status: int) -> None:
        """A child of this process has ended; perhaps it was a run."""
        child = self._children.take_end(pid)
        if child is not None:
            self._ended(child, status)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            # The other process on this listener was faster, or the client has gone again.
            return
        connection.setblocking(False)
        client = Client(connection)
        self._clients.add(client)
        self._loop.watch(connection, lambda: self._read_client(client))

    def _read_client(self, client: Client) -> None:
        try:
            data = client.connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._client_gone(client)
            return
        client.buffer += data
        while b"\n" in client.buffer and client in self._clients:
            line, client.buffer = client.buffer.split(b"\n", 1)
            self._message(client, line)
        if len(client.buffer) > LONGEST_REQUEST and client in self._clients:
            client.buffer = b""
            self._client_gone(client)

    def _client_gone(self, client: Client) -> None:
        self._loop.unwatch(client.connection)
        if client.child is None:
            self._close(client)
            return
        client.child.cancel()
        client.child.kill_at = time.monotonic() + ABANDONED_GRACE

    def _message(self, client: Client, line: bytes) -> None:
        try:
            message = json.loads(line)
            if not isinstance(message, dict):
                raise ValueError("no object")
        except (ValueError, RecursionError):
            self._answer(client, "error", code="bad_request", what="The request is not JSON.")
            self._close(client)
            return
        if client.child is not None:
            client.child.cancel(force=message.get("cancel") == "force")
        elif message.get("kind") in SERVED:
            self.last_request = time.monotonic()
            self._start(client, message)
        elif message.get("kind") == "ping":
            self._answer(client, "pong")
            self._close(client)
        elif message.get("kind") == "release":
            self._children.end_spare()
            self._answer(client, "released")
            self._close(client)
        elif message.get("kind") == "stop" and self._is_busy() and not message.get("force"):
            self._answer(client, "busy")
            self._close(client)
        elif message.get("kind") == "stop":
            # The connection stays open: that it closes tells the client that this process has ended.
            self._answer(client, "stopping")
            self._on_stop()
        else:
            self._answer(client, "error", code="bad_request", what="Unknown kind of request.")
            self._close(client)

    def _answer(self, client: Client, event: str, **values: Any) -> None:
        client.connection.setblocking(True)
        EventWriter(client.connection.fileno())(event, **values)

    def _close(self, client: Client) -> None:
        if client in self._clients:
            self._clients.discard(client)
            self._loop.close(client.connection)

    def _start(self, client: Client, message: dict[str, Any]) -> None:
        client.connection.setblocking(True)
        try:
            client.child = self._children.start(message, client.connection)
        except RecursionError:
            self._answer(client, "error", code="bad_request", what="The request is nested too deeply.")
            self._close(client)
            return
        self.fork_spare()

    def _ended(self, child: Child, status: int) -> None:
        client = next((each for each in self._clients if each.child is child), None)
        if client is None:
            return
        if not child.finished:
            self._report_death(child, client, status)
        client.child = None
        self._close(client)

    def _report_death(self, child: Child, client: Client, status: int) -> None:
        """In a process of its own, since it needs the database."""
        client.connection.setblocking(True)
        emit = EventWriter(client.connection.fileno())
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            return
        try:
            code = os.waitstatus_to_exitcode(status)
            report_death(self._line, emit, code, child.facts.get("run"), child.facts.get("task"))
        finally:
            os._exit(0)

    def end(self) -> None:
        """Cancels the runs and waits for them."""
        self._children.end_spare()
        for child in self._children.running:
            child.cancel()
        deadline = time.monotonic() + ABANDONED_GRACE
        while self._children.running and time.monotonic() < deadline:
            for pid, status in ended_children():
                self.take_end(pid, status)
            time.sleep(0.02)
        for child in self._children.running:
            child.cancel(force=True)
