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
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from airflow_devenv.cancellation import CANCEL_SIGNAL
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.processes import children, descendants, die_with_parent
from airflow_devenv.protocol import EventWriter, RunRequest
from airflow_devenv.run_records import end_abandoned_runs

Serve = Callable[[RunRequest, int, Callable[..., None]], int]

#: Seconds without a request after which the process ends itself.
IDLE_SECONDS = float(os.environ.get("AIRFLOW_DEVENV_IDLE_SECONDS", "3600"))
#: Seconds between a cancellation by a client that has gone and the kill.
ABANDONED_GRACE = 10.0
TICK = 5.0


@dataclass(eq=False)
class Child:
    """A forked process: a spare that waits, or one that serves a client."""

    pid: int
    control: socket.socket
    client: Client | None = None
    buffer: bytes = b""
    #: What the child said of its run, for the case that it can't say more.
    facts: dict[str, Any] = field(default_factory=dict)
    finished: bool = False
    kill_at: float | None = None


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
        self._serve = serve
        self._use_spares = use_spares
        self._line = line
        self._is_reachable = is_reachable
        self._on_ready = on_ready
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, Child] = {}
        self._clients: set[Client] = set()
        self._spare: Child | None = None
        self._last_request = time.monotonic()
        self._partner: int | None = None
        self._partner_status: int | None = None
        self.stopped = False

    @property
    def _is_busy(self) -> bool:
        return any(each.client is not None for each in self._children.values())

    @property
    def partner_status(self) -> int | None:
        """The wait status of the partner, if it has ended meanwhile."""
        return self._partner_status

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
        self._selector.register(self._listener, selectors.EVENT_READ, "listener")
        if self._use_spares:
            self._fork_spare()
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
        accepting = True
        while not self.stopped:
            if accepting and until():
                accepting = False
                self._selector.unregister(self._listener)
            if not accepting and not self._clients:
                return
            wait = TICK if self._use_spares and not self._has_deadlines() else 0.05
            for key, _ in self._selector.select(wait):
                self._dispatch(key)
            self._reap()
            self._kill_overdue()
            if self._partner_status is not None or self._should_end():
                return

    def _has_deadlines(self) -> bool:
        return any(each.kill_at is not None for each in self._children.values())

    def _should_end(self) -> bool:
        if self._is_busy or not self._use_spares:
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
            self._read_child(key.data)

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
        self._cancel(client.child)
        client.child.kill_at = time.monotonic() + ABANDONED_GRACE

    def _message(self, client: Client, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            self._answer(client, "error", code="bad_request", what="The request is not JSON.")
            self._close(client)
            return
        if client.child is not None:
            self._cancel(client.child, force=message.get("cancel") == "force")
        elif message.get("kind") == "run":
            self._last_request = time.monotonic()
            self._start(client, message)
        elif message.get("kind") == "ping":
            self._answer(client, "pong")
            self._close(client)
        elif message.get("kind") == "release":
            self._end_spare()
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

    def _cancel(self, child: Child, *, force: bool = False) -> None:
        try:
            if force:
                os.killpg(child.pid, signal.SIGKILL)
            else:
                os.kill(child.pid, CANCEL_SIGNAL)
        except ProcessLookupError:
            return

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for child in list(self._children.values()):
            if child.kill_at is not None and now > child.kill_at:
                child.kill_at = now + ABANDONED_GRACE
                self._cancel(child, force=True)

    # Starting

    def _start(self, client: Client, message: dict[str, Any]) -> None:
        client.connection.setblocking(True)
        child = self._take_spare(client, message) if self._use_spares else None
        if child is None:
            child = self._fork(client, message)
        child.client = client
        client.child = child
        if self._use_spares and self._spare is None:
            self._fork_spare()

    def _take_spare(self, client: Client, message: dict[str, Any]) -> Child | None:
        spare, self._spare = self._spare, None
        if spare is None:
            return None
        payload = json.dumps(message).encode()
        try:
            socket.send_fds(spare.control, [struct.pack("!I", len(payload))], [client.connection.fileno()])
            spare.control.setblocking(True)
            spare.control.sendall(payload)
        except OSError:
            return None
        return spare

    def _fork_spare(self) -> None:
        self._spare = self._fork(None, None)

    def _fork(self, client: Client | None, message: dict[str, Any] | None) -> Child:
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                self._become_child(parent, ours, client)
                if message is None:
                    code = self._be_spare(theirs)
                else:
                    assert client is not None
                    request = RunRequest.from_json(message)
                    code = self._serve(request, client.connection.fileno(), _noting(theirs))
            finally:
                os._exit(code)
        theirs.close()
        child = Child(pid, ours)
        self._children[pid] = child
        self._selector.register(ours, selectors.EVENT_READ, child)
        return child

    def _become_child(self, parent: int, ours: socket.socket, keep: Client | None) -> None:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        die_with_parent(parent, CANCEL_SIGNAL)
        self._selector.close()
        self._listener.close()
        ours.close()
        for client in self._clients:
            if client is not keep:
                client.connection.close()
        for child in self._children.values():
            child.control.close()

    def _be_spare(self, control: socket.socket) -> int:
        """Forked ahead, connected to the database, waiting for a client."""
        try:
            self._line.connect()
            end_abandoned_runs(os.environ.get("AIRFLOW_DEVENV_RUNS_DIRECTORY"), self._line.fail_run)
        except Exception:  # noqa: BLE001 - it is tried again, and told, when there is a request
            pass
        header, descriptors, _, _ = socket.recv_fds(control, 4, 1)
        if not descriptors:
            return 0
        request = RunRequest.from_json(json.loads(_receive(control, struct.unpack("!I", header)[0])))
        return self._serve(request, descriptors[0], _noting(control))

    # Ending

    def _read_child(self, child: Child) -> None:
        try:
            data = child.control.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(child.control)
            return
        child.buffer += data
        while b"\n" in child.buffer:
            line, child.buffer = child.buffer.split(b"\n", 1)
            note = json.loads(line)
            if note["note"] == "finished":
                child.finished = True
            elif note["note"] == "task_ended":
                child.facts.pop("task", None)
            else:
                child.facts[note["note"]] = note

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if pid == self._partner:
                self._partner_status = status
            elif child is not None:
                self._ended(child, status)

    def _ended(self, child: Child, status: int) -> None:
        while child.control.fileno() >= 0 and child.control in self._registered():
            self._read_child(child)
        child.control.close()
        if child is self._spare:
            self._spare = None
            if not self.stopped:
                self._fork_spare()
            return
        self._end_orphans()
        client = child.client
        if client is None:
            return
        if not child.finished:
            self._report_death(child, client, status)
        client.child = None
        self._close(client)
        self._forget(client)

    def _registered(self) -> set[Any]:
        return {key.fileobj for key in self._selector.get_map().values()}

    def _end_orphans(self) -> None:
        """What a dead run left behind became a child of this process; nothing else is unknown here."""
        known = {*self._children, self._partner}
        for orphan in children(os.getpid()):
            if orphan in known:
                continue
            for pid in (orphan, *descendants(orphan)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    def _report_death(self, child: Child, client: Client, status: int) -> None:
        """In a process of its own, since it needs the database."""
        run = child.facts.get("run")
        task = child.facts.get("task")
        client.connection.setblocking(True)
        emit = EventWriter(client.connection.fileno())
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            return
        try:
            from airflow_devenv.deaths import report_death

            report_death(self._line, emit, os.waitstatus_to_exitcode(status), run, task)
        finally:
            os._exit(0)

    def _end_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.control.shutdown(socket.SHUT_WR)
            os.waitpid(spare.pid, 0)
            self._children.pop(spare.pid, None)
            if spare.control in self._registered():
                self._selector.unregister(spare.control)
            spare.control.close()

    def _end_children(self) -> None:
        self._end_spare()
        for child in self._children.values():
            self._cancel(child)
        deadline = time.monotonic() + ABANDONED_GRACE
        while self._children and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.02)
        for child in list(self._children.values()):
            self._cancel(child, force=True)


def _noting(control: socket.socket) -> Callable[..., None]:
    def note(what: str, **values: Any) -> None:
        try:
            control.sendall(json.dumps({"note": what, **values}).encode() + b"\n")
        except OSError:
            # The process that watches us has ended; we are told by the signal we asked for.
            return

    return note


def _receive(source: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = source.recv(length - len(data))
        if not piece:
            break
        data += piece
    return data


