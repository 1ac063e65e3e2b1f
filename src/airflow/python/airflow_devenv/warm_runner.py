"""The process that serves test runs: patched for them and warmed up, forked from the preloaded one.

It ends itself when nobody asked for long, and is forked again when somebody asks.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import Protocol

from airflow_devenv.child import serve
from airflow_devenv.event_loop import EventLoop, ended_children
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.processes import become_subreaper, die_with_parent
from airflow_devenv.request_server import RequestServer
from airflow_devenv.warmup import warm_up

#: Seconds without a request after which the process ends itself.
IDLE_SECONDS = float(os.environ.get("AIRFLOW_DEVENV_IDLE_SECONDS", "3600"))
TICK = 5.0
#: A warm runner that dies this often is not forked again; requests are then served cold.
MAXIMUM_DEATHS = 3
#: One that was asked to end and still runs is killed after this. Its runs have 10 s of it.
END_SECONDS = 20.0


class Surroundings(Protocol):
    """What the warm runner is told by the process it comes from."""

    def is_reachable(self) -> bool: ...

    def is_busy(self) -> bool: ...


class WarmRunner:
    def __init__(
        self, loop: EventLoop, line: AirflowLine, listener: socket.socket, surroundings: Surroundings
    ) -> None:
        self._loop = loop
        self._line = line
        self._listener = listener
        self._surroundings = surroundings
        self._deaths = 0
        self._ready: _ReadyPipe | None = None
        self.pid: int | None = None
        #: It accepts requests.
        self.is_ready = False
        #: Monotonic seconds.
        self.started = 0.0

    @property
    def is_given_up(self) -> bool:
        return self._deaths >= MAXIMUM_DEATHS

    def start(self) -> None:
        if self.pid is not None or self.is_given_up:
            return
        self._ready = ready = _ReadyPipe()
        parent = os.getpid()
        self.started = time.monotonic()
        self.pid = os.fork() or None
        if self.pid is not None:
            ready.keep_read_end()
            self._loop.watch(ready, self._became_ready)
            return
        code = 1
        try:
            self._loop.leave(keep=(self._listener.fileno(),))
            die_with_parent(parent, signal.SIGTERM)
            code = self._run(ready, parent)
        finally:
            os._exit(code)

    def take_end(self, pid: int, status: int) -> bool:
        """True: it was this one."""
        if pid != self.pid:
            return False
        self.pid = None
        self.is_ready = False
        self._close_pipe()
        if os.waitstatus_to_exitcode(status) != 0:
            self._deaths += 1
        return True

    def end(self) -> None:
        """Asks again and again: the handler that Airflow has during the warm-up swallows the signal."""
        deadline = time.monotonic() + END_SECONDS
        while self.pid is not None:
            os.kill(self.pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
            time.sleep(0.05)
            for pid, status in ended_children():
                self.take_end(pid, status)

    def _became_ready(self) -> None:
        self.is_ready = self._ready is not None and self._ready.was_told()
        self._close_pipe()

    def _close_pipe(self) -> None:
        if self._ready is not None:
            self._loop.close(self._ready)
        self._ready = None

    def _run(self, ready: _ReadyPipe, parent: int) -> int:
        line = self._line
        # What a killed run leaves behind becomes a child of this process, which ends it.
        become_subreaper()
        line.prepare_for_runs()
        warm = warm_up(line)

        def serve_warm(request, descriptor, note):  # type: ignore[no-untyped-def]
            return serve(line, request, descriptor, note, warm=warm)

        loop = EventLoop()
        server = RequestServer(
            loop,
            self._listener,
            serve_warm,
            use_spares=True,
            line=line,
            # The parent ends its services first, and then this process.
            on_stop=lambda: os.kill(parent, signal.SIGTERM),
            is_busy=self._surroundings.is_busy,
        )
        loop.listen_to_signals()
        server.accept_clients(True)
        server.fork_spare()
        ready.tell()
        try:
            while not loop.stopped and not self._should_end(server, parent):
                loop.turn(0.05 if server.has_deadlines else TICK)
                for pid, status in ended_children():
                    server.take_end(pid, status)
                server.tick()
        finally:
            server.end()
        return 0

    def _should_end(self, server: RequestServer, parent: int) -> bool:
        # The signal of its end may have come during the warm-up, where a handler of Airflow's swallows it.
        if os.getppid() != parent:
            return True
        if server.running:
            return False
        if time.monotonic() - server.last_request > IDLE_SECONDS:
            return True
        return not self._surroundings.is_reachable()


class _ReadyPipe:
    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()

    def fileno(self) -> int:
        return self._read_end

    def close(self) -> None:
        os.close(self._read_end)

    def keep_read_end(self) -> None:
        os.close(self._write_end)

    def tell(self) -> None:
        os.write(self._write_end, b"ready")

    def was_told(self) -> bool:
        """False: the other side has ended."""
        return bool(os.read(self._read_end, 16))
