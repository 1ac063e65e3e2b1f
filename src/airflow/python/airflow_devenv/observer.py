"""Turns what Airflow does during a DAG run into events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_devenv.explanations import explain, place_of
from airflow_devenv.output import OutputCapture, TaskLog
from airflow_devenv.protocol import Emit
from airflow_devenv.tracebacks import describe_error

if TYPE_CHECKING:
    from airflow_devenv.given_values import GivenValues

TaskKey = tuple[str, int]

#: States in which a task instance has not come to its end.
UNFINISHED = frozenset(
    {
        None,
        "scheduled",
        "queued",
        "running",
        "restarting",
        "up_for_retry",
        "up_for_reschedule",
        "deferred",
        "awaiting_input",
    }
)


class RunObserver:
    def __init__(
        self,
        emit: Emit,
        output: OutputCapture,
        *,
        repositories: list[str],
        log_folder: Path,
        note: Callable[..., None],
    ) -> None:
        self._emit = emit
        self._output = output
        self.repositories = repositories
        self._log_folder = log_folder
        #: Tells the process that started this one how far the run is, should this process be killed.
        self._note = note
        self._seen: dict[TaskKey, tuple[str, int]] = {}
        self._durations: dict[TaskKey, float] = {}
        self._body_seconds = 0.0
        self._started = 0.0
        #: The task instance whose code is running now; what a cancellation must kill.
        self.current: Any = None
        #: How many task instances were run, tries and resumptions included.
        self.runs_of_tasks = 0
        #: The task instance whose code ran last.
        self.last_task: TaskKey | None = None
        self.dag_run: Any = None
        self.dag_id = ""
        self.run_id = ""
        #: Tasks without a downstream task: their return values are the run's.
        self.leaves: set[str] = set()
        self.has_mapped_tasks = False
        self._asked: set[TaskKey] = set()
        #: Values that the next DAG run gets from an earlier one.
        self.given: GivenValues | None = None

    def run_created(self, dag_run: Any, tasks: Iterable[Any], logical_date: Any) -> None:
        # Kept as text: after a rollback the row's attributes can't be read any more.
        self.dag_run, self.dag_id, self.run_id = dag_run, dag_run.dag_id, dag_run.run_id
        tasks = [each for each in tasks if not self._is_given(each)]
        self.leaves = {each.task_id for each in tasks if not each.downstream_task_ids}
        self.has_mapped_tasks = any(is_mapped(each) for each in tasks)
        self._seen.clear()
        self._asked.clear()
        self._durations.clear()
        self._body_seconds = 0.0
        self._started = time.perf_counter()
        self._note("run", dag_id=dag_run.dag_id, run_id=dag_run.run_id)
        outline = [
            {"task_id": each.task_id, "operator": operator_name(each), "is_mapped": is_mapped(each)}
            for each in tasks
        ]
        self._output.drain()
        self._emit(
            "run_started",
            dag_id=dag_run.dag_id,
            run_id=dag_run.run_id,
            logical_date=logical_date.isoformat() if logical_date else "",
            tasks=outline,
        )

    def states(self, task_instances: Iterable[Any]) -> None:
        """Reports what changed since it was last called: skips, expansions, states that no task code sees."""
        for each in task_instances:
            if self._is_given(each):
                continue
            self._state(key_of(each), state_name(each.state), each.try_number or 0)

    def has_asked(self, task_instance: Any) -> bool:
        return key_of(task_instance) in self._asked

    def ask(self, task_instance: Any, question: dict[str, Any]) -> None:
        """Tells, once, that the task waits for a person."""
        key = key_of(task_instance)
        self._asked.add(key)
        self._output.drain()
        self._emit("input_needed", task_id=key[0], map_index=key[1], **question)

    def _is_given(self, task: Any) -> bool:
        """Of a task or its instance: it is no part of this run, only its values are."""
        return self.given is not None and task.task_id in self.given.done

    def state(self, task_instance: Any, state: str) -> None:
        self._output.drain()
        self._state(key_of(task_instance), state, task_instance.try_number or 0)

    def _state(self, key: TaskKey, state: str, try_number: int) -> None:
        before = self._seen.get(key, ("none", 0))
        if before[0] == state:
            return
        self._seen[key] = (state, try_number)
        self._emit("task_state", task_id=key[0], map_index=key[1], state=state, try_number=try_number)

    @contextmanager
    def task(self, task_instance: Any) -> Iterator[TaskOutcome]:
        """Round one run of one task instance; its outcome is given by the caller."""
        key = key_of(task_instance)
        try_number = task_instance.try_number or 0
        self._output.enter_task(TaskLog(key[0], key[1], self._log_path(task_instance)))
        self._note("task", task_id=key[0], map_index=key[1], try_number=try_number)
        self._emit("task_started", task_id=key[0], map_index=key[1], try_number=try_number)
        self._seen[key] = ("running", try_number)
        self.current = task_instance
        self.last_task = key
        self.runs_of_tasks += 1
        outcome = TaskOutcome()
        started = time.perf_counter()
        try:
            yield outcome
        finally:
            duration = time.perf_counter() - started
            self.current = None
            self._output.leave_task()
            self._finished(task_instance, try_number, outcome, duration)

    def _finished(self, task_instance: Any, try_number: int, outcome: TaskOutcome, duration: float) -> None:
        key = key_of(task_instance)
        self._durations[key] = self._durations.get(key, 0.0) + duration
        state = outcome.state or "failed"
        self._seen[key] = (state, try_number)
        error = None if outcome.error is None else self._describe(outcome.error, task_instance)
        self._emit(
            "task_finished",
            task_id=key[0],
            map_index=key[1],
            try_number=try_number,
            state=state,
            duration_ms=round(duration * 1000, 1),
            error=error,
        )
        self._note("task_ended")

    def _describe(self, error: BaseException, task_instance: Any) -> dict[str, Any]:
        detail = describe_error(error, self.repositories)
        explanation = explain(error, place_of(task_instance))
        if explanation is None:
            return detail
        # Without a frame of the author's there is nothing to read in the rest.
        return {
            **detail,
            "message": explanation,
            "traceback": detail["traceback"] if "line" in detail else [],
        }

    @contextmanager
    def body(self) -> Iterator[None]:
        """Round the author's own code, so that the rest can be called overhead."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._body_seconds += time.perf_counter() - started

    def run_finished(self, state: str, task_instances: Iterable[Any], message: str | None = None) -> None:
        found = [each for each in task_instances if not self._is_given(each)]
        self.states(found)
        self._emit(
            "run_finished",
            dag_id=self.dag_id,
            run_id=self.run_id,
            state=state,
            duration_ms=round((time.perf_counter() - self._started) * 1000, 1),
            task_ms=round(self._body_seconds * 1000, 1),
            tasks=[self._summary(each) for each in sorted(found, key=key_of)],
            message=message,
        )

    def _summary(self, task_instance: Any) -> dict[str, Any]:
        key = key_of(task_instance)
        return {
            "task_id": key[0],
            "map_index": key[1],
            "state": state_name(task_instance.state),
            "try_number": task_instance.try_number or 0,
            "duration_ms": round(self._durations.get(key, 0.0) * 1000, 1),
        }

    def _log_path(self, task_instance: Any) -> Path:
        # Airflow's own default `log_filename_template` on both lines: there the UI looks.
        folder = (
            self._log_folder
            / f"dag_id={task_instance.dag_id}"
            / f"run_id={task_instance.run_id}"
            / f"task_id={task_instance.task_id}"
        )
        if task_instance.map_index >= 0:
            folder /= f"map_index={task_instance.map_index}"
        return folder / f"attempt={task_instance.try_number}.log"


class TaskOutcome:
    """Filled in by the line's own task loop."""

    def __init__(self) -> None:
        self.state: str | None = None
        self.error: BaseException | None = None


def state_name(state: Any) -> str:
    """`success`, whether Airflow gives its enumeration or its text."""
    return str(getattr(state, "value", state) or "none")


def key_of(task_instance: Any) -> TaskKey:
    return task_instance.task_id, task_instance.map_index


def operator_name(task: Any) -> str:
    return str(getattr(task, "operator_name", None) or getattr(task, "task_type", "") or type(task).__name__)


def partial_arguments(task: Any) -> dict[str, Any] | None:
    """The arguments that all instances of a mapped task share; None for any other task. A live dictionary."""
    # `is_mapped` would say it on Airflow 3 only.
    return getattr(task, "partial_kwargs", None)


def is_mapped(task: Any) -> bool:
    if partial_arguments(task) is not None:
        return True
    iterate = getattr(task, "iter_mapped_task_groups", None)
    return bool(iterate and next(iter(iterate()), None) is not None)
