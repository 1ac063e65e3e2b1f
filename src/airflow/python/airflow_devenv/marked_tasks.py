"""Tasks that are marked successful instead of being run, and what others take from them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_devenv.failures import RunFailure
from airflow_devenv.given_values import GivenValues, Reference, expansion_references, references

if TYPE_CHECKING:
    from airflow_devenv.run import Run


def prepare_marked_tasks(run: Run, dag: Any) -> None:
    """Gives values of an earlier DAG run to marked tasks that others need some of.

    Raises RunFailure where a task that is to run is mapped over a value that is nowhere.
    """
    pattern = run.request.mark_success_pattern
    if pattern is None:
        return
    marked = {task_id for task_id in dag.task_dict if re.fullmatch(pattern, task_id)}
    if not marked:
        listed = ", ".join(sorted(dag.task_dict))
        text = f"--mark-success {pattern!r} matches no whole id of a task; they are: {listed}."
        run.emit("warning", code="no_task_marked", text=text)
        return
    needed = _taken_from(marked, dag, run.observer.given)
    valued = _give_values(run, dag, needed)
    if not valued:
        _tell_missing(run, dag, marked, needed)
    unexpanded = {
        task_id
        for task_id in marked
        if any(source in marked - valued for source, _ in expansion_references(dag.task_dict[task_id]))
    }
    if unexpanded:
        run.line.leave_unexpanded(dag.dag_id, unexpanded)


def _taken_from(marked: set[str], dag: Any, given: GivenValues | None) -> set[Reference]:
    done = given.done if given else frozenset()
    return {
        each
        for task_id, task in dag.task_dict.items()
        if task_id not in marked and task_id not in done
        for each in references(task)
        if each[0] in marked - done
    }


def _give_values(run: Run, dag: Any, needed: set[Reference]) -> set[str]:
    if not needed:
        return set()
    run_id = run.line.find_run_with(dag.dag_id, needed, ())
    if run_id is None:
        return set()
    valued = {task_id for task_id, _ in needed}
    before = run.observer.given
    run.observer.given = (
        GivenValues(run_id, valued=frozenset(valued))
        if before is None
        else replace(before, valued=frozenset(valued))
    )
    names = ", ".join(sorted(valued))
    text = f"{names} did not run: what is needed of it comes from the DAG run {run_id}."
    run.emit("warning", code="values_of_earlier_run", text=text)
    return valued


def _tell_missing(run: Run, dag: Any, marked: set[str], needed: set[Reference]) -> None:
    for task_id, task in sorted(dag.task_dict.items()):
        if task_id in marked:
            continue
        for source in sorted({each for each, _ in expansion_references(task)} & marked):
            raise _not_expandable(run, dag, task_id, source)
        for source in sorted({each for each, _ in references(task) & needed}):
            text = f"{task_id} takes the value of {source}, which is marked successful and has none: it gets None."
            run.emit("warning", code="marked_without_value", text=text)


def _not_expandable(run: Run, dag: Any, task_id: str, source: str) -> RunFailure:
    pattern = run.request.mark_success_pattern
    return RunFailure(
        "marked_without_value",
        f"{task_id} is mapped over {source}, which --mark-success {pattern!r} leaves without a value.",
        why=f"No DAG run of {dag.dag_id} in this project's database has one yet.",
        next_steps=[
            f"Mark both: --mark-success '{pattern}|{task_id}'",
            f"Or run {source} once; later runs take its value.",
        ],
        misuse=True,
    )
