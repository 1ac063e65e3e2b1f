"""Turns what listeners and the database say into the events of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from airflow_devenv.observer import RunObserver, TaskKey, TaskOutcome, key_of, state_name


class StockWatcher:
    """For the DAG runs of one process, one after the other."""

    def __init__(self, observer: RunObserver) -> None:
        self._observer = observer
        self._dag: Any = None
        self._open: AbstractContextManager[TaskOutcome] | None = None
        self._outcome = TaskOutcome()
        self._key: TaskKey | None = None

    @contextlib.contextmanager
    def watching(self, dag: Any) -> Iterator[None]:
        from airflow_devenv.stock import plugin

        self._dag = dag
        self._observer.dag_run = None
        plugin.watchers[:] = [self]
        try:
            yield
        finally:
            plugin.watchers.clear()
            self._close()

    def finish(self, dag_run: Any) -> None:
        """The run has ended, and all its states are in the database."""
        self._begin_run(dag_run.dag_id, dag_run.run_id)
        self._tell_states()

    def running(self, task_instance: Any) -> None:
        if task_instance.dag_id != self._dag.dag_id:
            return
        self._begin_run(task_instance.dag_id, task_instance.run_id)
        if self._key == key_of(task_instance) and self._outcome.state is None:
            # It goes on after a trigger.
            return
        self._close()
        self._tell_states(leave=key_of(task_instance))
        self._key = key_of(task_instance)
        self._open = self._observer.task(task_instance)
        self._outcome = self._open.__enter__()

    def ended(self, task_instance: Any, state: str, error: Any = None) -> None:
        if self._key != key_of(task_instance):
            return
        self._outcome.error = error if isinstance(error, BaseException) else None
        # A task that is tried again is told as failed as well: the database knows.
        self._outcome.state = state if state == "success" else None
        if state == "success":
            self._close()

    def _close(self) -> None:
        if self._open is None:
            return
        opened, self._open = self._open, None
        if self._outcome.state is None and self._key is not None:
            self._outcome.state = self._states().get(self._key)
        self._key = None
        opened.__exit__(None, None, None)

    def _begin_run(self, dag_id: str, run_id: str) -> None:
        if self._observer.dag_run is not None:
            return
        from airflow.models.dagrun import DagRun

        with _own_session() as session:
            run = session.query(DagRun).filter(DagRun.dag_id == dag_id, DagRun.run_id == run_id).one()
            date = getattr(run, "logical_date", None) or getattr(run, "execution_date", None)
            session.expunge(run)
        self._observer.run_created(run, self._dag.task_dict.values(), date)

    def _tell_states(self, leave: TaskKey | None = None) -> None:
        self._observer.states(each for each in self._instances() if key_of(each) != leave)

    def _states(self) -> dict[TaskKey, str]:
        return {key_of(each): state_name(each.state) for each in self._instances()}

    def _instances(self) -> list[Any]:
        from airflow.models.taskinstance import TaskInstance

        with _own_session() as session:
            found: list[Any] = (
                session.query(TaskInstance)
                .filter(
                    TaskInstance.dag_id == self._observer.dag_id, TaskInstance.run_id == self._observer.run_id
                )
                .all()
            )
            session.expunge_all()
        return found


@contextlib.contextmanager
def _own_session() -> Iterator[Any]:
    """Not that of the run, which Airflow is in the middle of."""
    from airflow import settings
    from sqlalchemy.orm import Session

    with Session(settings.engine) as session:
        yield session
