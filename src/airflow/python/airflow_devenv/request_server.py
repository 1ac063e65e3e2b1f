"""Takes requests from a Unix socket and gives each to a process of its own.

One thread, no database connection: the process that runs this is forked again and again. It keeps a second
handle on each client's connection, so that it hears a cancellation and can still answer when a task has
killed the process it ran in.

Protocol: the client writes one JSON object and a newline: `{"kind": "run", ...RunRequest}`, `{"kind": "stop"}`
or `{"kind": "release"}`; later, perhaps, `{"cancel": "graceful"}` and `{"cancel": "force"}`. Closing the
connection is a cancellation.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow_devenv.children import Child, Children, Serve
from airflow_devenv.deaths import report_death
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.protocol import EventWriter

#: Seconds without a request after which the process ends itself.
IDLE_SECONDS = float(os.environ.get("AIRFLOW_DEVENV_IDLE_SECONDS", "3600"))
#: Seconds between a cancellation by a client that has gone and the kill.
ABANDONED_GRACE = 10.0
TICK = 5.0
#: How many clients are served while a partner that is faster gets ready, and for how long it is waited for.
CLIENTS_BESIDE_PARTNER = 2
PATIENCE_SECONDS = 30.0


@dataclass(eq=False)
class Client:
    connection: socket.socket
    buffer: bytes = b""
    child: Child | None = None


class RequestServer:
    def __init__(
        self,
        listener: socket.socket,
        serve: Serve,
        *,
        use_spares: bool,
        line: AirflowLine,
        is_reachable: Callable[[], bool] = lambda: True,
        on_ready: Callable[[], Any] = lambda: None,
    ) -> None:
        self._listener = listener
        self._use_spares = use_spares
        self._line = line
        self._is_reachable = is_reachable
        self._on_ready = on_ready
        self._selector = selectors.DefaultSelector()
        self._children = Children(self._selector, line, serve, self._close_ours)
        self._clients: set[Client] = set()
        self._started = self._last_request = time.monotonic()
        self._accepts = False
        self._partner: int | None = None
        #: The wait status of the partner, if it has ended meanwhile.
        self.partner_status: int | None = None
        self.stopped = False

    def _close_ours(self, keep: int | None) -> None:
        self._selector.close()
        self._listener.close()
        for client in self._clients:
            if client.connection.fileno() != keep:
                client.connection.close()

    def run(self, *, until: Callable[[], bool] = lambda: False, partner: int | None = None) -> None:
        """Serves until told to stop, idle for long, or `until` is true and every accepted client is served.

        `partner` is the pid of the process that accepts from the same listener: when it ends, so does this.
        """
        self._partner = partner
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopped", True))
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        self._selector.register(wake_read, selectors.EVENT_READ, "wake")
        self._listener.setblocking(False)
        self._accept_clients(True)
        if self._use_spares:
            self._children.fork_spare()
        self._on_ready()
        try:
            self._loop(until)
        finally:
            self._end_children()
            signal.set_wakeup_fd(-1)
            self._selector.close()
            os.close(wake_read)
            os.close(wake_write)

    def _loop(self, until: Callable[[], bool]) -> None:
        handed_over = False
        while not self.stopped:
            handed_over = handed_over or until()
            if handed_over and not self._clients:
                return
            self._accept_clients(not handed_over and not self._is_full())
            wait = TICK if self._use_spares and not self._has_deadlines() else 0.05
            for key, _ in self._selector.select(wait):
                self._dispatch(key)
            self._reap()
            self._children.kill_overdue(ABANDONED_GRACE)
            if self.partner_status is not None or self._should_end():
                return

    def _is_full(self) -> bool:
        """The partner will serve in a tenth of the time what would keep it from getting ready now."""
        if self._partner is None or time.monotonic() - self._started > PATIENCE_SECONDS:
            return False
        return len(self._clients) >= CLIENTS_BESIDE_PARTNER

    def _accept_clients(self, wanted: bool) -> None:
        if wanted and not self._accepts:
            self._selector.register(self._listener, selectors.EVENT_READ, "listener")
        elif self._accepts and not wanted:
            self._selector.unregister(self._listener)
        self._accepts = wanted

    def _has_deadlines(self) -> bool:
        return any(each.kill_at is not None for each in self._children.running)

    def _should_end(self) -> bool:
        if self._children.running or not self._use_spares:
            return False
        if time.monotonic() - self._last_request > IDLE_SECONDS:
            return True
        return not self._is_reachable()

    def _dispatch(self, key: selectors.SelectorKey) -> None:
        if key.data == "wake":
            try:
                os.read(key.fd, 512)
            except BlockingIOError:
                return
        elif key.data == "listener":
            self._accept()
        elif isinstance(key.data, Client):
            self._read_client(key.data)
        elif isinstance(key.data, Child):
            self._children.read_notes(key.data)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            # The other process on this listener was faster, or the client has gone again.
            return
        connection.setblocking(False)
        client = Client(connection)
        self._clients.add(client)
        self._selector.register(connection, selectors.EVENT_READ, client)

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
        while b"\n" in client.buffer:
            line, client.buffer = client.buffer.split(b"\n", 1)
            self._message(client, line)

    def _client_gone(self, client: Client) -> None:
        self._selector.unregister(client.connection)
        if client.child is None:
            self._forget(client)
            return
        client.child.cancel()
        client.child.kill_at = time.monotonic() + ABANDONED_GRACE

    def _message(self, client: Client, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            self._answer(client, "error", code="bad_request", what="The request is not JSON.")
            self._close(client)
            return
        if client.child is not None:
            client.child.cancel(force=message.get("cancel") == "force")
        elif message.get("kind") == "run":
            self._last_request = time.monotonic()
            self._start(client, message)
        elif message.get("kind") == "ping":
            self._answer(client, "pong")
            self._close(client)
        elif message.get("kind") == "release":
            self._children.end_spare()
            self._answer(client, "released")
            self._close(client)
        elif message.get("kind") == "stop":
            # The connection stays open: that it closes tells the client that this process has ended.
            self.stopped = True
            self._answer(client, "stopping")
        else:
            self._answer(client, "error", code="bad_request", what="Unknown kind of request.")
            self._close(client)

    def _answer(self, client: Client, event: str, **values: Any) -> None:
        client.connection.setblocking(True)
        EventWriter(client.connection.fileno())(event, **values)

    def _close(self, client: Client) -> None:
        if client in self._clients:
            try:
                self._selector.unregister(client.connection)
            except KeyError:
                pass
            self._forget(client)

    def _forget(self, client: Client) -> None:
        client.connection.close()
        self._clients.discard(client)

    def _start(self, client: Client, message: dict[str, Any]) -> None:
        client.connection.setblocking(True)
        client.child = self._children.start(message, client.connection)
        if self._use_spares:
            self._children.fork_spare()

    def _reap(self) -> None:
        for child, status in self._children.reap(self._partner):
            if child is None:
                self.partner_status = status
            else:
                self._ended(child, status)

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

    def _end_children(self) -> None:
        self._children.end_spare()
        for child in self._children.running:
            child.cancel()
        deadline = time.monotonic() + ABANDONED_GRACE
        while self._children.running and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.02)
        for child in self._children.running:
            child.cancel(force=True)
