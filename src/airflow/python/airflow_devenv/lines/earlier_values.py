"""XComs of an earlier DAG run, found and copied into a new one: the tables have the same columns on both lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_devenv.given_values import GivenValues, Reference

#: Of a copied task instance, what belongs to the run that it comes from.
NOT_COPIED = frozenset(
    {"id", "trigger_id", "external_executor_id", "queued_by_job_id", "job_id", "next_method", "next_kwargs"}
)


def find_run_with(
    dag_id: str, needed: Iterable[Reference], any_of: Iterable[str], done: Iterable[str] = ()
) -> str | None:
    """The id of the last DAG run with every needed XCom, in which all of `done` has run or was skipped; where
    neither is asked for, one with an XCom of any of these tasks."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import exists, select

    runs, xcoms = DagRun.__table__, _xcoms()
    conditions = [
        exists().where(xcoms.c.dag_run_id == runs.c.id, xcoms.c.task_id == task_id, xcoms.c.key == key)
        for task_id, key in needed
    ]
    conditions += [each for task_id in done for each in _ended_well(runs, task_id)]
    conditions = conditions or [
        exists().where(xcoms.c.dag_run_id == runs.c.id, xcoms.c.task_id.in_(sorted(any_of)))
    ]
    query = select(runs.c.run_id).where(runs.c.dag_id == dag_id, *conditions).order_by(runs.c.id.desc())
    with create_session() as session:
        row = session.execute(query.limit(1)).first()
    return str(row[0]) if row else None


def _ended_well(runs: Any, task_id: str) -> tuple[Any, Any]:
    """All of its instances; one that was only marked successful has no process."""
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import and_, exists, or_

    columns = TaskInstance.__table__.c
    of_run = (columns.dag_id == runs.c.dag_id, columns.run_id == runs.c.run_id, columns.task_id == task_id)
    open_or_bad = or_(
        columns.state.is_(None),
        columns.state.not_in(["success", "skipped"]),
        and_(columns.state == "success", columns.pid.is_(None)),
    )
    return exists().where(*of_run), ~exists().where(*of_run, open_or_bad)


def tasks_with_values(dag_id: str, run_id: str, task_ids: Iterable[str]) -> set[str]:
    from airflow.utils.session import create_session
    from sqlalchemy import select

    xcoms = _xcoms()
    query = select(xcoms.c.task_id).where(*_of(xcoms, dag_id, run_id, task_ids)).distinct()
    with create_session() as session:
        return {str(row[0]) for row in session.execute(query)}


def give_values(dag_run: Any, given: GivenValues, session: Any) -> None:
    """Committed. The task instances of the new run are there, and none has begun."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskmap import TaskMap

    session.flush()
    instances = TaskInstance.__table__
    rows = _copies(session, instances, dag_run, given, given.done)
    if rows:
        known = {row["task_id"] for row in rows}
        session.execute(instances.delete().where(*_of(instances, dag_run.dag_id, dag_run.run_id, known)))
        session.execute(instances.insert(), [_done(row) for row in rows])
    # Those that only make the DAG whole; no value of theirs is asked for.
    session.execute(
        instances.update()
        .where(*_of(instances, dag_run.dag_id, dag_run.run_id, given.done), instances.c.state.is_(None))
        .values(state="success")
    )
    _expand_valued(session, instances, dag_run, given)
    for table in (_xcoms(), TaskMap.__table__):
        copies = _copies(session, table, dag_run, given, given.done | given.valued)
        if copies:
            session.execute(table.insert(), copies)
    _measure(session, dag_run, given)
    session.commit()
    session.expire_all()


def _expand_valued(session: Any, instances: Any, dag_run: Any, given: GivenValues) -> None:
    """A mapped task that is still to be marked gets as many instances as there are values of it."""
    earlier = _copies(session, instances, dag_run, given, given.valued)
    mapped = {row["task_id"] for row in earlier if row["map_index"] >= 0}
    own = session.execute(instances.select().where(*_of(instances, dag_run.dag_id, dag_run.run_id, mapped)))
    fresh = {row["task_id"]: row for row in own.mappings()}
    rows = [
        {
            **{name: value for name, value in fresh[row["task_id"]].items() if name != "id"},
            "map_index": row["map_index"],
        }
        for row in earlier
        if row["task_id"] in fresh and row["map_index"] >= 0
    ]
    if rows:
        session.execute(instances.delete().where(*_of(instances, dag_run.dag_id, dag_run.run_id, mapped)))
        session.execute(instances.insert(), rows)


def _measure(session: Any, dag_run: Any, given: GivenValues) -> None:
    """How many instances what is mapped over a value has: not noted where that task ran without what follows it."""
    from airflow.models.taskmap import TaskMap

    model = _xcom_model()
    names = sorted(given.done | given.valued)
    maps, own = TaskMap.__table__, (dag_run.dag_id, dag_run.run_id, names)
    noted = session.execute(maps.select().where(*_of(maps, *own)))
    known = {(row["task_id"], row["map_index"]) for row in noted.mappings()}
    values = session.query(model).filter(*_of(model.__table__, *own), model.key == "return_value")
    for each in values:
        # Airflow 2 has done it when the row was loaded.
        value = each.value if hasattr(model, "init_on_load") else model.deserialize_value(each)
        if (each.task_id, each.map_index) in known or not isinstance(value, (list, dict)):
            continue
        row = {
            "dag_id": dag_run.dag_id,
            "run_id": dag_run.run_id,
            "task_id": each.task_id,
            "map_index": each.map_index,
            "length": len(value),
            "keys": list(value) if isinstance(value, dict) else None,
        }
        session.execute(maps.insert(), [row])


def _copies(
    session: Any, table: Any, dag_run: Any, given: GivenValues, task_ids: Iterable[str]
) -> list[dict[str, Any]]:
    rows = session.execute(table.select().where(*_of(table, dag_run.dag_id, given.run_id, task_ids)))
    own = {"run_id": dag_run.run_id, "dag_run_id": dag_run.id}
    return [{**row, **{name: own[name] for name in own if name in row}} for row in rows.mappings()]


def _of(table: Any, dag_id: str, run_id: str, task_ids: Iterable[str]) -> tuple[Any, ...]:
    return (table.c.dag_id == dag_id, table.c.run_id == run_id, table.c.task_id.in_(sorted(task_ids)))


def _done(row: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name not in NOT_COPIED}
    values["state"] = "success" if row["state"] == "success" else "skipped"
    return values


def _xcoms() -> Any:
    return _xcom_model().__table__


def _xcom_model() -> Any:
    try:
        from airflow.models.xcom import XComModel
    except ImportError:
        from airflow.models.xcom import XCom as XComModel
    return XComModel
