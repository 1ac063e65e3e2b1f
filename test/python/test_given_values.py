"""Which XComs a part of a DAG takes from the rest of it, seen at operators that are none of Airflow's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from airflow_devenv.given_values import (
    cut_edges,
    expansion_references,
    outside,
    references,
    sources_of,
    upstream_of,
)


@dataclass
class Task:
    task_id: str
    op_args: Any = ()
    template_fields: tuple[str, ...] = ("op_args",)
    upstream_task_ids: set[str] = field(default_factory=set)
    downstream_task_ids: set[str] = field(default_factory=set)


@dataclass
class Value:
    """As an XComArg."""

    operator: Any
    key: str = "return_value"

    def iter_references(self) -> Any:
        yield self.operator, self.key


class Mapped(Task):
    def __init__(self, task_id: str, over: Any, **shared: Any) -> None:
        super().__init__(task_id)
        self.partial_kwargs = shared
        self._over = over

    def _get_specified_expand_input(self) -> Any:
        return self._over


@dataclass
class Dag:
    task_dict: dict[str, Any]


def dag_of(*tasks: Any) -> Dag:
    for task in tasks:
        for source, _ in references(task):
            task.upstream_task_ids.add(source)
    found = {task.task_id: task for task in tasks}
    for task in tasks:
        for source in task.upstream_task_ids:
            found[source].downstream_task_ids.add(task.task_id)
    return Dag(found)


numbers = Task("numbers")
config = Task("config")
twice = Mapped("twice", Value(numbers), op_kwargs={"by": [Value(config, "factor")]})
total = Task("total", op_args=[{"values": Value(twice)}])


def test_references_lie_deep_in_arguments_and_in_what_a_task_is_mapped_over() -> None:
    assert references(total) == {("twice", "return_value")}
    assert references(twice) == {("numbers", "return_value"), ("config", "factor")}
    assert expansion_references(twice) == {("numbers", "return_value")}
    assert expansion_references(total) == set()


def test_a_part_needs_what_its_tasks_refer_to_outside_of_it() -> None:
    dag = dag_of(numbers, config, twice, total)
    assert outside(dag, {"total"}) == {("twice", "return_value")}
    assert outside(dag, {"twice", "total", "config"}) == {("numbers", "return_value")}
    assert outside(dag, {"numbers"}) == set()


def test_a_source_brings_what_it_refers_to_itself() -> None:
    dag = dag_of(numbers, config, twice, total)
    assert sources_of(dag, {("twice", "return_value")}) == {"twice", "numbers", "config"}
    assert upstream_of(dag, {"total"}) == {"twice", "numbers", "config"}


def test_what_is_done_has_no_edge_to_what_is_to_run() -> None:
    dag = dag_of(numbers, config, twice, total)
    cut_edges(dag, {"numbers", "config"})
    assert dag.task_dict["twice"].upstream_task_ids == set()
    assert dag.task_dict["numbers"].downstream_task_ids == set()
    assert dag.task_dict["total"].upstream_task_ids == {"twice"}
