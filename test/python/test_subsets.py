"""Which earlier DAG run gives `--task` the values of what it leaves out. DAG and database are stand-ins here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from airflow_devenv import subsets
from airflow_devenv.failures import RunFailure
from airflow_devenv.protocol import RunRequest


class Value:
    """As an XComArg."""

    def __init__(self, operator: Any) -> None:
        self._operator = operator

    def iter_references(self) -> Any:
        yield self._operator, "return_value"


class Task:
    template_fields = ("op_args",)

    def __init__(self, task_id: str, *sources: Task, over: Task | None = None) -> None:
        self.task_id = task_id
        self.op_args = [Value(each) for each in sources]
        self.upstream_task_ids = {each.task_id for each in [*sources, *([over] if over else [])]}
        self.downstream_task_ids: set[str] = set()
        if over is not None:
            self.partial_kwargs = {"op_args": self.op_args}
            self._get_specified_expand_input = lambda: Value(over)


class Line:
    """One DAG run: the tasks that have pushed a value, and those that have ended well."""

    def __init__(self, valued: set[str], ended: set[str]) -> None:
        self._valued, self._ended = valued, ended

    def find_run_with(self, _dag_id: str, needed: Any, any_of: Any, done: Any = ()) -> str | None:
        names = {task_id for task_id, _ in needed}
        is_found = names <= self._valued and set(done) <= self._ended
        if not names and not done:
            is_found = bool(set(any_of) & self._valued)
        return "earlier" if is_found else None

    def tasks_with_values(self, _dag_id: str, _run_id: str, task_ids: Any) -> set[str]:
        return self._valued & set(task_ids)


def take(monkeypatch: pytest.MonkeyPatch, line: Line, task_id: str, *tasks: Task) -> tuple[Any, str]:
    dag = SimpleNamespace(dag_id="d", task_dict={each.task_id: each for each in tasks})

    def part_of(_dag: Any, task_ids: list[str]) -> Any:
        return SimpleNamespace(task_dict={each: dag.task_dict[each] for each in task_ids})

    monkeypatch.setattr(subsets, "_part_of", part_of)
    texts: list[str] = []
    run: Any = SimpleNamespace(
        line=line,
        request=RunRequest(task_pattern=task_id),
        observer=SimpleNamespace(given=None),
        emit=lambda _event, *, text, **_: texts.append(text),
    )
    subsets.subset_with_values(run, dag, [task_id])
    return run.observer.given, " ".join(texts)


def test_a_task_that_has_returned_none_or_was_skipped_is_no_reason_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, right = Task("left"), Task("right")
    line = Line(valued={"left"}, ended={"left", "right"})
    given, text = take(monkeypatch, line, "join", left, right, Task("join", left, right))
    assert (given.run_id, given.done) == ("earlier", {"left", "right"})
    assert text == (
        "left, right did not run: what is needed of it comes from the DAG run earlier. "
        "There is none of right, which returned None or was skipped."
    )


def test_a_run_with_all_values_is_told_without_more(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Task("left")
    _, text = take(monkeypatch, Line({"left"}, set()), "join", left, Task("join", left))
    assert text == "left did not run: what is needed of it comes from the DAG run earlier."


@pytest.mark.parametrize("is_mapped", [False, True])
def test_what_has_not_ended_well_or_is_mapped_over_is_missing(
    monkeypatch: pytest.MonkeyPatch, is_mapped: bool
) -> None:
    source = Task("source")
    user = Task("user", over=source) if is_mapped else Task("user", source)
    line = Line(valued=set(), ended={"source"} if is_mapped else set())
    with pytest.raises(RunFailure) as caught:
        take(monkeypatch, line, "user", source, user)
    assert caught.value.code == "upstream_values_missing"
