"""The preloaded process of an environment: Airflow imported once, everything else forked from it.

It opens no database connection and starts no thread, so it may be forked at any time. It forks one *warm
runner*, which patches itself for test runs and warms up, and then takes the runs' socket over. Until that one
is ready it serves requests itself, so that a first run waits for the imports only. If the warm runner dies, it
serves again and forks another. On a socket of its own it takes orders to fork Airflow's *services*.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import time

from airflow_devenv.child import serve
from airflow_devenv.children import end_orphans
from airflow_devenv.control_server import ControlServer
from airflow_devenv.event_loop import EventLoop, Stopping, ended_children
from airflow_devenv.lines.detect import detect_line
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.lines.services import API_SERVER
from airflow_devenv.processes import become_subreaper, children
from airflow_devenv.request_server import RequestServer
from airflow_devenv.service_processes import ServiceProcesses
from airflow_devenv.warm_runner import IDLE_SECONDS, WarmRunner

TICK = 5.0
#: Set by whoever starts this process for services.
SERVICES_FIRST = "AIRFLOW_DEVENV_SERVICES_FIRST"
#: What `dagruns/beginningRunner.ts` has put into the environment, and into which file.
BEGINNING = "AIRFLOW_DEVENV_BEGINNING"
BEGINNING_RECORD = "runner.beginning.json"
#: How long the warm runner waits for the next order of a service, and for the last one to get ready. Seconds.
PATIENCE_BETWEEN_ORDERS = 15.0
PATIENCE_AFTER_LAST = 2.0
#: How many clients are served while a partner that is faster gets ready, and for how long it is waited for.
CLIENTS_BESIDE_WARM_RUNNER = 2
PATIENCE_SECONDS = 30.0


def main(runs_path: str) -> None:
    """`runs_path`: `…/r-<key>.sock`. The services' socket lies beside it as `s-<key>.sock`."""
    services_first = os.environ.pop(SERVICES_FIRST, "") == "1"
    line = detect_line()
    # A million new objects, none of them garbage: looking at them again and again is a tenth of the time.
    gc.disable()
    line.preload()
    gc.enable()
    line.quiet()
    gc.freeze()
    become_subreaper()
    # Whoever finds the runs' socket finds the other one as well.
    control = SocketFile(control_path(runs_path))
    runs = SocketFile(runs_path)
    forget_beginning(os.path.dirname(runs_path))
    print("listening", flush=True)
    try:
        Preloaded(line, runs, control, services_first=services_first).run()
    finally:
        runs.remove()
        control.remove()


def forget_beginning(folder: str) -> None:
    """From now on this process is found by its sockets, and no more by the record of its start."""
    token = os.environ.pop(BEGINNING, "")
    record = os.path.join(folder, BEGINNING_RECORD)
    with contextlib.suppress(OSError):
        with open(record, encoding="utf-8") as file:
            is_ours = bool(token) and token in file.read()
        if is_ours:
            os.unlink(record)


def control_path(runs_path: str) -> str:
    folder, name = os.path.split(runs_path)
    return os.path.join(folder, f"s-{name.removeprefix('r-')}")


class SocketFile:
    """A listener at a path, 0600. Clients never see a socket that is not listening yet."""

    def __init__(self, path: str) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._path = path
        aside = f"{path}.{os.getpid()}"
        previous = os.umask(0o177)
        try:
            self.listener.bind(aside)
        finally:
            os.umask(previous)
        self.listener.listen(128)
        os.rename(aside, path)
        self._inode = os.stat(path).st_ino

    def is_ours(self) -> bool:
        """Whether the path still leads here: somebody may have deleted or replaced the socket."""
        try:
            return os.stat(self._path).st_ino == self._inode
        except OSError:
            return False

    def remove(self) -> None:
        if self.is_ours():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)


