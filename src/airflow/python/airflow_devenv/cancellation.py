"""How a run is asked to stop. Not by SIGTERM: both Airflow lines put a handler of their own there."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from airflow_devenv.observer import RunObserver

#: Sent by the process that started the run.
CANCEL_SIGNAL = signal.SIGUSR1
#: Sent to the process that watches over a run without the runner: kill it.
FORCE_SIGNAL = signal.SIGUSR2


class RunCancelled(BaseException):
    """Not an Exception, so that neither Airflow's loop nor an author's `except Exception` goes on after it."""


class Cancellation:
    def __init__(self) -> None:
        self.requested = False
        self.observer: RunObserver | None = None

    def install(self) -> None:
        signal.signal(CANCEL_SIGNAL, self._handle)

    def raise_if_requested(self) -> None:
        if self.requested:
            raise RunCancelled

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        if self.requested:
            return
        self.requested = True
        task = getattr(self.observer.current, "task", None) if self.observer else None
        kill_task(task)
        raise RunCancelled


def kill_task(task: Any) -> None:
    if task is None:
        return
    try:
        task.on_kill()
    except Exception:  # noqa: BLE001 - it is the author's code
        # The run must end whatever the author's on_kill does; its traceback goes to the task's log.
        import traceback

        traceback.print_exc()
