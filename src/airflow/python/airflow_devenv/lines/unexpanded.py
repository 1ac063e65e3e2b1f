"""Mapped tasks that stay one instance: they are marked successful, and there is nothing to map them over."""

from __future__ import annotations

from typing import Any

#: Pairs of a DAG id and a task id.
_unexpanded: set[tuple[str, str]] = set()


def leave_unexpanded(dag_id: str, task_ids: set[str]) -> None:
    """Only for a process that does nothing but test runs: the patch stays."""
    if not _unexpanded:
        _patch()
    _unexpanded.update((dag_id, task_id) for task_id in task_ids)


def is_unexpanded(task_instance: Any) -> bool:
    return (task_instance.dag_id, task_instance.task_id) in _unexpanded


def _patch() -> None:
    owner, not_mapped = _place()
    original = owner.expand_mapped_task

    def expand_mapped_task(first: Any, *arguments: Any, **keywords: Any) -> Any:
        # The task itself on both lines: the first argument of a method, or of a bound class method.
        if (first.dag_id, first.task_id) in _unexpanded:
            raise not_mapped
        return original(first, *arguments, **keywords)

    is_bound = getattr(original, "__self__", None) is not None
    owner.expand_mapped_task = staticmethod(expand_mapped_task) if is_bound else expand_mapped_task


def _place() -> tuple[Any, Any]:
    """A method of the task until 3.0, then a class method that is given the task."""
    from airflow.models.dagrun import NotMapped
    from airflow.models.taskmap import TaskMap

    if hasattr(TaskMap, "expand_mapped_task"):
        return TaskMap, NotMapped
    from airflow.models.abstractoperator import AbstractOperator

    return AbstractOperator, NotMapped
