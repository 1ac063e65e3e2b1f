"""How long the scheduler rests between two looks when there is nothing to do."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate

#: Seconds since the scheduler did something after which it rests longer.
WAKEFUL_SECONDS = 10.0
#: Airflow's own default. A short rest is most of the time between two tasks, and most of the CPU of an idle stack.
LONG_REST = 1.0


class IdleSleep:
    """Stands in the place of the scheduler's setting: as configured while there is work, longer afterwards."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._configured = LONG_REST
        self._last_work = clock()

    def configure(self, seconds: float) -> None:
        self._configured = float(seconds)

    def worked(self, how_much: Any) -> None:
        if how_much:
            self._last_work = self._clock()

    def seconds(self) -> float:
        wakeful = self._clock() - self._last_work < WAKEFUL_SECONDS
        return self._configured if wakeful else max(self._configured, LONG_REST)


class SchedulerTime:
    """The module `time` as the scheduler's own module sees it: its only sleep is the rest between two looks."""

    def __init__(self, rest: Callable[[float], None]) -> None:
        self.sleep = rest

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


def rest_longer_when_idle(rest: Callable[[float], None] = time.sleep) -> None:
    """`rest` takes seconds and may end sooner. Where Airflow has other names the configured time holds always."""
    accelerate("idle_rest", functools.partial(_rest_longer, rest))


def _rest_longer(rest: Callable[[float], None], patches: GuardedPatches) -> None:
    from airflow.jobs import scheduler_job_runner
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    sleep = IdleSleep()
    for name in ("_do_scheduling", "_process_executor_events"):
        patches.wrap(SchedulerJobRunner, name, functools.partial(_counting, sleep))
    SchedulerJobRunner._scheduler_idle_sleep_time = property(
        lambda _self: sleep.seconds(), lambda _self, seconds: sleep.configure(seconds)
    )
    if getattr(scheduler_job_runner, "time", None) is time:
        patches.put(scheduler_job_runner, "time", SchedulerTime(rest))


def _counting(sleep: IdleSleep, original: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*arguments: Any, **keywords: Any) -> Any:
        how_much = original(*arguments, **keywords)
        sleep.worked(how_much)
        return how_much

    return counting
