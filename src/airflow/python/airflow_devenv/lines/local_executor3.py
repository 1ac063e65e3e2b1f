"""Airflow 3's LocalExecutor: its workers start when there is something to do, and are heard when it is done.

Where multiprocessing forks, stock Airflow starts all of them with the scheduler, and most of a developer's day
they have nothing to do. Source: airflow 3.3.2 `executors/local_executor.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing import connection
from typing import Any

#: Seconds that workers get to take what waits before it counts as too much for them.
PATIENCE = 0.03
TICK = 0.001


def start_workers_on_demand() -> bool:
    """False where the private name is missing: workers start as that release starts them."""
    try:
        from airflow.executors.local_executor import LocalExecutor

        original = LocalExecutor._spawn_workers_with_gc_freeze
    except (ImportError, AttributeError):
        return False

    def spawn_workers(self: Any, most: int) -> None:
        original(self, min(most, _waiting(self)))

    LocalExecutor._spawn_workers_with_gc_freeze = spawn_workers
    return True


def rest_until_result() -> Callable[[float], None]:
    """Sleeps for the given seconds, or until a worker has something to tell: what follows a task starts at once."""
    try:
        from airflow.executors.local_executor import LocalExecutor

        original = LocalExecutor.start
    except (ImportError, AttributeError):
        return time.sleep
    readers: list[connection.Connection] = []

    def start(self: Any) -> None:
        original(self)
        reader = getattr(self.result_queue, "_reader", None)
        if isinstance(reader, connection.Connection):
            readers.append(reader)

    def rest(seconds: float) -> None:
        if readers:
            connection.wait(readers, seconds)
        else:
            time.sleep(seconds)

    LocalExecutor.start = start
    return rest


def _waiting(executor: Any) -> int:
    """How many workloads no worker has taken. Airflow asks after each that it has put into the queue."""
    until = time.monotonic() + PATIENCE
    while (waiting := executor._unread_messages.value) > 0 and executor.workers:
        if time.monotonic() > until:
            break
        time.sleep(TICK)
    return int(waiting)
