"""The services that are forked from this process: started, reaped, and ended with all that they have started."""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow_devenv.event_loop import EventLoop
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.lines.services import SCHEDULER
from airflow_devenv.service import become_service
from airflow_devenv.service_environment import loading_environment
from airflow_devenv.service_request import ServiceRequest

#: Seconds between SIGTERM and SIGKILL.
END_GRACE = 1.0


@dataclass(eq=False)
class ServiceProcess:
    """The process leads a process group of its own, and everything it starts is in it."""

    name: str
    pid: int
    #: Whom it was forked for: it ends with them.
    owner: object
    on_exit: Callable[[ServiceProcess], Any]
    #: Wait status; the rest of the group may still be there.
    status: int | None = None
    #: Monotonic seconds.
    kill_at: float | None = None

    def ending(self) -> tuple[int | None, str | None]:
        """Exit code and name of the signal; one of them is None."""
        code = os.waitstatus_to_exitcode(self.status or 0)
        return (code, None) if code >= 0 else (None, signal.Signals(-code).name)

    def signal_group(self, number: int) -> bool:
        """Whether there is still something in the group."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:
            # Something in it changed its user; what could be signalled has been.
            return True
        return True

    def end(self) -> None:
        if self.kill_at is None:
            self.kill_at = time.monotonic() + END_GRACE
            # It ends what it has started in its own order; a signal to all of them makes it stumble.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)


class ServiceProcesses:
    def __init__(self, loop: EventLoop, line: AirflowLine, end_strays: Callable[[], Any]) -> None:
        self._loop = loop
        #: Ends what has left the process group of a service that is gone.
        self._end_strays = end_strays
        self._line = line
        self._adapter = line.services()
        self._by_pid: dict[int, ServiceProcess] = {}
        self._inherited = _sockets()
        # Shared with children: the warm runner has to know whether it may end everything.
        self._shared = mmap.mmap(-1, 1)
        #: Whether there has been one.
        self.ever = False

    @property
    def alive(self) -> list[ServiceProcess]:
        return list(self._by_pid.values())

    @property
    def has_deadlines(self) -> bool:
        return any(each.kill_at is not None or each.status is not None for each in self.alive)

    def any_alive(self) -> bool:
        """True in every process that was forked from here, too."""
        return self._shared[0] != 0

    def owns(self, pid: int) -> bool:
        """Whether it is a service or in the process group of one."""
        try:
            return pid in self._by_pid or os.getpgid(pid) in self._by_pid
        except ProcessLookupError:
            return False

    def load(self, request: ServiceRequest) -> None:
        """Imports what the service needs; later forks find it there. Raises what an import may raise."""
        if request.service not in self._adapter.names:
            raise ValueError(f"there is no service {request.service}")
        if self._adapter.has_loaded(request.service):
            return
        # A million new objects, none of them garbage: looking at them again and again is a tenth of the time.
        gc.disable()
        before = _open_files()
        try:
            with loading_environment(request):
                self._adapter.load(request.service)
        finally:
            gc.enable()
        if _open_files() - before:
            self._line.quiet()
        gc.freeze()

    def fork(
        self, request: ServiceRequest, owner: object, on_exit: Callable[[ServiceProcess], Any]
    ) -> ServiceProcess:
        """Raises RuntimeError where this process may not be forked."""
        self._check_forkable()
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        # Until the child has left our handler behind it would swallow the signal.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                self._loop.leave()
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
                self._shared.close()
                # The executor does it, and every later collection would copy the pages it looks at.
                gc.unfreeze = _leave_frozen
                code = become_service(request, parent, lambda: self._line)
            finally:
                os._exit(code)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _lead_group(pid)
        process = ServiceProcess(request.service, pid, owner, on_exit)
        self._by_pid[pid] = process
        self.ever = True
        self._shared[0] = 1
        return process

    def _check_forkable(self) -> None:
        """A child would wait for ever for a lock of a thread it does not have, and share what is not its own."""
        threads = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1
        if threads > 1:
            raise RuntimeError(f"the preloaded process has {threads} threads")
        foreign = _sockets() - self._inherited - self._loop.descriptors()
        if foreign:
            self._line.quiet()
            foreign = _sockets() - self._inherited - self._loop.descriptors()
        if foreign:
            raise RuntimeError(f"the preloaded process has {len(foreign)} connections that are not its own")

    def take_end(self, pid: int, status: int) -> bool:
        """True: it was a service. The rest of its group is killed."""
        process = self._by_pid.get(pid)
        if process is None:
            return False
        process.status = status
        process.signal_group(signal.SIGKILL)
        return True

    def attend(self) -> None:
        """As `tick`, where nobody else looks for children that have ended."""
        for process in self.alive:
            if process.status is None:
                pid, status = os.waitpid(process.pid, os.WNOHANG)
                if pid:
                    self.take_end(pid, status)
        self.tick()

    def tick(self) -> None:
        now = time.monotonic()
        for process in self.alive:
            if process.status is not None:
                if not self._is_gone(process):
                    continue
                del self._by_pid[process.pid]
                self._shared[0] = min(len(self._by_pid), 1)
                self._end_strays()
                process.on_exit(process)
            elif process.kill_at is not None and now > process.kill_at:
                process.signal_group(signal.SIGKILL)

    def _is_gone(self, process: ServiceProcess) -> bool:
        """What is left of a group becomes a child of this process, and a zombie until it is waited for."""
        try:
            while os.waitpid(-process.pid, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        return not process.signal_group(signal.SIGKILL)

    def kill_of(self, owner: object) -> None:
        """All at once, the scheduler first, when nobody has them any more.

        A task that ended in a moment of grace would find no API server to tell, and be done once more later.
        """
        for process in sorted(self.alive, key=lambda each: each.name != SCHEDULER):
            if process.owner is owner:
                process.kill_at = time.monotonic()
                process.signal_group(signal.SIGKILL)

    def end_all(self) -> None:
        """Returns when nothing is left of any service."""
        for process in self.alive:
            process.end()
        while self._by_pid:
            self.attend()
            time.sleep(0.01)


def _leave_frozen() -> None: ...


def _lead_group(pid: int) -> None:
    """The child does it as well; who comes first does not matter, but a signal to the group must find it."""
    try:
        os.setpgid(pid, pid)
    except OSError:
        return


def _sockets() -> set[int]:
    """Descriptors of this process that are sockets."""
    return {descriptor for descriptor, target in _open_files() if target.startswith("socket:")}


def _open_files() -> set[tuple[int, str]]:
    """Descriptors of this process and what they lead to. None are known elsewhere than on Linux."""
    found: set[tuple[int, str]] = set()
    if sys.platform != "linux":
        return found
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add((int(name), os.readlink(f"/proc/self/fd/{name}")))
        except OSError:
            # The one that the listing itself was read from.
            continue
    return found
