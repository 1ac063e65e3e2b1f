"""DAGs that a DAG's tasks trigger: nothing here runs them, and a person must know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_devenv.observer import partial_arguments
from airflow_devenv.protocol import Emit


def trigger_target(task: Any) -> str | None:
    """The DAG id that a `TriggerDagRunOperator` triggers; None for other tasks and where only the run can tell."""
    target = _argument(task, "trigger_dag_id")
    return target if isinstance(target, str) and "{{" not in target else None


def warn_about_waiting(dag: Any, emit: Emit) -> None:
    for task in dag.task_dict.values():
        if _argument(task, "trigger_dag_id") is not None and _argument(task, "wait_for_completion"):
            emit(
                "warning",
                code="waits_for_scheduler",
                text=f"{task.task_id} waits for the DAG run it triggers, which only a scheduler would run: "
                "--mark-success leaves the task out, --timeout ends the wait.",
            )


def tell_queued_runs(dag: Any, instances: Iterable[Any], emit: Emit) -> None:
    succeeded = {each.task_id for each in instances if each.state == "success"}
    targets: dict[str, str] = {}
    for task in dag.task_dict.values():
        target = trigger_target(task)
        if target is not None and task.task_id in succeeded:
            targets.setdefault(target, task.task_id)
    for target, task_id in sorted(targets.items()):
        emit(
            "warning",
            code="triggered_run_queued",
            text=f"{task_id} triggered a run of {target}, which stays queued until a scheduler runs. "
            f"To run that DAG now: devenv run-dag {target}",
        )


def _argument(task: Any, name: str) -> Any:
    value = getattr(task, name, None)
    if value is None:
        value = (partial_arguments(task) or {}).get(name)
    return value
