"""The processes that a request server forks: one that waits ahead, and one for each run in progress."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from airflow_devenv.cancellation import CANCEL_SIGNAL
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.processes import children, descendants, die_with_parent
from airflow_devenv.protocol import RunRequest
from airflow_devenv.run_records import end_abandoned_runs

#: Serves a request, writes its events to the descriptor, gives the exit code.
Serve = Callable[[RunRequest, int, Callable[..., None]], int]

#: A spare that ends sooner than this will not do better at once; the next request forks its own child.
SHORTEST_SPARE_LIFE = 1.0


@dataclass(eq=False)
class Child:
    """A forked process: a spare that waits, or one that serves a client."""

    pid: int
    control: socket.socket
    forked_at: float = field(default_factory=time.monotonic)
    buffer: bytes = b""
    #: What the child said of its run, for the case that it can't say more.
    facts: dict[str, Any] = field(default_factory=dict)
    finished: bool = False
    #: Monotonic seconds; after a cancellation that nobody waits for.
    kill_at: float | None = None

    def cancel(self, *, force: bool = False) -> None:
        try:
            if force:
                os.killpg(self.pid, signal.SIGKILL)
            else:
                os.kill(self.pid, CANCEL_SIGNAL)
        except ProcessLookupError:
            return


class Children:
    def __init__(
        self,
        selector: selectors.BaseSelector,
        line: AirflowLine,
        serve: Serve,
        close_ours: Callable[[int | None], None],
    ) -> None:
        self._selector = selector
        self._line = line
        self._serve = serve
        #: In a new child: closes what belongs to the server, but for one descriptor.
        self._close_ours = close_ours
        self._by_pid: dict[int, Child] = {}
        self._spare: Child | None = None

    @property
    def running(self) -> list[Child]:
        return [each for each in self._by_pid.values() if each is not self._spare]

    def start(self, message: dict[str, Any], connection: socket.socket) -> Child:
        """Gives the request and the client's connection to the spare, else to a new process."""
        return self._use_spare(message, connection) or self._fork(message, connection.fileno())

    def fork_spare(self) -> None:
        if self._spare is None:
            self._spare = self._fork(None, None)

    def _use_spare(self, message: dict[str, Any], connection: socket.socket) -> Child | None:
        spare, self._spare = self._spare, None
        if spare is None:
            return None
        payload = json.dumps(message).encode()
        try:
            socket.send_fds(spare.control, [struct.pack("!I", len(payload))], [connection.fileno()])
            spare.control.setblocking(True)
            spare.control.sendall(payload)
        except OSError:
            return None
        return spare

    def _fork(self, message: dict[str, Any] | None, descriptor: int | None) -> Child:
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                self._become_child(parent, ours, descriptor)
                code = (
                    self._be_spare(theirs) if message is None else self._be_run(message, descriptor, theirs)
                )
            finally:
                os._exit(code)
        theirs.close()
        child = Child(pid, ours)
        self._by_pid[pid] = child
        self._selector.register(ours, selectors.EVENT_READ, child)
        return child

    def _become_child(self, parent: int, ours: socket.socket, keep: int | None) -> None:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        die_with_parent(parent, CANCEL_SIGNAL)
        self._close_ours(keep)
        ours.close()
        for child in self._by_pid.values():
            child.control.close()

    def _be_run(self, message: dict[str, Any], descriptor: int | None, control: socket.socket) -> int:
        assert descriptor is not None
        return self._serve(RunRequest.from_json(message), descriptor, _noting(control))

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

    def read_notes(self, child: Child) -> None:
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

    def reap(self, partner: int | None) -> Iterator[tuple[Child | None, int]]:
        """Run children that have ended, with their wait status; None for the partner."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._by_pid.pop(pid, None)
            if pid == partner:
                yield None, status
            elif child is not None:
                self._close(child)
                if child is self._spare:
                    self._spare_ended(child)
                else:
                    self._end_orphans(partner)
                    yield child, status

    def _close(self, child: Child) -> None:
        while child.control in self._registered():
            self.read_notes(child)
        child.control.close()

    def _registered(self) -> set[Any]:
        return {key.fileobj for key in self._selector.get_map().values()}

    def _spare_ended(self, spare: Child) -> None:
        self._spare = None
        if time.monotonic() - spare.forked_at > SHORTEST_SPARE_LIFE:
            self.fork_spare()

    def _end_orphans(self, partner: int | None) -> None:
        """What a dead run left behind became a child of this process; nothing else is unknown here."""
        known = {*self._by_pid, partner}
        for orphan in children(os.getpid()):
            if orphan in known:
                continue
            for pid in (orphan, *descendants(orphan)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    def kill_overdue(self, grace: float) -> None:
        now = time.monotonic()
        for child in self.running:
            if child.kill_at is not None and now > child.kill_at:
                child.kill_at = now + grace
                child.cancel(force=True)

    def end_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.control.shutdown(socket.SHUT_WR)
            os.waitpid(spare.pid, 0)
            self._by_pid.pop(spare.pid, None)
            if spare.control in self._registered():
                self._selector.unregister(spare.control)
            spare.control.close()


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
