"""Airflow 2 reads the rows of a running task again and again, also where only this process writes them.

Each replacement here leaves out queries whose answer is known; what is written stays the same. Source: airflow
2.11.2 `models/taskinstance.py`. Only for a process that does nothing but test runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


def read_rows_once() -> None:
    import airflow.models.dag as dag_module
    import airflow.models.taskinstance as module

    _clear_nothing(dag_module.DAG)
    if hasattr(module, "_refresh_from_db"):
        _refresh_with_one_query(module)
    if hasattr(module, "_set_ti_attrs"):
        _copy_without_note(module)
    _save_without_dag_run(module.TaskInstance)
    _clear_only_what_may_be_there(module.TaskInstance)
    if hasattr(module, "_update_rtif"):
        _stay_in_session(module)
        _add_rendered_fields()


def _clear_nothing(dag_class: Any) -> None:
    """`DAG.test` resets the tasks of that date's run, although it deletes that run afterwards."""
    original = dag_class.clear

    def clear(self: Any, *arguments: Any, **keywords: Any) -> Any:
        # Nobody else asks for it like this.
        if keywords.get("dag_run_state") is False:
            return 0
        return original(self, *arguments, **keywords)

    dag_class.clear = clear


def _refresh_with_one_query(module: Any) -> None:
    """Airflow fetches a second copy, which is the same object. When a task begins, its row has just been read."""
    original = module._refresh_from_db
    run = module.TaskInstance._run_raw_task
    columns = module.TaskInstance.__mapper__.column_attrs.keys()
    beginning: Any = None

    def refresh(*, task_instance: Any, session: Any = None, lock_for_update: bool = False) -> None:
        nonlocal beginning
        begins, beginning = beginning is task_instance, None
        if session is None or not _attach(task_instance, session):
            original(task_instance=task_instance, session=session, lock_for_update=lock_for_update)
        elif not begins or _is_expired(task_instance, columns):
            session.refresh(task_instance, columns, with_for_update=lock_for_update or None)

    def run_raw_task(self: Any, *arguments: Any, **keywords: Any) -> Any:
        nonlocal beginning
        beginning = self
        return run(self, *arguments, **keywords)

    module._refresh_from_db = refresh
    module.TaskInstance._run_raw_task = run_raw_task


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


def _copy_without_note(module: Any) -> None:
    """Airflow asks for the note of what it has just read, and uses it only where that is no row."""
    from sqlalchemy.orm.attributes import set_committed_value

    original = module._set_ti_attrs

    def set_attributes(target: Any, source: Any, *arguments: Any, **keywords: Any) -> None:
        if isinstance(source, module.TaskInstance) and "task_instance_note" not in vars(source):
            set_committed_value(source, "task_instance_note", None)
        original(target, source, *arguments, **keywords)

    module._set_ti_attrs = set_attributes


def _save_without_dag_run(task_instance_class: Any) -> None:
    """Its DAG run is read anew in a transaction of its own, which makes everything else expire. The loop of
    `DAG.test` reads it each pass.

    What a task instance begins with is committed with its rendered fields."""
    original = task_instance_class.save_to_db

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

    task_instance_class.save_to_db = staticmethod(save_to_db)


def _clear_only_what_may_be_there(task_instance_class: Any) -> None:
    """Before its first run in this process a task instance has no XCom: its DAG run was made here."""
    original = task_instance_class.clear_xcom_data
    begun: set[Any] = set()

    def clear_xcom_data(self: Any, *arguments: Any, **keywords: Any) -> None:
        if self.key.primary in begun:
            original(self, *arguments, **keywords)
        begun.add(self.key.primary)

    task_instance_class.clear_xcom_data = clear_xcom_data


def _stay_in_session(module: Any) -> None:
    """What Airflow writes before and after the task's own code is committed in a session that it closes: that of
    the run, and everything in it would be read again."""
    original = module._update_rtif

    def update_rendered_fields(ti: Any, rendered_fields: Any) -> None:
        with _session_of_thread() as session:
            original(ti=ti, rendered_fields=rendered_fields, session=session)

    module._update_rtif = update_rendered_fields
    module.create_session = _session_of_thread


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


def _add_rendered_fields() -> None:
    """Before its first run in this process a task instance has no rendered fields either: nothing to merge with."""
    from airflow.models.renderedtifields import RenderedTaskInstanceFields

    original = RenderedTaskInstanceFields.write
    written: set[Any] = set()

    def write(self: Any, *arguments: Any, **keywords: Any) -> None:
        key = (self.dag_id, self.run_id, self.task_id, self.map_index)
        session = keywords.get("session")
        if session is None or key in written:
            original(self, *arguments, **keywords)
        else:
            session.add(self)
        written.add(key)

    RenderedTaskInstanceFields.write = write
