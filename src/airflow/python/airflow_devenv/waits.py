"""`DAG.test()` sleeps a second whenever no task can run: also when a skipped task only has to be noted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any

#: Seconds for each pass in a row without a task. States that follow from others are there after one or two.
FIRST_WAITS = (0.0, 0.0, 0.05, 0.1, 0.2, 0.4)
LONGEST_WAIT = 1.0
LOOP_MODULES = ("airflow.models.dag", "airflow.sdk.definitions.dag")


@contextmanager
def short_waits(count_of_tasks: Callable[[], int]) -> Iterator[None]:
    """While it lasts, the loop's own sleeps are short at first. Nobody else's are touched.

    `count_of_tasks`: how many task instances were run so far; the waits begin anew when it has changed.
    """
    sleep = time.sleep
    waits = _Waits(count_of_tasks)

    def wait(seconds: Any, /) -> None:
        sleep(waits.next() if _is_loop(sys._getframe(1)) else seconds)

    time.sleep = wait
    try:
        yield
    finally:
        time.sleep = sleep


class _Waits:
    def __init__(self, count_of_tasks: Callable[[], int]) -> None:
        self._count_of_tasks = count_of_tasks
        self._count = -1
        self._waits: Iterator[float] = iter(())

    def next(self) -> float:
        count = self._count_of_tasks()
        if count != self._count:
            self._count = count
            self._waits = chain(FIRST_WAITS, repeat(LONGEST_WAIT))
        return next(self._waits)


def _is_loop(frame: Any) -> bool:
    return frame.f_code.co_name == "test" and frame.f_globals.get("__name__") in LOOP_MODULES
