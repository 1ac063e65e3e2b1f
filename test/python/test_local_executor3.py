"""How many workers are started for what waits, and what ends a rest. Airflow is a stand-in here."""

from __future__ import annotations

import sys
import time
from multiprocessing import SimpleQueue
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.lines.local_executor3 import rest_until_result, start_workers_on_demand


class LocalExecutor:
    def __init__(self, waiting: int, workers: int) -> None:
        self._unread_messages = SimpleNamespace(value=waiting)
        self.workers = dict.fromkeys(range(workers))
        self.started = 0

    def _spawn_workers_with_gc_freeze(self, number: int) -> None:
        self.started = number


def put_in_place(monkeypatch: pytest.MonkeyPatch, executor: type) -> None:
    module: Any = ModuleType("airflow.executors.local_executor")
    module.LocalExecutor = executor
    for name in ("airflow", "airflow.executors"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)


def install(monkeypatch: pytest.MonkeyPatch, executor: type) -> bool:
    put_in_place(monkeypatch, executor)
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


#: Far longer than a rest that a result ends, and never waited for.
LONG = 60.0


def test_a_result_of_a_worker_ends_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    class Executor:
        def start(self) -> None:
            self.result_queue: SimpleQueue[str] = SimpleQueue()

    put_in_place(monkeypatch, Executor)
    rest = rest_until_result()
    executor = Executor()
    executor.start()
    executor.result_queue.put("a task that has ended")
    begun = time.monotonic()
    rest(LONG)
    assert time.monotonic() - begun < LONG


def test_without_the_private_names_a_rest_is_a_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, object)
    assert rest_until_result() is time.sleep
