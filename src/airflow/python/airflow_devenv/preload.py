"""The preloaded process of an environment: Airflow imported once, everything else forked from it.

It opens no database connection and starts no thread, so it may be forked at any time. It forks one *warm
runner*, which patches itself for test runs and warms up, and then takes the socket over. Until that one is
ready it serves requests itself, so that a first run waits for the imports only. If the warm runner dies, it
serves again and forks another.
"""

from __future__ import annotations

import functools
import os
import selectors
import signal
import socket
import time

from airflow_devenv.child import serve
from airflow_devenv.children import Serve
from airflow_devenv.lines.detect import detect_line
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.processes import become_subreaper, die_with_parent
from airflow_devenv.request_server import RequestServer
from airflow_devenv.warmup import warm_up

#: A warm runner that dies this often is not forked again; requests are then served cold.
MAXIMUM_DEATHS = 3
#: A warm runner that was asked to end and still runs is killed after this. Its runs have 10 s of it.
END_SECONDS = 20.0


def main(socket_path: str) -> None:
    line = detect_line()
    line.preload()
    line.quiet()
    become_subreaper()
    listener = _listen(socket_path)
    print("listening", flush=True)
    preloaded = Preloaded(line, listener, socket_path)
    try:
        preloaded.run()
    finally:
        if preloaded.is_reachable():
            os.unlink(socket_path)


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    aside = f"{path}.{os.getpid()}"
    previous = os.umask(0o177)
    try:
        listener.bind(aside)
    finally:
        os.umask(previous)
    listener.listen(128)
    # Clients never see a socket that is not listening yet.
    os.rename(aside, path)
    return listener


class Preloaded:
    def __init__(self, line: AirflowLine, listener: socket.socket, socket_path: str) -> None:
        self._line = line
        self._listener = listener
        self._socket_path = socket_path
        self._inode = os.stat(socket_path).st_ino
        self._deaths = 0

    def run(self) -> None:
        while True:
            ready, warm_runner = self._fork_warm_runner()
            server = RequestServer(self._listener, self._serve_cold, use_spares=False, line=self._line)
            server.run(until=functools.partial(_is_readable, ready), partner=warm_runner)
            code = self._end(warm_runner, server) if server.stopped else self._wait_for(warm_runner, server)
            os.close(ready)
            if code == 0 or server.stopped:
                return
            self._deaths += 1
            if self._deaths >= MAXIMUM_DEATHS:
                RequestServer(self._listener, self._serve_cold, use_spares=False, line=self._line).run()
                return

    @property
    def _serve_cold(self) -> Serve:
        def serve_cold(request, descriptor, note):  # type: ignore[no-untyped-def]
            self._line.prepare_for_runs()
            return serve(self._line, request, descriptor, note, warm=False)

        return serve_cold

    def _fork_warm_runner(self) -> tuple[int, int]:
        read_end, write_end = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            os.close(write_end)
            return read_end, pid
        code = 1
        try:
            os.close(read_end)
            die_with_parent(parent, signal.SIGTERM)
            code = self._be_warm_runner(write_end)
        finally:
            os._exit(code)

    def _be_warm_runner(self, ready: int) -> int:
        line = self._line
        # What a killed run leaves behind becomes a child of this process, which ends it.
        become_subreaper()
        line.prepare_for_runs()
        warm = warm_up(line)

        def serve_warm(request, descriptor, note):  # type: ignore[no-untyped-def]
            return serve(line, request, descriptor, note, warm=warm)

        server = RequestServer(
            self._listener,
            serve_warm,
            use_spares=True,
            line=line,
            is_reachable=self.is_reachable,
            on_ready=lambda: os.write(ready, b"ready"),
        )
        server.run()
        return 0

    def is_reachable(self) -> bool:
        """Whether the path still leads here: somebody may have deleted or replaced the socket, or the project."""
        try:
            ours = os.stat(self._socket_path).st_ino == self._inode
            return ours and os.path.isdir(os.environ.get("AIRFLOW_HOME", "/"))
        except OSError:
            return False

    def _wait_for(self, pid: int, server: RequestServer) -> int:
        # Ending this process ends the warm runner too: it asked for that.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        status = server.partner_status
        if status is None:
            status = os.waitpid(pid, 0)[1]
        return os.waitstatus_to_exitcode(status)

    def _end(self, pid: int, server: RequestServer) -> int:
        """Asks again and again: the handler that Airflow has during the warm-up swallows the signal."""
        deadline = time.monotonic() + END_SECONDS
        status = server.partner_status
        while status is None:
            os.kill(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
            time.sleep(0.05)
            ended, found = os.waitpid(pid, os.WNOHANG)
            status = found if ended else None
        return os.waitstatus_to_exitcode(status)


def _is_readable(descriptor: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))
