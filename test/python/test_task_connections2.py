"""Tasks keep their engine. Airflow is a stand-in here, SQLAlchemy too."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.lines import task_connections2


class Engine:
    def __init__(self) -> None:
        self.disposed: list[bool] = []

    def dispose(self, close: bool = True) -> None:
        self.disposed.append(close)


class Runner:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.disposed_before: list[bool] = []

    def _start_by_fork(self) -> str:
        self.disposed_before = list(self.engine.disposed)
        return "process"


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Its module `settings`, with what was asked of it, and what is called in a forked child."""
    runner_module: Any = ModuleType("airflow.task.task_runner.standard_task_runner")
    runner_module.StandardTaskRunner = type("StandardTaskRunner", (Runner,), {})
    package: Any = ModuleType("airflow")
    calls: list[dict[str, Any]] = []
    package.settings = SimpleNamespace(
        engine=Engine(), reconfigure_orm=lambda **keywords: calls.append(keywords)
    )
    for name in ("airflow.task", "airflow.task.task_runner"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "airflow", package)
    monkeypatch.setitem(sys.modules, "airflow.settings", package.settings)
    monkeypatch.setitem(sys.modules, runner_module.__name__, runner_module)
    hooks: list[Callable[[], None]] = []
    monkeypatch.setattr(os, "register_at_fork", lambda *, after_in_child: hooks.append(after_in_child))
    task_connections2.keep_connections_in_tasks()
    return SimpleNamespace(
        settings=package.settings, calls=calls, hooks=hooks, runner=runner_module.StandardTaskRunner
    )


def test_a_task_that_wants_no_pool_keeps_the_engine(airflow: Any) -> None:
    airflow.settings.reconfigure_orm(disable_connection_pool=True)
    assert airflow.calls == []


def test_another_pool_is_made_as_asked(airflow: Any) -> None:
    airflow.settings.reconfigure_orm()
    airflow.settings.reconfigure_orm(disable_connection_pool=True, pool_class=str)
    assert airflow.calls == [
        {"disable_connection_pool": False, "pool_class": None},
        {"disable_connection_pool": True, "pool_class": str},
    ]


def test_who_waits_for_a_task_has_closed_its_connections(airflow: Any) -> None:
    runner = airflow.runner(airflow.settings.engine)
    assert runner._start_by_fork() == "process"
    assert runner.disposed_before == [True]


def test_a_forked_process_leaves_the_connections_of_its_parent_open(airflow: Any) -> None:
    for hook in airflow.hooks:
        hook()
    assert airflow.settings.engine.disposed == [False]
