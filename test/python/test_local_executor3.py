"""How many workers are started for what waits. Airflow is a stand-in here."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.lines.local_executor3 import start_workers_on_demand


class LocalExecutor:
    def __init__(self, waiting: int, workers: int) -> None:
        self._unread_messages = SimpleNamespace(value=waiting)
        self.workers = dict.fromkeys(range(workers))
        self.started = 0

    def _spawn_workers_with_gc_freeze(self, number: int) -> None:
        self.started = number


def install(monkeypatch: pytest.MonkeyPatch, executor: type) -> bool:
    module: Any = ModuleType("airflow.executors.local_executor")
    module.LocalExecutor = executor
    for name in ("airflow", "airflow.executors"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return start_workers_on_demand()


@pytest.mark.parametrize(
    ("waiting", "workers", "most", "started"),
    [(0, 0, 4, 0), (1, 0, 4, 1), (9, 0, 4, 4), (2, 2, 2, 2), (0, 1, 3, 0)],
)
def test_one_is_started_for_each_workload_that_nobody_has_taken(
    monkeypatch: pytest.MonkeyPatch, waiting: int, workers: int, most: int, started: int
) -> None:
    executor = type("LocalExecutor", (LocalExecutor,), dict(vars(LocalExecutor)))
    assert install(monkeypatch, executor)
    found = executor(waiting, workers)
    found._spawn_workers_with_gc_freeze(most)
    assert found.started == started


def test_without_the_private_name_workers_start_as_airflow_starts_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not install(monkeypatch, object)
