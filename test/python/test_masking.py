"""Secrets in the texts of errors."""

from __future__ import annotations

from typing import Any

from airflow_devenv.masking import masked

Events = list[tuple[str, dict[str, Any]]]


def emitting(events: Events) -> Any:
    return masked(lambda name, **values: events.append((name, values)), hide)


def hide(text: str) -> str:
    return text.replace("hunter2", "***")


def test_every_text_of_an_error_is_masked() -> None:
    events: Events = []
    emitting(events)(
        "task_finished",
        map_index=-1,
        error={"message": "no hunter2", "traceback": ["f('hunter2')"], "line": 3},
    )
    error = {"message": "no ***", "traceback": ["f('***')"], "line": 3}
    assert events == [("task_finished", {"map_index": -1, "error": error})]


def test_an_event_of_names_and_numbers_is_not_looked_at() -> None:
    events: Events = []
    emitting(events)("run_started", dag_id="hunter2")
    assert events == [("run_started", {"dag_id": "hunter2"})]


def test_a_masker_that_fails_lets_nothing_through() -> None:
    events: Events = []

    def fail(_text: str) -> str:
        raise ValueError("broken")

    masked(lambda name, **values: events.append((name, values)), fail)("error", what="hunter2")
    assert "hunter2" not in str(events)
