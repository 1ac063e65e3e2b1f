"""Airflow 2 looks for the last successful DAG run before this one twice for each task, and for the task in it.

The `context` of all tasks of a test run is about the same one here: what was the last when its first task began.
Source: airflow 2.11.2 `models/taskinstance.py`, `_get_template_context`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches


@dataclass(frozen=True)
class PreviousRun:
    #: In no session, so that none reads it again.
    dag_run: Any
    #: Its tasks that are not mapped.
    task_ids: frozenset[str]


class PreviousRuns:
    def __init__(self, dag_run_class: Any, task_instance_class: Any) -> None:
        self._find = dag_run_class.get_previous_dagrun
        self._task_instance_class = task_instance_class
        self._known: dict[tuple[str, str, Any], PreviousRun | None] = {}

    def find(self, dag_run: Any, state: Any, session: Any) -> PreviousRun | None:
        """What `DagRun.get_previous_dagrun` finds."""
        # Not by the row's number: the warm-up, which this process was forked after, had another database.
        key = (dag_run.dag_id, dag_run.run_id, state)
        if key not in self._known:
            self._known[key] = self._look_up(dag_run, state, session)
        return self._known[key]

    def _look_up(self, dag_run: Any, state: Any, session: Any) -> PreviousRun | None:
        from sqlalchemy import inspect

        others = set(session.identity_map.keys())
        found = self._find(dag_run=dag_run, state=state, session=session)
        if found is None:
            return None
        columns = self._task_instance_class
        rows = session.query(columns.task_id).filter(
            columns.dag_id == found.dag_id, columns.run_id == found.run_id, columns.map_index == -1
        )
        task_ids = frozenset(row[0] for row in rows)
        # One that was there before is somebody else's.
        if inspect(found).key not in others:
            session.expunge(found)
        return PreviousRun(found, task_ids)


def find_previous_runs_once(patches: GuardedPatches) -> None:
    """Only for a process that does nothing but test runs, and only for the context: what the task's own code asks
    for is looked up."""
    import airflow.models.taskinstance as module
    from airflow.models.dagrun import DagRun

    previous = PreviousRuns(DagRun, module.TaskInstance)
    making = False

    def making_context(make_context: Any) -> Any:
        def get_template_context(**keywords: Any) -> Any:
            nonlocal making
            making = True
            try:
                return make_context(**keywords)
            finally:
                making = False

        return get_template_context

    def finding_run(find_run: Any) -> Any:
        def get_previous_dagrun(dag_run: Any, state: Any = None, session: Any = None) -> Any:
            if making and session is not None and state is not None:
                found = previous.find(dag_run, state, session)
                return None if found is None else found.dag_run
            given = {} if session is None else {"session": session}
            return find_run(dag_run=dag_run, state=state, **given)

        return get_previous_dagrun

    def finding_date(find_date: Any) -> Any:
        def get_previous_execution_date(*, task_instance: Any, state: Any, session: Any) -> Any:
            if not making or state is None:
                return find_date(task_instance=task_instance, state=state, session=session)
            import pendulum

            dag_run = task_instance.get_dagrun(session=session)
            found = previous.find(dag_run, state, session)
            if found is None or task_instance.task_id not in found.task_ids:
                return None
            return pendulum.instance(found.dag_run.execution_date)

        return get_previous_execution_date

    patches.wrap(module, "_get_template_context", making_context)
    patches.wrap(module, "_get_previous_execution_date", finding_date)
    patches.wrap(DagRun, "get_previous_dagrun", finding_run)
