"""The processes that a request server forks: one that waits ahead, and one for each run in progress."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from airflow_devenv.cancellation import CANCEL_SIGNAL
from airflow_devenv.event_loop import EventLoop
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
        loop: EventLoop,
        line: AirflowLine,
        serve: Serve,
        belongs_to_others: Callable[[int], bool],
    ) -> None:
        self._loop = loop
        self._line = line
        self._serve = serve
        #: Whether a child of this process that is no run has its place here.
        self._belongs_to_others = belongs_to_others
        self._by_pid: dict[int, Child] = {}
        self._spare: Child | None = None

    @property
    def running(self) -> list[Child]:
        return [each for each in self._by_pid.values() if each is not self._spare]

    def owns(self, pid: int) -> bool:
        return pid in self._by_pid

    def start(self, message: dict[str, Any], connection: socket.socket) -> Child:
        """Gives the request and the client's connection to the spare, else to a new process."""
        return self._use_spare(message, connection) or self._fork(message, connection.fileno())

    def fork_spare(self) -> None:
        if self._spare is None:
            self._spare = self._fork(None, None)

    def _use_spare(self, message: dict[str, Any], connection: socket.socket) -> Child | None:
        payload = json.dumps(message).encode()
        spare, self._spare = self._spare, None
        if spare is None:
            return None
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
        self._loop.watch(ours, lambda: self._read_notes(child))
        return child

    def _become_child(self, parent: int, ours: socket.socket, keep: int | None) -> None:
        os.setpgid(0, 0)
        self._loop.leave(keep=() if keep is None else (keep,))
        ours.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        die_with_parent(parent, CANCEL_SIGNAL)

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

    def _read_notes(self, child: Child) -> None:
        try:
            data = child.control.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._loop.unwatch(child.control)
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

    def take_end(self, pid: int) -> Child | None:
        """What a child that has ended was, if it was a run."""
        child = self._by_pid.pop(pid, None)
        if child is None:
            return None
        while self._loop.watches(child.control):
            self._read_notes(child)
        self._loop.close(child.control)
        if child is self._spare:
            self._spare_ended(child)
            return None
        self._end_orphans()
        return child

    def _spare_ended(self, spare: Child) -> None:
        self._spare = None
        if time.monotonic() - spare.forked_at > SHORTEST_SPARE_LIFE:
            self.fork_spare()

    def _end_orphans(self) -> None:
        """What a dead run left behind became a child of this process; nothing else is unknown here."""
        end_orphans(
            each
            for each in children(os.getpid())
            if each not in self._by_pid and not self._belongs_to_others(each)
        )

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
            self._loop.close(spare.control)


def end_orphans(orphans: Iterable[int]) -> None:
    """Kills these and everything below them."""
    for orphan in orphans:
        for pid in (orphan, *descendants(orphan)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


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
