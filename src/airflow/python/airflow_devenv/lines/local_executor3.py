"""Airflow 3's LocalExecutor: its workers start when there is something to do, and are heard when it is done.

Where multiprocessing forks, stock Airflow starts all of them with the scheduler, and most of a developer's day
they have nothing to do. Source: airflow 3.3.2 `executors/local_executor.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing import connection
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate

#: Seconds that workers get to take what waits before it counts as too much for them.
PATIENCE = 0.03
TICK = 0.001


def start_workers_on_demand() -> bool:
    """False where it is left out: workers start as that release starts them."""
    return accelerate("workers_on_demand3", _start_on_demand)


def _start_on_demand(patches: GuardedPatches) -> None:
    from airflow.executors.local_executor import LocalExecutor

    def spawning(original: Any) -> Any:
        def spawn_workers(self: Any, most: int) -> None:
            original(self, min(most, _waiting(self)))

        return spawn_workers

    patches.wrap(LocalExecutor, "_spawn_workers_with_gc_freeze", spawning)


def rest_until_result() -> Callable[[float], None]:
    """Sleeps for the given seconds, or until a worker has something to tell: what follows a task starts at once."""
    readers: list[connection.Connection] = []

    def hear(patches: GuardedPatches) -> None:
        from airflow.executors.local_executor import LocalExecutor

        def starting(original: Any) -> Any:
            def start(self: Any) -> None:
                original(self)
                reader = getattr(self.result_queue, "_reader", None)
                if isinstance(reader, connection.Connection):
                    readers.append(reader)

            return start

        patches.wrap(LocalExecutor, "start", starting)

    def rest(seconds: float) -> None:
        if readers:
            connection.wait(readers, seconds)
        else:
            time.sleep(seconds)

    return rest if accelerate("result_rest3", hear) else time.sleep


def _waiting(executor: Any) -> int:
    """How many workloads no worker has taken. Airflow asks after each that it has put into the queue."""
    until = time.monotonic() + PATIENCE
    while (waiting := executor._unread_messages.value) > 0 and executor.workers:
        if time.monotonic() > until:
            break
        time.sleep(TICK)
    return int(waiting)
