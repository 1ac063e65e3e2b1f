"""Airflow 2's LocalExecutor: one worker waits for the first task, and all are heard when they have ended one.

Stock Airflow starts all its workers with the scheduler, and most of a developer's day they have nothing to do.
Their results come through a manager's process, which cannot be waited for. Source: airflow 2.11.2
`executors/local_executor.py`.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import queue
import select
import time
from collections.abc import Callable
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate

#: More than there ever are workers: one read takes all that has rung.
ALL = 4096
#: Without a task for so long, the first worker warms up. The stack has been told to be healthy by then.
QUIET_SECONDS = 3.0


def before_each_task(work: Callable[[], None]) -> None:
    """In the worker. Where Airflow has other names it is never done."""

    def begin_with_work(patches: GuardedPatches) -> None:
        from airflow.executors.local_executor import LocalWorkerBase

        def executing(original: Any) -> Any:
            def execute_work(self: Any, *arguments: Any, **keywords: Any) -> None:
                work()
                original(self, *arguments, **keywords)

            return execute_work

        patches.wrap(LocalWorkerBase, "execute_work", executing)

    accelerate("seeded_later2", begin_with_work)


def rest_until_result() -> Callable[[float], None]:
    """Sleeps for the given seconds, or until a worker has ended a task: what follows it starts at once."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)

    def ring(patches: GuardedPatches) -> None:
        from airflow.executors.local_executor import LocalWorkerBase

        def executing(original: Any) -> Any:
            def execute_work(self: Any, *arguments: Any, **keywords: Any) -> None:
                try:
                    original(self, *arguments, **keywords)
                finally:
                    with contextlib.suppress(OSError):
                        os.write(writer, b".")

            return execute_work

        patches.wrap(LocalWorkerBase, "execute_work", executing)

    def rest(seconds: float) -> None:
        if select.select([reader], [], [], seconds)[0]:
            os.read(reader, ALL)

    return rest if accelerate("result_rest2", ring) else time.sleep


def start_workers_from_the_first(warm_up: Callable[[], object]) -> None:
    """One worker starts with the scheduler and warms up; when the first task comes, it forks the others.

    Where processes are not forked, workers start as that release starts them.
    """
    if multiprocessing.get_start_method() == "fork":
        accelerate("workers_from_the_first2", functools.partial(_start_from_the_first, warm_up))


def _start_from_the_first(warm_up: Callable[[], object], patches: GuardedPatches) -> None:
    from airflow.executors.local_executor import LocalExecutor, QueuedLocalWorker

    parallelism = LocalExecutor.LimitedParallelism

    class WorkersFromTheFirst(parallelism):  # type: ignore[misc, valid-type]
        is_ending = False

        def start(self) -> None:
            executor = self.executor
            self.queue = executor.manager.Queue()
            # The end is put into the queue once for each of them.
            executor.workers = [self._new_worker() for _ in range(executor.parallelism)]
            executor.workers_used = len(executor.workers)
            self._start_first(warm_up)

        def sync(self) -> None:
            # Killed without a word before it had started the others, it would leave nobody to do anything. Should
            # the warm-up have killed it, the next one does without.
            if not self.is_ending and not self.executor.workers[0].is_alive():
                self._start_first(lambda: None)
            super().sync()

        def end(self) -> None:
            self.is_ending = True
            super().end()

        def _start_first(self, warm_up: Callable[[], object]) -> None:
            first = self._new_worker()
            first.task_queue = QueueOfTheFirst(self.queue, warm_up, self._start_others)
            self.executor.workers[0] = first
            first.start()

        def _start_others(self) -> None:
            for _ in range(self.executor.parallelism - 1):
                self._new_worker().start()

        def _new_worker(self) -> Any:
            worker = QueuedLocalWorker(self.queue, self.executor.result_queue)
            # Who has started it waits for its end: it may be in the middle of a task.
            worker.daemon = False
            return worker

    patches.put(LocalExecutor, "LimitedParallelism", WorkersFromTheFirst)


class QueueOfTheFirst:
    """The workers' queue, as the first of them reads it."""

    def __init__(self, tasks: Any, warm_up: Callable[[], object], start_others: Callable[[], None]) -> None:
        self._tasks = tasks
        self._warm_up = warm_up
        self._start_others: Callable[[], None] | None = start_others

    def get(self) -> Any:
        if self._start_others is None:
            return self._tasks.get()
        work = self._first_task()
        start_others, self._start_others = self._start_others, None
        start_others()
        return work

    def _first_task(self) -> Any:
        with contextlib.suppress(queue.Empty):
            return self._tasks.get(timeout=QUIET_SECONDS)
        self._warm_up()
        return self._tasks.get()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tasks, name)
