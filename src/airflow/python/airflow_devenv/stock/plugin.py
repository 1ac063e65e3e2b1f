"""A plugin of Airflow with a listener, found by its entry point: what a run tells without any patch.

Source of the hooks: https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/listeners.html
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Any, Protocol

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


class Watcher(Protocol):
    def running(self, task_instance: Any) -> None: ...

    def ended(self, task_instance: Any, state: str, error: Any = None) -> None: ...


#: Whoever is told; nobody in a process that is no stock run.
watchers: list[Watcher] = []


@hookimpl
def on_task_instance_running(previous_state: Any, task_instance: Any) -> None:
    for each in watchers:
        each.running(task_instance)


@hookimpl
def on_task_instance_success(previous_state: Any, task_instance: Any) -> None:
    for each in watchers:
        each.ended(task_instance, "success")


def _failed(previous_state: Any, task_instance: Any, error: Any) -> None:
    for each in watchers:
        each.ended(task_instance, "failed", error)


def _failed_without_error(previous_state: Any, task_instance: Any) -> None:
    for each in watchers:
        each.ended(task_instance, "failed")


def _knows_errors() -> bool:
    """Since 2.10."""
    return [int(each) for each in version("apache-airflow").split(".")[:2]] >= [2, 10]


on_task_instance_failed = hookimpl(specname="on_task_instance_failed")(
    _failed if _knows_errors() else _failed_without_error
)


class StockPlugin(AirflowPlugin):
    name = "airflow_devenv_stock"
    listeners = [sys.modules[__name__]]  # noqa: RUF012 - Airflow wants a list of the class
