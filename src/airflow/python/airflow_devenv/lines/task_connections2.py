"""Airflow 2's tasks keep their engine, and with it one connection at a time.

Airflow gives each task an engine of its own without a pool: a connection to the database for every transaction, and
every statement compiled again. Source: airflow 2.11.2 `cli/commands/task_command.py`, `settings.py`.
"""

from __future__ import annotations

import os
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate


def keep_connections_in_tasks() -> None:
    """In the scheduler, before it starts its workers."""
    accelerate("task_connections2", _keep_connections)


def _keep_connections(patches: GuardedPatches) -> None:
    from airflow import settings
    from airflow.task.task_runner.standard_task_runner import StandardTaskRunner

    def reconfiguring(reconfigure: Any) -> Any:
        def reconfigure_orm(disable_connection_pool: bool = False, pool_class: Any = None) -> None:
            if not disable_connection_pool or pool_class is not None:
                reconfigure(disable_connection_pool=disable_connection_pool, pool_class=pool_class)

        return reconfigure_orm

    def starting(start: Any) -> Any:
        def start_by_fork(self: Any) -> Any:
            # Who only waits for a task needs no connection.
            settings.engine.dispose()
            return start(self)

        return start_by_fork

    patches.wrap(settings, "reconfigure_orm", reconfiguring)
    patches.wrap(StandardTaskRunner, "_start_by_fork", starting)
    # Also for what a task's own code forks: two processes on one connection would take each other's answers.
    os.register_at_fork(after_in_child=forget_connections)


def forget_connections() -> None:
    """They are the parent's, and stay open."""
    from airflow import settings

    engine = settings.engine
    if engine is not None:
        engine.dispose(close=False)
