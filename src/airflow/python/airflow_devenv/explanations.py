"""What an error of a task means here, where neither its class nor its text says so to an author."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow_devenv.kubernetes import has_cluster
from airflow_devenv.kubernetes.pod_reports import pod_reports

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
    told = pod_reports.take(task.task_id)
    if told is not None:
        return told
    for each in chain(error):
        kind, module = type(each).__name__, type(each).__module__
        if kind == "ConfigException" and module.startswith("kubernetes"):
            return _no_cluster(task, each)
        if module.startswith("kubernetes") and _is_refusal(each):
            return f"the cluster refused what {task.task_id} asked for: {_api_message(each)}"
        if kind in NO_ANSWER and module.startswith("urllib3") and _is_of_cluster(each, task):
            return (
                f"the Kubernetes cluster of {task.task_id} does not answer. "
                f"devenv up starts the project's own; or leave the task out: --mark-success '{task.task_id}'"
            )
        if kind == "RuntimeError" and str(each).startswith(STUB):
            return (
                f"{task.task_id} is written in another language: workers of the queue {task.queue!r} run it, and "
                f"there is none here. Leave it out: --mark-success '{task.task_id}'"
            )
        if kind == "BdbQuit":
            return "pdb has no terminal to read from. devenv run-dag … --debug waits for a debugger of your editor"
    return None


def _no_cluster(task: TaskPlace, error: BaseException) -> str:
    leave_out = f"or leave the task out: --mark-success '{task.task_id}'"
    if has_cluster():
        return f"the project's cluster was never made ({_first_line(error)}). devenv up makes it, {leave_out}"
    return (
        f"there is no Kubernetes cluster for {task.task_id} in this project ({_first_line(error)}). "
        f"Write kubernetes: {{}} into devenv.yaml for one, {leave_out}"
    )


def _is_refusal(error: BaseException) -> bool:
    """Newer clients have a class for each status below this one."""
    return any(each.__name__ == "ApiException" for each in type(error).__mro__)


def _api_message(error: BaseException) -> str:
    """The API server says why in a Status object."""
    try:
        return str(json.loads(getattr(error, "body", ""))["message"])
    except (ValueError, TypeError, KeyError):
        return _first_line(error)


def _is_of_cluster(error: BaseException, task: TaskPlace) -> bool:
    """Whether a client of Kubernetes has met it: what Airflow 3 runs does not tell the class of its operator."""
    frames = traceback.walk_tb(error.__traceback__)
    names = (str(frame.f_globals.get("__name__", "")) for frame, _ in frames)
    return task.is_pod or any(name.startswith("kubernetes") for name in names)


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
