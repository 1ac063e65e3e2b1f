"""Waits for descriptors and for the ends of children, in one thread and without polling.

The process that runs this is forked again and again: it knows every descriptor it owns, so that a child can
close them all.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple, Protocol

#: Seconds between two looks at what is urgent, while something slow is done.
INTERRUPTION = 0.1


class Stopping(BaseException):
    """Somebody asked this process to end while it did something slow. Not an error: nobody may catch it."""


class Closable(Protocol):
    def fileno(self) -> int: ...

    def close(self) -> None: ...


class Watch(NamedTuple):
    callback: Callable[[], Any]
    #: Called also while something slow is done. Such a callback must not fork and must not import.
    urgent: bool


class EventLoop:
    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._owned: set[Closable] = set()
        self._wake, self._wake_write = os.pipe()
        for each in (self._wake, self._wake_write):
            os.set_blocking(each, False)
        self._selector.register(self._wake, selectors.EVENT_READ, Watch(self._drain, True))
        #: Somebody asked this process to end.
        self.stopped = False

    def listen_to_signals(self) -> None:
        """SIGTERM sets `stopped`, the end of a child ends a wait."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self.stop())
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def stop(self) -> None:
        self.stopped = True

    def own(self, descriptor: Closable) -> None:
        """It is closed in every process that is forked from here."""
        self._owned.add(descriptor)

    def watch(self, descriptor: Closable, callback: Callable[[], Any], *, urgent: bool = False) -> None:
        self.own(descriptor)
        self._selector.register(descriptor, selectors.EVENT_READ, Watch(callback, urgent))

    def unwatch(self, descriptor: Closable) -> None:
        if self.watches(descriptor):
            self._selector.unregister(descriptor)

    def watches(self, descriptor: Closable) -> bool:
        return descriptor in self._owned and descriptor in self._selector.get_map()

    def close(self, descriptor: Closable) -> None:
        self.unwatch(descriptor)
        self._owned.discard(descriptor)
        descriptor.close()

    def turn(self, seconds: float, *, urgent_only: bool = False) -> None:
        """Waits at most this long for something to happen, and calls what watches it."""
        for key, _ in self._selector.select(seconds):
            # A callback may have closed what another one waits for.
            if self._selector.get_map().get(key.fd) == key and (key.data.urgent or not urgent_only):
                key.data.callback()

    @contextlib.contextmanager
    def interrupting(self, attend: Callable[[], Any]) -> Iterator[None]:
        """Around slow work such as imports: `attend` is called again and again, urgent descriptors are served.

        Raises `Stopping` out of the work when this process is asked to end.
        """

        def interrupt(*_: Any) -> None:
            self.turn(0, urgent_only=True)
            attend()
            if self.stopped:
                raise Stopping

        previous = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, INTERRUPTION, INTERRUPTION)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)

    def leave(self, keep: Collection[int] = ()) -> None:
        """In a new child: closes all that is the parent's, but for these descriptors."""
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGALRM):
            signal.signal(each, signal.SIG_DFL)
        self._selector.close()
        for descriptor in self._owned:
            if descriptor.fileno() not in keep:
                descriptor.close()
        os.close(self._wake)
        os.close(self._wake_write)

    def descriptors(self) -> set[int]:
        """The descriptors that are known here."""
        return {each.fileno() for each in self._owned}

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 512)


def ended_children() -> Iterator[tuple[int, int]]:
    """Pid and wait status of each child that has ended meanwhile."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status
