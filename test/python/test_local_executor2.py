"""What ends the scheduler's rest, and when workers start. Airflow is a stand-in here, processes are real."""

from __future__ import annotations

import multiprocessing
import os
import queue
import sys
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.lines import local_executor2
from airflow_devenv.lines.local_executor2 import (
    QueueOfTheFirst,
    rest_until_result,
    start_workers_from_the_first,
)

#: Far longer than a rest that a worker ends, and never waited for.
LONG = 60.0
#: For what comes in an instant, or never.
PATIENCE = 30.0

forks = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork",
    reason="workers are forked, or Airflow starts them its own way",
)


def put_in_place(monkeypatch: pytest.MonkeyPatch, **names: type) -> None:
    """Airflow's module, with only these names in it."""
    module: Any = ModuleType("airflow.executors.local_executor")
    vars(module).update(names)
    runner: Any = ModuleType("airflow.task.task_runner.standard_task_runner")
    runner.StandardTaskRunner = object
    for name in ("airflow", "airflow.executors", "airflow.task", "airflow.task.task_runner"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    for each in (module, runner):
        monkeypatch.setitem(sys.modules, each.__name__, each)


def test_a_worker_that_has_ended_a_task_ends_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    class Worker:
        def execute_work(self, key: str) -> None:
            done.append(key)

    put_in_place(monkeypatch, LocalWorkerBase=Worker)
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

    put_in_place(monkeypatch, LocalWorkerBase=Worker)
    rest = rest_until_result()
    with pytest.raises(RuntimeError):
        Worker().execute_work()
    rest(LONG)
    begun = time.monotonic()
    rest(0.01)
    assert time.monotonic() - begun >= 0.01


def test_without_the_private_names_a_rest_is_a_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch)
    assert rest_until_result() is time.sleep


class Calls:
    def __init__(self) -> None:
        self.made: list[str] = []

    def named(self, name: str) -> Any:
        return lambda: self.made.append(name)


def test_without_a_task_the_first_worker_warms_up_and_starts_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_executor2, "QUIET_SECONDS", 0.01)
    tasks: queue.Queue[str] = queue.Queue()
    calls = Calls()

    def warm_up() -> None:
        calls.made.append("warm-up")
        tasks.put("task")

    first = QueueOfTheFirst(tasks, warm_up, calls.named("others"))
    assert first.get() == "task"
    assert calls.made == ["warm-up", "others"]


def test_a_task_that_comes_at_once_waits_for_no_warm_up() -> None:
    tasks: queue.Queue[str] = queue.Queue()
    tasks.put("one")
    tasks.put("two")
    calls = Calls()
    first = QueueOfTheFirst(tasks, calls.named("warm-up"), calls.named("others"))
    assert [first.get(), first.get()] == ["one", "two"]
    assert calls.made == ["others"]


def test_the_rest_of_the_queue_is_as_it_was() -> None:
    tasks: queue.Queue[str] = queue.Queue()
    tasks.put("one")
    first = QueueOfTheFirst(tasks, lambda: None, lambda: None)
    first.get()
    first.task_done()
    tasks.join()


class Worker(multiprocessing.Process):
    def __init__(self, tasks: Any, results: Any) -> None:
        super().__init__(target=self.do_work)
        self.daemon = True
        self.task_queue = tasks
        self.results = results

    def do_work(self) -> None:
        while True:
            task = self.task_queue.get()
            try:
                if task is None:
                    return
                self.results.put((task, os.getpid()))
            finally:
                self.task_queue.task_done()


@forks
def test_workers_start_with_the_first_task_and_each_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = _started(monkeypatch, parallelism=3)
    with executor.manager:
        assert len(multiprocessing.active_children()) == 2, "the manager and the first worker"
        _does_a_task(executor)
        _ends(executor)


@forks
def test_workers_that_never_had_a_task_are_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = _started(monkeypatch, parallelism=3)
    with executor.manager:
        _ends(executor)


@forks
def test_a_first_worker_that_was_killed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = _started(monkeypatch, parallelism=2)
    with executor.manager:
        killed = executor.workers[0]
        killed.kill()
        killed.join(PATIENCE)
        executor.impl.sync()
        _does_a_task(executor)
        _ends(executor)


@forks
def test_a_warm_up_that_kills_the_worker_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_executor2, "QUIET_SECONDS", 0.01)
    executor = _started(monkeypatch, parallelism=2, warm_up=lambda: os._exit(3))
    with executor.manager:
        executor.workers[0].join(PATIENCE)
        assert executor.workers[0].exitcode == 3
        executor.impl.sync()
        _does_a_task(executor)
        _ends(executor)


def _started(
    monkeypatch: pytest.MonkeyPatch, parallelism: int, warm_up: Callable[[], object] = lambda: None
) -> Any:
    class LimitedParallelism:
        queue: Any

        def __init__(self, executor: Any) -> None:
            self.executor = executor

        def start(self) -> None:
            raise AssertionError("it has been replaced")

        def sync(self) -> None: ...

        def end(self) -> None:
            for _ in self.executor.workers:
                self.queue.put(None)
            self.queue.join()
            self.executor.impl.sync()

    local_executor: Any = type("LocalExecutor", (), {"LimitedParallelism": LimitedParallelism})
    put_in_place(monkeypatch, LocalExecutor=local_executor, QueuedLocalWorker=Worker)
    start_workers_from_the_first(warm_up)
    manager = multiprocessing.Manager()
    executor = SimpleNamespace(
        manager=manager, result_queue=manager.Queue(), parallelism=parallelism, workers=[]
    )
    executor.impl = local_executor.LimitedParallelism(executor)
    executor.impl.start()
    return executor


def _does_a_task(executor: Any) -> None:
    executor.impl.queue.put("task")
    assert executor.result_queue.get(timeout=PATIENCE)[0] == "task"


def _ends(executor: Any) -> None:
    executor.impl.end()
    executor.impl.sync()
    executor.workers[0].join(PATIENCE)
    assert executor.workers[0].exitcode == 0, "it has ended, and is not replaced"


def test_where_names_differ_nothing_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    local_executor = type("LocalExecutor", (), {})
    put_in_place(monkeypatch, LocalExecutor=local_executor)
    start_workers_from_the_first(lambda: None)
    assert not hasattr(local_executor, "LimitedParallelism")
