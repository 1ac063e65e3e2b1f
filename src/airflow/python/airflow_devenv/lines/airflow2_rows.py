"""Airflow 2 reads the rows of a running task again and again, also where only this process writes them.

Each replacement here leaves out queries whose answer is known; what is written stays the same. Source: airflow
2.11.2 `models/taskinstance.py`. Only for a process that does nothing but test runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches


def read_rows_once(patches: GuardedPatches) -> None:
    import airflow.models.taskinstance as module

    _refresh_with_one_query(module, patches)
    _copy_without_note(module, patches)
    _save_without_dag_run(module.TaskInstance, patches)
    _clear_only_what_may_be_there(module.TaskInstance, patches)
    _stay_in_session(module, patches)
    _add_rendered_fields(patches)


def clear_nothing(patches: GuardedPatches) -> None:
    """`DAG.test` resets the tasks of that date's run, although it deletes that run afterwards."""
    import airflow.models.dag as dag_module

    def clearing(original: Any) -> Any:
        def clear(self: Any, *arguments: Any, **keywords: Any) -> Any:
            # Nobody else asks for it like this.
            if keywords.get("dag_run_state") is False:
                return 0
            return original(self, *arguments, **keywords)

        return clear

    patches.wrap(dag_module.DAG, "clear", clearing)


def _refresh_with_one_query(module: Any, patches: GuardedPatches) -> None:
    """Airflow fetches a second copy, which is the same object. When a task begins, its row has just been read."""
    columns = module.TaskInstance.__mapper__.column_attrs.keys()
    beginning: Any = None

    def refreshing(original: Any) -> Any:
        def refresh(*, task_instance: Any, session: Any = None, lock_for_update: bool = False) -> None:
            nonlocal beginning
            begins, beginning = beginning is task_instance, None
            if session is None or not _attach(task_instance, session):
                original(task_instance=task_instance, session=session, lock_for_update=lock_for_update)
            elif not begins or _is_expired(task_instance, columns):
                session.refresh(task_instance, columns, with_for_update=lock_for_update or None)

        return refresh

    def running(run: Any) -> Any:
        def run_raw_task(self: Any, *arguments: Any, **keywords: Any) -> Any:
            nonlocal beginning
            beginning = self
            return run(self, *arguments, **keywords)

        return run_raw_task

    patches.wrap(module, "_refresh_from_db", refreshing)
    patches.wrap(module.TaskInstance, "_run_raw_task", running)


def _attach(task_instance: Any, session: Any) -> bool:
    """Whatever opened a session of its own inside the task has emptied this one, which is the same."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import InvalidRequestError

    state = inspect(task_instance)
    if state.detached and state.key not in session.identity_map:
        try:
            session.add(task_instance)
        except InvalidRequestError:
            # Its DAG run is there as another object.
            if task_instance in session:
                session.expunge(task_instance)
    return task_instance in session


def _is_expired(task_instance: Any, columns: Iterable[str]) -> bool:
    from sqlalchemy import inspect

    return not inspect(task_instance).expired_attributes.isdisjoint(columns)


def _copy_without_note(module: Any, patches: GuardedPatches) -> None:
    """Airflow asks for the note of what it has just read, and uses it only where that is no row."""
    from sqlalchemy.orm.attributes import set_committed_value

    def copying(original: Any) -> Any:
        def set_attributes(target: Any, source: Any, *arguments: Any, **keywords: Any) -> None:
            if isinstance(source, module.TaskInstance) and "task_instance_note" not in vars(source):
                set_committed_value(source, "task_instance_note", None)
            original(target, source, *arguments, **keywords)

        return set_attributes

    patches.wrap(module, "_set_ti_attrs", copying)


def _save_without_dag_run(task_instance_class: Any, patches: GuardedPatches) -> None:
    """Its DAG run is read anew in a transaction of its own, which makes everything else expire. The loop of
    `DAG.test` reads it each pass.

    What a task instance begins with is committed with its rendered fields."""

    def saving(original: Any) -> Any:
        def save_to_db(ti: Any, session: Any = None, refresh_dag: bool = True) -> None:
            # Nobody else than the beginning says so.
            begins = not refresh_dag
            if begins and session is not None and ti in session:
                from airflow.utils import timezone

                ti.updated_at = timezone.utcnow()
                session.flush()
                return
            given = {} if session is None else {"session": session}
            original(ti=ti, refresh_dag=False, **given)

        return save_to_db

    patches.wrap(task_instance_class, "save_to_db", saving)


def _clear_only_what_may_be_there(task_instance_class: Any, patches: GuardedPatches) -> None:
    """Before its first run in this process a task instance has no XCom: its DAG run was made here."""
    begun: set[Any] = set()

    def clearing(original: Any) -> Any:
        def clear_xcom_data(self: Any, *arguments: Any, **keywords: Any) -> None:
            if self.key.primary in begun:
                original(self, *arguments, **keywords)
            begun.add(self.key.primary)

        return clear_xcom_data

    patches.wrap(task_instance_class, "clear_xcom_data", clearing)


def _stay_in_session(module: Any, patches: GuardedPatches) -> None:
    """What Airflow writes before and after the task's own code is committed in a session that it closes: that of
    the run, and everything in it would be read again."""

    def updating(original: Any) -> Any:
        def update_rendered_fields(ti: Any, rendered_fields: Any) -> None:
            with _session_of_thread() as session:
                original(ti=ti, rendered_fields=rendered_fields, session=session)

        return update_rendered_fields

    patches.wrap(module, "_update_rtif", updating)
    patches.put(module, "create_session", _session_of_thread)


@contextmanager
def _session_of_thread() -> Iterator[Any]:
    """Airflow's `create_session`, without the end."""
    from airflow import settings

    session = settings.Session()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise


def _add_rendered_fields(patches: GuardedPatches) -> None:
    """Before its first run in this process a task instance has no rendered fields either: nothing to merge with."""
    from airflow.models.renderedtifields import RenderedTaskInstanceFields

    written: set[Any] = set()

    def writing(original: Any) -> Any:
        def write(self: Any, *arguments: Any, **keywords: Any) -> None:
            key = (self.dag_id, self.run_id, self.task_id, self.map_index)
            session = keywords.get("session")
            if session is None or key in written:
                original(self, *arguments, **keywords)
            else:
                session.add(self)
            written.add(key)

        return write

    patches.wrap(RenderedTaskInstanceFields, "write", writing)
