"""Airflow 2 reads the rows of a running task again and again, also where only this process writes them.

Each replacement here leaves out queries whose answer is known; what is written stays the same. Source: airflow
2.11.2 `models/taskinstance.py`. Only for a process that does nothing but test runs.
"""

from __future__ import annotations

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
    """Airflow fetches a second copy, which is the same object."""
    original = module._refresh_from_db
    columns = module.TaskInstance.__mapper__.column_attrs.keys()

    def refresh(*, task_instance: Any, session: Any = None, lock_for_update: bool = False) -> None:
        if session is None or task_instance not in session:
            original(task_instance=task_instance, session=session, lock_for_update=lock_for_update)
        else:
            session.refresh(task_instance, columns, with_for_update=lock_for_update or None)

    module._refresh_from_db = refresh


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
    `DAG.test` reads it each pass."""
    original = task_instance_class.save_to_db

    def save_to_db(ti: Any, session: Any = None, refresh_dag: bool = False) -> None:
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
