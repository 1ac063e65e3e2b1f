"""`DAG.test()` sleeps a second whenever no task can run: also when a skipped task only has to be noted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import Any

#: Seconds for each pass in a row without a task. States that follow from others are there after one or two.
FIRST_WAITS = (0.0, 0.0, 0.05, 0.1, 0.2, 0.4)
LONGEST_WAIT = 1.0
FINISHED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


class LoopWaits:
    """Replaces the one sleep that the loop is about to do, and no other."""

    def __init__(self, is_task_running: Callable[[], bool]) -> None:
        self._is_task_running = is_task_running
        self._sleep = time.sleep
        self._done = (-1, -1)
        self._waits: Iterator[float] = iter(())

    def expect(self, states: Iterable[str], count_of_tasks: int) -> None:
        """Called with the states that the loop goes by, when it reads them: it sleeps when none is scheduled.

        `count_of_tasks`: how many task instances were run so far. The waits begin anew when it has changed, and
        when more of them have come to their end: a failure goes down a chain one task each pass.
        """
        self.forget()
        states = list(states)
        unfinished = [each for each in states if each not in FINISHED]
        if not unfinished or "scheduled" in unfinished:
            return
        done = (count_of_tasks, len(states) - len(unfinished))
        if done != self._done:
            self._done = done
            self._waits = chain(FIRST_WAITS, repeat(LONGEST_WAIT))

        owner = threading.get_ident()

        def sleep_once(seconds: Any, /) -> None:
            if threading.get_ident() != owner or self._is_task_running():
                # The author's code: it sleeps as long as it wants to.
                self._sleep(seconds)
                return
            self.forget()
            time.sleep(next(self._waits))

        time.sleep = sleep_once

    def forget(self) -> None:
        time.sleep = self._sleep
