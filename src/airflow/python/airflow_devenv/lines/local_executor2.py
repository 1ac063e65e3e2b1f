"""Airflow 2's LocalExecutor, whose workers are heard when they have ended a task.

Their results come through a manager's process, which cannot be waited for. Source: airflow 2.11.2
`executors/local_executor.py`.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable
from typing import Any

#: More than there ever are workers: one read takes all that has rung.
ALL = 4096


def before_each_task(work: Callable[[], None]) -> None:
    """In the worker. Where Airflow has other names it is never done."""
    try:
        from airflow.executors.local_executor import LocalWorkerBase

        original = LocalWorkerBase.execute_work
    except (ImportError, AttributeError):
        return

    def execute_work(self: Any, *arguments: Any, **keywords: Any) -> None:
        work()
        original(self, *arguments, **keywords)

    LocalWorkerBase.execute_work = execute_work


def rest_until_result() -> Callable[[float], None]:
    """Sleeps for the given seconds, or until a worker has ended a task: what follows it starts at once."""
    try:
        from airflow.executors.local_executor import LocalWorkerBase

        original = LocalWorkerBase.execute_work
    except (ImportError, AttributeError):
        return time.sleep
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)

    def execute_work(self: Any, *arguments: Any, **keywords: Any) -> None:
        try:
            original(self, *arguments, **keywords)
        finally:
            with contextlib.suppress(OSError):
                os.write(writer, b".")

    def rest(seconds: float) -> None:
        if select.select([reader], [], [], seconds)[0]:
            os.read(reader, ALL)

    LocalWorkerBase.execute_work = execute_work
    return rest
