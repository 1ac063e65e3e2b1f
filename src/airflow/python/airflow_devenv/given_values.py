"""Values that a test run takes over from an earlier one, for tasks that it does not run itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from airflow_devenv.observer import partial_arguments

#: Task id and key of an XCom.
Reference = tuple[str, str]


@dataclass(frozen=True)
class GivenValues:
    """What the new DAG run is given before its first task."""

    #: The earlier DAG run.
    run_id: str
    #: Tasks that count as done, with all that they have pushed.
    done: frozenset[str] = frozenset()
    #: Tasks whose values are there before they are marked successful themselves.
    valued: frozenset[str] = frozenset()


def references(task: Any) -> set[Reference]:
    """The XComs that a task takes from others by its arguments; what it pulls by itself is not seen."""
    return {(operator.task_id, key) for operator, key in _find(task)}


def expansion_references(task: Any) -> set[Reference]:
    """Of those, the ones that decide how many instances a mapped task has."""
    return {(operator.task_id, key) for operator, key in _expansion(task)}


def _find(task: Any) -> Iterator[tuple[Any, str]]:
    shared = partial_arguments(task)
    if shared is None:
        yield from _in_value(task)
    else:
        yield from _in_value(list(shared.values()))
    yield from _expansion(task)


def _expansion(task: Any) -> Iterator[tuple[Any, str]]:
    inputs = []
    if partial_arguments(task) is not None:
        inputs.append(task._get_specified_expand_input())
    inputs += [group._expand_input for group in _mapped_groups(task)]
    for each in inputs:
        yield from _in_value(each)


def _mapped_groups(task: Any) -> Iterable[Any]:
    iterate = getattr(task, "iter_mapped_task_groups", None)
    return iterate() if iterate else ()


def _in_value(value: Any) -> Iterator[tuple[Any, str]]:
    """As `XComArg.iter_xcom_references`, which has another home on each line."""
    if hasattr(value, "iter_references"):
        yield from value.iter_references()
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _in_value(each)
    elif isinstance(value, dict):
        yield from _in_value(list(value.values()))
    elif hasattr(value, "template_fields"):
        for name in value.template_fields:
            yield from _in_value(getattr(value, name, None))


def outside(dag: Any, task_ids: set[str]) -> set[Reference]:
    """The XComs that these tasks take from other ones."""
    return {
        each for task_id in task_ids for each in references(dag.task_dict[task_id]) if each[0] not in task_ids
    }


def sources_of(dag: Any, needed: set[Reference]) -> set[str]:
    """The tasks that these come from, with all that those refer to: a DAG is not whole without."""
    found: set[str] = set()
    waiting = {task_id for task_id, _ in needed}
    while waiting:
        task_id = waiting.pop()
        found.add(task_id)
        waiting |= {each for each, _ in references(dag.task_dict[task_id])} - found
    return found


def upstream_of(dag: Any, task_ids: set[str]) -> set[str]:
    """All tasks above these, near and far, without these."""
    found: set[str] = set()
    waiting = set(task_ids)
    while waiting:
        above = set(dag.task_dict[waiting.pop()].upstream_task_ids)
        waiting |= above - found
        found |= above
    return found - task_ids


def cut_edges(dag: Any, done: set[str]) -> None:
    """What is done already decides no trigger rule."""
    for task in dag.task_dict.values():
        if task.task_id in done:
            task.downstream_task_ids.clear()
            task.upstream_task_ids.clear()
        else:
            task.upstream_task_ids.difference_update(done)
            task.downstream_task_ids.difference_update(done)
