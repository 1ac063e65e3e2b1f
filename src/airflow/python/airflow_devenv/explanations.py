"""What an error of a task means here, where neither its class nor its text says so to an author."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

STUB = "@task.stub should not be executed directly"
#: Classes of urllib3: nothing answers at the address of a cluster.
NO_ANSWER = frozenset({"MaxRetryError", "NewConnectionError", "ConnectTimeoutError"})


@dataclass(frozen=True)
class TaskPlace:
    task_id: str
    queue: str
    is_pod: bool


def explain(error: BaseException, task: TaskPlace) -> str | None:
    """One line, or nothing where the error speaks for itself."""
    for each in chain(error):
        kind, module = type(each).__name__, type(each).__module__
        if kind == "ConfigException" and module.startswith("kubernetes"):
            return (
                f"no Kubernetes cluster is configured for {task.task_id} ({_first_line(each)}). "
                f"Name one by config_file or a connection, or leave the task out: --mark-success '{task.task_id}'"
            )
        if kind in NO_ANSWER and module.startswith("urllib3") and task.is_pod:
            return (
                f"the Kubernetes cluster of {task.task_id} does not answer. "
                f"Start it, or leave the task out: --mark-success '{task.task_id}'"
            )
        if kind == "RuntimeError" and str(each).startswith(STUB):
            return (
                f"{task.task_id} is written in another language: workers of the queue {task.queue!r} run it, and "
                f"there is none here. Leave it out: --mark-success '{task.task_id}'"
            )
        if kind == "BdbQuit":
            return "pdb has no terminal to read from. devenv run-dag … --debug waits for a debugger of your editor"
    return None


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it came from."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def place_of(task_instance: Any) -> TaskPlace:
    task = getattr(task_instance, "task", None)
    queue = getattr(task_instance, "queue", None) or getattr(task, "queue", None)
    names = {each.__name__ for each in type(task).__mro__}
    return TaskPlace(task_instance.task_id, str(queue or "default"), "KubernetesPodOperator" in names)
