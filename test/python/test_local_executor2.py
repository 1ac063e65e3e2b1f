"""What ends the scheduler's rest. Airflow is a stand-in here."""

from __future__ import annotations

import sys
import time
from types import ModuleType
from typing import Any

import pytest

from airflow_devenv.lines.local_executor2 import rest_until_result

#: Far longer than a rest that a worker ends, and never waited for.
LONG = 60.0


def put_in_place(monkeypatch: pytest.MonkeyPatch, worker: type) -> None:
    module: Any = ModuleType("airflow.executors.local_executor")
    module.LocalWorkerBase = worker
    for name in ("airflow", "airflow.executors"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_a_worker_that_has_ended_a_task_ends_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    class Worker:
        def execute_work(self, key: str) -> None:
            done.append(key)

    put_in_place(monkeypatch, Worker)
    rest = rest_until_result()
    Worker().execute_work("first")
    Worker().execute_work("second")
    begun = time.monotonic()
    rest(LONG)
    assert time.monotonic() - begun < LONG
    assert done == ["first", "second"]


def test_a_task_that_ended_before_ends_one_rest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Worker:
        def execute_work(self) -> None:
            raise RuntimeError("the task's process could not be made")

    put_in_place(monkeypatch, Worker)
    rest = rest_until_result()
    with pytest.raises(RuntimeError):
        Worker().execute_work()
    rest(LONG)
    begun = time.monotonic()
    rest(0.01)
    assert time.monotonic() - begun >= 0.01


def test_without_the_private_names_a_rest_is_a_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, object)
    monkeypatch.delattr(sys.modules["airflow.executors.local_executor"], "LocalWorkerBase")
    assert rest_until_result() is time.sleep
