"""One request in a fresh interpreter, and a second one that watches it.

The request comes on standard input, events go to the descriptor named in the arguments. A task may kill the
process it runs in, so the one that serves is not the one that tells how it ended, as with the warm runner.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from airflow_devenv.cancellation import CANCEL_SIGNAL, FORCE_SIGNAL
from airflow_devenv.processes import become_subreaper, descendants, die_with_parent

#: Seconds between a cancellation by a client that has gone and the kill.
ABANDONED_GRACE = 10.0
TICK = 0.5


def watch(event_descriptor: int) -> None:
    """Ends with the exit code of the request."""
    sys.exit(Watcher(event_descriptor).run())


def serve_once(event_descriptor: int, note_descriptor: int) -> None:
    os.setpgid(0, 0)
    for each in (event_descriptor, note_descriptor):
        os.set_inheritable(each, False)
    die_with_parent(os.getppid(), CANCEL_SIGNAL)
    from airflow_devenv.child import read_request, serve
    from airflow_devenv.lines.detect import detect_line
    from airflow_devenv.lines.line import AirflowLine
    from airflow_devenv.stock.begin import begin_stock
    from airflow_devenv.stock.line import StockLine

    request = read_request(sys.stdin.readline())
    if request.stock:
        begin_stock(request.plugins_folders)
    line: AirflowLine = detect_line()
    if request.stock:
        line = StockLine(line)
    if request.kind != "seed":
        line.preload()
        line.prepare_for_runs()
    notes = socket.socket(fileno=note_descriptor)

    def note(what: str, **values: Any) -> None:
        notes.sendall(json.dumps({"note": what, **values}).encode() + b"\n")

    os._exit(serve(line, request, event_descriptor, note, warm=False))


class Watcher:
    def __init__(self, event_descriptor: int) -> None:
        self._event_descriptor = event_descriptor
        self._parent = os.getppid()
        self._facts: dict[str, Any] = {}
        self._kill_at: float | None = None

    def run(self) -> int:
        become_subreaper()
        ours, theirs = socket.socketpair()
        descriptors = (self._event_descriptor, theirs.fileno())
        command = [sys.executable, sys.argv[0], "serve-once", *(str(each) for each in descriptors)]
        child = subprocess.Popen(command, pass_fds=descriptors)
        theirs.close()
        signal.signal(CANCEL_SIGNAL, lambda *_: _send(child.pid, CANCEL_SIGNAL))
        signal.signal(FORCE_SIGNAL, lambda *_: _kill(child.pid))
        die_with_parent(self._parent, CANCEL_SIGNAL)
        self._listen(ours, child)
        code = child.wait()
        for pid in descendants(os.getpid()):
            _send(pid, signal.SIGKILL)
        return code if "finished" in self._facts else self._report_death(code)

    def _listen(self, notes: socket.socket, child: subprocess.Popen[bytes]) -> None:
        """Until the child ends; a process that it left behind may keep the socket open for longer."""
        pending = b""
        while True:
            ended = child.poll() is not None
            readable = select.select([notes], [], [], 0 if ended else TICK)[0]
            data = notes.recv(65536) if readable else b""
            pending += data
            *lines, pending = pending.split(b"\n")
            for line in lines:
                self._take(json.loads(line))
            if (ended and not data) or (readable and not data):
                return
            self._end_when_abandoned(child.pid)

    def _take(self, note: dict[str, Any]) -> None:
        if note["note"] == "task_ended":
            self._facts.pop("task", None)
        else:
            self._facts[note["note"]] = note

    def _end_when_abandoned(self, pid: int) -> None:
        if os.getppid() == self._parent:
            return
        now = time.monotonic()
        if self._kill_at is None:
            self._kill_at = now + ABANDONED_GRACE
            _send(pid, CANCEL_SIGNAL)
        elif now > self._kill_at:
            _kill(pid)

    def _report_death(self, code: int) -> int:
        from airflow_devenv.deaths import report_death
        from airflow_devenv.lines.detect import detect_line
        from airflow_devenv.protocol import EventWriter

        line = detect_line()
        line.preload()
        emit = EventWriter(self._event_descriptor)
        report_death(line, emit, code, self._facts.get("run"), self._facts.get("task"))
        return 1


def _send(pid: int, signal_number: int) -> None:
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return


def _kill(pid: int) -> None:
    """With its process group, which it leads as soon as it has begun."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        _send(pid, signal.SIGKILL)
