"""Some tasks of a DAG only, with the values that they take from the others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from airflow_devenv.failures import RunFailure
from airflow_devenv.given_values import (
    GivenValues,
    Reference,
    cut_edges,
    expansion_references,
    outside,
    sources_of,
    upstream_of,
)

if TYPE_CHECKING:
    from airflow_devenv.run import Run


def subset_with_values(run: Run, dag: Any, task_ids: list[str]) -> Any:
    """A DAG of these tasks. What they need of others is there when its run begins, and has been said.

    Raises RunFailure where no earlier DAG run has it.
    """
    # With the setups and teardowns of these.
    part = _part_of(dag, task_ids)
    ids = set(part.task_dict)
    needed = outside(dag, ids)
    above = upstream_of(dag, ids)
    if not above and not needed:
        return part
    run_id = _find_run(run, dag, ids, needed, above)
    if run_id is None:
        if needed:
            raise _missing_values(run, dag, needed, sources_of(dag, needed) - ids)
        return part
    given = run.line.tasks_with_values(dag.dag_id, run_id, above)
    names = {task_id for task_id, _ in needed}
    done = (sources_of(dag, needed) | sources_of(dag, {(each, "") for each in given})) - ids
    whole = _part_of(dag, [*ids, *done])
    cut_edges(whole, done)
    run.observer.given = GivenValues(run_id, done=frozenset(done))
    _tell(run, names, given, run_id)
    return whole


def _find_run(run: Run, dag: Any, ids: set[str], needed: set[Reference], above: set[str]) -> str | None:
    """The last with all values; else the last in which what lacks one has ended without: None is a value, too."""
    found = run.line.find_run_with(dag.dag_id, needed, above)
    expanded = {each for task_id in ids for each in expansion_references(dag.task_dict[task_id])}
    done = {task_id for task_id, _ in needed - expanded}
    if found is not None or not done:
        return found
    return run.line.find_run_with(dag.dag_id, needed & expanded, (), done)


def _tell(run: Run, needed: set[str], given: set[str], run_id: str) -> None:
    if needed:
        text = (
            f"{', '.join(sorted(needed))} did not run: what is needed of it comes from the DAG run {run_id}."
        )
        if needed - given:
            text += (
                f" There is none of {', '.join(sorted(needed - given))}, which returned None or was skipped."
            )
    else:
        text = f"What a task pulls from {', '.join(sorted(given))} comes from the DAG run {run_id}."
    run.emit("warning", code="values_of_earlier_run", text=text)


def _part_of(dag: Any, task_ids: list[str]) -> Any:
    part = dag.partial_subset(task_ids, include_upstream=False, include_downstream=False)
    # Airflow 2 waits for ever for what a partial DAG lacks.
    part.partial = False
    for task_id, task in part.task_dict.items():
        if getattr(task, "_expand_input_attr", "expand_input") != "expand_input":
            # A constant of Airflow's, which it compares by identity: `@task` keeps its mapped arguments elsewhere.
            task.expand_input = dag.task_dict[task_id].expand_input
    _prune(part, part.task_group)
    groups = part.task_group.get_task_group_dict()
    for group in groups.values():
        group.upstream_group_ids.intersection_update(groups)
        group.downstream_group_ids.intersection_update(groups)
        group.upstream_task_ids.intersection_update(part.task_dict)
        group.downstream_task_ids.intersection_update(part.task_dict)
    return part


def _prune(dag: Any, group: Any) -> bool:
    """Airflow 3 leaves everything in a mapped task group. Gives whether there is something left in it."""
    kept = {}
    for name, child in group.children.items():
        is_group = hasattr(child, "children")
        if _prune(dag, child) if is_group else child.task_id in dag.task_dict:
            kept[name] = child if is_group else dag.task_dict[child.task_id]
    group.children = kept
    return bool(kept)


def _missing_values(run: Run, dag: Any, needed: set[Reference], sources: set[str]) -> RunFailure:
    names = sorted({task_id for task_id, _ in needed})
    is_one = len(names) == 1
    pattern = run.request.task_pattern
    file = run.request.file
    place = os.path.relpath(file, run.request.working_directory) if file else dag.dag_id
    whole = "|".join([str(pattern), *sorted(sources)])
    return RunFailure(
        "upstream_values_missing",
        f"--task {pattern!r} leaves out {', '.join(names)}, whose {'value is' if is_one else 'values are'} needed.",
        why=f"No DAG run of {dag.dag_id} in this project's database has {'it' if is_one else 'all of them'} yet.",
        next_steps=[
            f"devenv run-dag {place} --task '{whole}'",
            f"devenv run-dag {place}   (once: a later --task takes the values of that run)",
        ],
        misuse=True,
    )