def identity_of_home() -> tuple[int, int] | None:
    """None: there is no such folder."""
    try:
        found = os.stat(os.environ.get("AIRFLOW_HOME", "/"))
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Preloaded:
    def __init__(
        self, line: AirflowLine, runs: SocketFile, control: SocketFile, *, services_first: bool
    ) -> None:
        self._line = line
        self._runs_socket = runs
        #: Another folder of that name is what the last writes of a service have made of one that was removed.
        self._home = identity_of_home()
        self._loop = EventLoop()
        self._loop.own(control.listener)
        self._services = ServiceProcesses(self._loop, line, self._end_strays)
        self._warm_runner = WarmRunner(self._loop, line, runs.listener, self)
        self._runs = RequestServer(
            self._loop,
            runs.listener,
            self._serve_cold,
            use_spares=False,
            line=line,
            on_stop=self._loop.stop,
            is_busy=self.is_busy,
            belongs_to_others=self._belongs_to_others,
        )
        self._control = ControlServer(self._loop, control.listener, self._services, line.version)
        self._served_before = self._runs.last_request
        self._idle_since = time.monotonic()
        #: When the warm runner is forked unless somebody asks for a run before; monotonic seconds.
        self._warm_runner_due: float | None = time.monotonic() + (
            PATIENCE_BETWEEN_ORDERS if services_first else 0
        )

    def run(self) -> None:
        self._loop.listen_to_signals()
        self._start_warm_runner_in_time()
        try:
            while not self._loop.stopped and not self._should_end():
                self._turn()
        except Stopping:
            # While something was being loaded.
            return
        finally:
            # The warm runner comes last: who asked it to stop waits for its end.
            self._services.end_all()
            self._runs.end()
            self._warm_runner.end()

    def _turn(self) -> None:
        self._runs.accept_clients(not self._warm_runner.is_ready and not self._is_full())
        self._loop.turn(self._longest_wait())
        for pid, status in ended_children():
            self._take_end(pid, status)
        self._runs.tick()
        self._services.tick()
        forked = self._control.work()
        if forked and self._warm_runner_due is not None:
            patience = PATIENCE_AFTER_LAST if API_SERVER in forked else PATIENCE_BETWEEN_ORDERS
            self._warm_runner_due = time.monotonic() + patience
        self._start_warm_runner_in_time()

    def _start_warm_runner_in_time(self) -> None:
        is_asked_for = self._runs.last_request != self._served_before
        is_due = self._warm_runner_due is not None and time.monotonic() >= self._warm_runner_due
        if is_asked_for or is_due:
            # Asked for later: it had ended because nobody did for long.
            self._served_before = self._runs.last_request
            self._warm_runner_due = None
            self._warm_runner.start()

    def _longest_wait(self) -> float:
        if self._runs.has_deadlines or self._services.has_deadlines:
            return 0.05
        if self._warm_runner_due is None:
            return TICK
        return min(TICK, max(0.0, self._warm_runner_due - time.monotonic()))

    def _take_end(self, pid: int, status: int) -> None:
        if self._services.take_end(pid, status):
            return
        if not self._warm_runner.take_end(pid, status):
            self._runs.take_end(pid, status)
        elif os.waitstatus_to_exitcode(status) != 0:
            self._warm_runner.start()

    def _serve_cold(self, request, descriptor, note):  # type: ignore[no-untyped-def]
        self._line.prepare_for_runs()
        return serve(self._line, request, descriptor, note, warm=False)

    def _is_full(self) -> bool:
        """The warm runner will serve in a tenth of the time what would keep it from getting ready now."""
        waiting = self._warm_runner
        if waiting.pid is None or time.monotonic() - waiting.started > PATIENCE_SECONDS:
            return False
        return self._runs.clients >= CLIENTS_BESIDE_WARM_RUNNER

    def _should_end(self) -> bool:
        """The warm runner's end by idleness is this one's, unless there is something else to do."""
        is_waited_for = self._warm_runner_due is not None or self._warm_runner.pid is not None
        if is_waited_for or self._runs.clients or self._services.alive:
            self._idle_since = time.monotonic()
            return False
        if not self._warm_runner.is_given_up and not self._services.ever:
            return True
        return not self.is_reachable() or time.monotonic() - self._idle_since > IDLE_SECONDS

    def is_reachable(self) -> bool:
        """False when somebody has deleted the socket, or the project."""
        return self._runs_socket.is_ours() and identity_of_home() == self._home

    def is_busy(self) -> bool:
        """Known in the warm runner as well."""
        return self._services.any_alive()

    def _end_strays(self) -> None:
        """Orphans become children of this process; a task of Airflow 2 leaves its service's group."""
        end_orphans(
            each
            for each in children(os.getpid())
            if not self._belongs_to_others(each) and not self._runs.owns(each)
        )

    def _belongs_to_others(self, pid: int) -> bool:
        return pid == self._warm_runner.pid or self._services.owns(pid)
