"""Queries and patches that are the same words on both lines: the metadata models kept their names."""

from __future__ import annotations

from typing import Any

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.contract.accelerators import GuardedPatches, accelerate, may_use
from airflow_devenv.lines.patches import Patches
from airflow_devenv.observer import UNFINISHED, RunObserver, TaskKey, key_of, partial_arguments, state_name
from airflow_devenv.waits import LoopWaits

UNFINISHED_RUNNING = ("running", "queued", "restarting", "deferred", "up_for_reschedule", "awaiting_input")
UNFINISHED_WAITING = ("scheduled", "up_for_retry")


def observe_dag_run(observer: RunObserver, cancellation: Cancellation, patches: Patches) -> None:
    """`DAG.test` asks for all task instances once a pass: the one place where every change can be seen."""
    from airflow.models.dagrun import DagRun

    original = DagRun.get_task_instances
    waits = LoopWaits(lambda: observer.current is not None) if may_use("short_waits") else None
    fetched: list[Any] = []

    def get_task_instances(self: Any, *arguments: Any, **keywords: Any) -> Any:
        # `update_state` asks with every state; `DAG.test` asks again in the same pass, without any. The rows are
        # the same objects of one session, changed by nobody else; only expansion adds some.
        everything = not arguments and "state" not in keywords
        if everything and fetched and not observer.has_mapped_tasks:
            found = fetched.copy()
        else:
            found = original(self, *arguments, **keywords)
        fetched[:] = [] if everything or not may_use("rows_of_a_pass") else found
        if observer.dag_run is not None and self.run_id == observer.run_id and self.dag_id == observer.dag_id:
            observer.states(found)
            cancellation.raise_if_requested()
            parked = [each for each in found if state_name(each.state) == "awaiting_input"]
            if parked:
                # The file is of a line that knows the state.
                from airflow_devenv.lines.questions3 import attend_questions

                attend_questions(observer, parked)
            if waits is not None and observer.current is None:
                waits.expect((state_name(each.state) for each in found), observer.runs_of_tasks)
        return found

    patches.put(DagRun, "get_task_instances", get_task_instances)
    accelerate("states_in_memory", _compare_states_in_memory, patches)


def _compare_states_in_memory(patches: GuardedPatches) -> None:
    """Each pass asks for the waiting task instances once more, to see whether the dependency checks changed one.
    The rows are the same objects of one session again: their states are at hand."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance

    checking = False

    def finding(find_ready: Any) -> Any:
        def get_ready(self: Any, schedulable_tis: Any, finished_tis: Any, session: Any) -> Any:
            nonlocal checking
            before = [(each, each.state) for each in schedulable_tis]
            checking = True
            try:
                ready, changed, expanded = find_ready(self, schedulable_tis, finished_tis, session=session)
            finally:
                checking = False
            changed = changed or any(each.state != state for each, state in before)
            return ready, changed, expanded

        return get_ready

    def filtering(build_filter: Any) -> Any:
        def filter_for_tis(tis: Any) -> Any:
            return None if checking else build_filter(tis)

        return filter_for_tis

    patches.wrap(DagRun, "_get_ready_tis", finding)
    patches.wrap(TaskInstance, "filter_for_tis", filtering)


def give_values(observer: RunObserver, dag_run: Any, session: Any) -> None:
    """To a DAG run that has just been made, what the observer has for it."""
    if observer.given is None:
        return
    from airflow_devenv.lines.earlier_values import give_values

    give_values(dag_run, observer.given, session)


def fail_run(dag_id: str, run_id: str, running: TaskKey | None = None) -> bool:
    """Running task instances become failed, waiting ones skipped, as Airflow does for a run marked failed."""
    from datetime import datetime, timezone

    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        run = (
            session.query(DagRun)
            .filter(DagRun.dag_id == dag_id, DagRun.run_id == run_id, DagRun.state == "running")
            .one_or_none()
        )
        if run is None:
            return False
        now = datetime.now(timezone.utc)
        instances = (
            session.query(TaskInstance)
            .filter(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id)
            .all()
        )
        for each in instances:
            was_running = key_of(each) == running and state_name(each.state) in UNFINISHED
            if was_running or each.state in UNFINISHED_RUNNING:
                each.state = "failed"
                each.end_date = now
            elif each.state in UNFINISHED_WAITING:
                each.state = "skipped"
                each.end_date = now
        run._state = "failed"
        run.end_date = now
    return True


def existing_run(dag_id: str, date_column: str, logical_date: Any) -> str | None:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        row = (
            session.query(DagRun.run_id)
            .filter(DagRun.dag_id == dag_id, getattr(DagRun, date_column) == logical_date)
            .first()
        )
    return str(row[0]) if row else None


def dag_file(dag_id: str) -> str | None:
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session

    with create_session() as session:
        row = session.query(DagModel.fileloc).filter(DagModel.dag_id == dag_id).first()
    return str(row[0]) if row and row[0] else None


def task_instances(dag_run: Any) -> list[Any]:
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        found: list[Any] = (
            session.query(TaskInstance)
            .filter(TaskInstance.dag_id == dag_run.dag_id, TaskInstance.run_id == dag_run.run_id)
            .all()
        )
        session.expunge_all()
    return found


def dag_run_state(dag_run: Any) -> str:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        row = (
            session.query(DagRun._state)
            .filter(DagRun.dag_id == dag_run.dag_id, DagRun.run_id == dag_run.run_id)
            .first()
        )
    return str(row[0]) if row else "failed"


def set_retries(dag: Any, retries: int) -> None:
    """Retries happen at once: a person waits, and the delays of production are minutes."""
    from datetime import timedelta

    for task in dag.task_dict.values():
        targets = partial_arguments(task)
        values = {"retries": retries, "retry_delay": timedelta(0), "retry_exponential_backoff": False}
        for name, value in values.items():
            if targets is not None:
                targets[name] = value
            else:
                setattr(task, name, value)


def missing_pools(names: list[str]) -> set[str]:
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session

    with create_session() as session:
        found = {str(row[0]) for row in session.query(Pool.pool).filter(Pool.pool.in_(names))}
    return set(names) - found


def close_connections() -> None:
    """Every connection of this process, also those which no engine reaches any more.

    Airflow 2.11's web application leaves two behind; a child that shared one would corrupt the other's
    stream. `isinstance` would evaluate lazy proxies that happen to be alive, hence `type()`.
    """
    import gc

    from airflow import settings
    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import scoped_session

    # The garbage collector does not know these two any more once they are frozen for a fork.
    settings.Session.remove()
    settings.engine.dispose()

    closers: dict[type, str] = {scoped_session: "remove", Engine: "dispose"}
    try:
        from psycopg2.extensions import connection
    except ImportError:
        pass
    else:
        closers[connection] = "close"
    kinds = tuple(closers)
    found = [value for value in gc.get_objects() if issubclass(type(value), kinds)]
    for kind, method in closers.items():
        for each in found:
            if issubclass(type(each), kind):
                getattr(each, method)()
