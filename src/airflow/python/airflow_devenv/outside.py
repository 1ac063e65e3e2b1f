"""What a test run has no part of: deadlines, which a scheduler watches, and DAGs that others define."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from airflow_devenv.failures import RunFailure
from airflow_devenv.finding import find_dag_file
from airflow_devenv.observer import partial_arguments

if TYPE_CHECKING:
    from airflow_devenv.run import Run


def warn_about_outside(run: Run, dag: Any) -> None:
    _leave_deadlines_out(run, dag)
    _warn_about_missing_dags(run, dag)


def _leave_deadlines_out(run: Run, dag: Any) -> None:
    """`DAG.test()` takes the deadlines of a DAG for rows of the database, and fails at its end."""
    alerts = getattr(dag, "deadline", None)
    if not alerts:
        return
    dag.deadline = None
    listed = alerts if isinstance(alerts, (list, tuple)) else [alerts]
    names = sorted({_callback_name(each) for each in listed})
    text = (
        f"Deadlines are not watched here, and {', '.join(names)} will not be called; in `devenv up` they are, and "
        "`devenv logs triggerer` says how a callback ended."
    )
    run.emit("warning", code="deadline_not_watched", text=text)
    unreachable = sorted({_callback_name(each) for each in listed if _is_in_dag_file(each)})
    if unreachable:
        run.emit("warning", code="deadline_callback_in_dag_file", text=_in_dag_file(unreachable))


def _is_in_dag_file(alert: Any) -> bool:
    """Airflow imports a DAG file under a name that is this process' own; a triggerer can't import that."""
    path = str(getattr(getattr(alert, "callback", None), "path", "") or "")
    return path.startswith("unusual_prefix_")


def _in_dag_file(names: list[str]) -> str:
    return (
        f"{', '.join(names)} stands in a DAG file, from which no triggerer can import a deadline's callback: in "
        "production, too, it would fail. From a module in plugins/ or of a package it can."
    )


def _callback_name(alert: Any) -> str:
    path = str(getattr(getattr(alert, "callback", None), "path", "") or "their callback")
    return path.rpartition(".")[2]


def _warn_about_missing_dags(run: Run, dag: Any) -> None:
    awaited: dict[str, list[str]] = {}
    for task in dag.task_dict.values():
        dag_id = getattr(task, "external_dag_id", None) or (partial_arguments(task) or {}).get(
            "external_dag_id"
        )
        if isinstance(dag_id, str) and not re.search(r"[{}]", dag_id) and dag_id != dag.dag_id:
            awaited.setdefault(dag_id, []).append(task.task_id)
    if not awaited:
        return
    for dag_id in sorted(set(awaited) - run.line.registered_dag_ids(sorted(awaited))):
        try:
            # It may well belong to another project: not worth parsing all files before each run.
            find_dag_file(run.line, run.request, dag_id, naming_only=True)
        except RunFailure as failure:
            if failure.code != "dag_unknown":
                # Folders that Airflow refuses to walk; the author reads of them elsewhere.
                continue
            text = (
                f"{', '.join(awaited[dag_id])} waits for DAG {dag_id!r}, "
                "which is defined in no DAG file of this project that names it."
            )
            run.emit("warning", code="external_dag_unknown", text=text)
