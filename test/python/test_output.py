"""What a line that a run prints is taken for."""

from __future__ import annotations

import json

import pytest

from airflow_devenv.output import read_log_line


def test_a_plain_line_is_output() -> None:
    assert read_log_line("hello") == {"level": "output", "text": "hello"}


def test_an_empty_line_stays() -> None:
    assert read_log_line("") == {"level": "output", "text": ""}


def test_airflow_2_lines_give_level_text_and_place() -> None:
    line = "[2026-01-02T03:04:05.000+0000] {taskinstance.py:1138} WARNING - Retrying in 3 s"
    assert read_log_line(line) == {
        "level": "warning",
        "text": "Retrying in 3 s",
        "logger": "taskinstance.py:1138",
    }


def test_airflow_3_lines_give_level_text_and_logger() -> None:
    line = json.dumps({"timestamp": "2026-01-02", "level": "info", "event": "Done", "logger": "task"})
    assert read_log_line(line) == {"level": "info", "text": "Done", "logger": "task"}


def test_further_values_of_a_structured_line_are_told() -> None:
    line = json.dumps({"level": "info", "event": "Copied", "rows": 3, "table": "orders"})
    values = read_log_line(line)
    assert values is not None
    assert values["text"] == "Copied rows=3 table='orders'"


def test_only_the_raised_exception_of_a_structured_line_is_told() -> None:
    details = [
        {"exc_type": "KeyError", "exc_value": "'a'"},
        {"exc_type": "ValueError", "exc_value": "bad value"},
    ]
    values = read_log_line(json.dumps({"level": "error", "event": "Failed", "error_detail": details}))
    assert values is not None
    assert values["text"] == "Failed\nValueError: bad value"


@pytest.mark.parametrize(
    "line",
    [
        "[2026-01-02T03:04:05.000+0000] {local.py:1} INFO - ::group::Pre task",
        json.dumps({"level": "info", "event": "::endgroup::"}),
    ],
)
def test_section_marks_of_airflow_are_left_out(line: str) -> None:
    assert read_log_line(line) is None


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "half a line", "level"',
        '{"event": 3, "level": "info"}',
        '{"level": "info", "message": "\\"event\\""}',
    ],
)
def test_json_that_the_author_prints_stays_as_it_is(line: str) -> None:
    assert read_log_line(line) == {"level": "output", "text": line}


def test_the_exception_of_a_structured_line_is_told_whether_text_or_frames() -> None:
    frames = [{"exc_type": "ValueError", "exc_value": "bad", "frames": []}]
    for exception in ("ValueError: bad", frames):
        values = read_log_line(json.dumps({"level": "error", "event": "Failed", "exception": exception}))
        assert values is not None
        assert values["text"] == "Failed\nValueError: bad"
