"""What travels between the two sides."""

from __future__ import annotations

import json
import os

from airflow_devenv.protocol import EVENTS_VERSION, Bundle, EventWriter, RunRequest


def test_a_request_is_read_with_its_bundles() -> None:
    request = RunRequest.from_json(
        {"dag_id": "orders", "retries": 2, "bundles": [{"name": "dags", "path": "/repo/dags"}]}
    )
    assert request.dag_id == "orders"
    assert request.retries == 2
    assert request.bundles == [Bundle("dags", "/repo/dags")]


def test_what_a_newer_client_adds_is_left_aside() -> None:
    assert RunRequest.from_json({"file": "/x.py", "from_the_future": True}) == RunRequest(file="/x.py")


def written(write: EventWriter, read_end: int, write_end: int) -> bytes:
    write("warning", code="x", text="zwölf\n\ud800", task_id=None)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        return stream.read()


def test_an_event_is_one_line_of_ascii_without_empty_fields() -> None:
    read_end, write_end = os.pipe()
    data = written(EventWriter(write_end), read_end, write_end)
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    assert data.isascii()
    record = json.loads(data)
    assert record.pop("t") >= 0
    assert record == {"v": EVENTS_VERSION, "event": "warning", "code": "x", "text": "zwölf\n\ud800"}


def test_what_json_does_not_know_is_told_as_text() -> None:
    read_end, write_end = os.pipe()
    EventWriter(write_end)("task_finished", value={"when": os})
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        assert "module 'os'" in json.loads(stream.read())["value"]["when"]


def test_a_reader_that_has_gone_away_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    write = EventWriter(write_end)
    write("log", text="lost")
    os.close(write_end)
    # Not even now that the descriptor may belong to something else.
    write("log", text="lost too")
