"""What a seed does with each row, and which texts of earlier seeds stay hidden."""

from __future__ import annotations

import contextlib
import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_devenv import seed_request, seed_values
from airflow_devenv.hidden_texts import Earlier
from airflow_devenv.lines.seed_tables import SeedTables
from airflow_devenv.seed_request import KEPT_MS, Plan, SeedRequest, kept, refusal
from airflow_devenv.seed_values import Wanted, equal

NOW = 10 * KEPT_MS


class Fingerprint:
    def __call__(self, value: Any) -> str:
        return f"<{value}>"

    def of_row(self, fields: dict[str, Any]) -> str:
        return f"key:{fields['value']}"

    def is_of_this_key(self, remembered: str) -> bool:
        return remembered.startswith("key:")


class Table:
    def __init__(self, rows: dict[str, str]) -> None:
        self.rows = rows

    def wanted(self, item: dict[str, Any]) -> Wanted:
        return Wanted({"value": item["value"]})

    def columns(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        return {"key": name, **fields}

    def equal(self, stored: dict[str, Any], wanted: Wanted) -> bool:
        return equal(stored, wanted)

    def stored(self, names: list[str]) -> dict[str, Any]:
        return {
            name: SimpleNamespace(id=1, fields={"value": self.rows[name]})
            for name in names
            if name in self.rows
        }


@pytest.fixture(autouse=True)
def _without_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed_request, "Fingerprint", Fingerprint)
    monkeypatch.setattr(seed_request, "seeded_texts", lambda path: ["once-a-secret"])
    monkeypatch.setattr(seed_values, "_is_hidden", lambda name: False)


def plan(rows: dict[str, str], wanted: str, **more: Any) -> Plan:
    items = [{"kind": "variable", "name": "a", "value": wanted}]
    seed = SeedRequest(mode="apply", items=items, **more)
    empty = Table({})
    return Plan(seed, {"variable": Table(rows), "connection": empty, "pool": empty})


@pytest.mark.parametrize(
    ("row", "last", "expected"),
    [
        (None, None, {"action": "created"}),
        ("wanted", None, {"action": "unchanged"}),
        ("of the UI", "key:wanted", {"action": "kept", "kept": "changed"}),
        ("of the UI", None, {"action": "kept", "kept": "not_seeded"}),
        ("of the UI", "other:wanted", {"action": "kept", "kept": "not_seeded"}),
        ("last", "key:last", {"action": "updated"}),
        ("of the UI", "key:last", {"action": "updated", "overwrites": True}),
    ],
)
def test_what_is_missing_and_what_the_file_has_changed_is_stored(
    row: str | None, last: str | None, expected: dict[str, Any]
) -> None:
    rows = {} if row is None else {"a": row}
    remembered = {"variable": {} if last is None else {"a": last}}
    [report] = plan(rows, "wanted", only_missing=True, remembered=remembered).reports()
    assert {key: report.get(key) for key in expected} == expected
    assert ("overwrites" in report) == ("overwrites" in expected)


def test_a_whole_seed_stores_what_the_file_says_and_tells_what_it_takes_back() -> None:
    [report] = plan({"a": "of the UI"}, "wanted", remembered={"variable": {"a": "key:wanted"}}).reports()
    assert (report["action"], report["overwrites"]) == ("updated", True)


def test_a_difference_does_not_show_what_was_a_secret_before() -> None:
    [report] = plan({"a": "x once-a-secret"}, "plain").reports()
    assert report["changes"] == [{"field": "value", "before": "*** <x once-", "after": "plain"}]
    once = {"variable": {"a": ["value"]}}
    [report] = plan({"a": "abc"}, "plain", secret_fields=once).reports()
    assert report["changes"] == [{"field": "value", "before": "*** <abc>", "after": "plain"}]


@pytest.mark.parametrize(
    ("since", "rows", "more", "expected"),
    [
        (None, ["has text-1"], {}, {"text-1": None}),
        (NOW - 2 * KEPT_MS, ["has text-1"], {}, {"text-1": None}),
        (None, [], {}, {"text-1": NOW}),
        (NOW - KEPT_MS / 2, [], {}, {"text-1": NOW - KEPT_MS / 2}),
        (NOW - 2 * KEPT_MS, [], {}, {}),
        (NOW - 2 * KEPT_MS, [], {"oldest_snapshot": NOW - 3 * KEPT_MS}, {"text-1": NOW - 2 * KEPT_MS}),
        (NOW - 2 * KEPT_MS, [], {"oldest_snapshot": NOW - KEPT_MS}, {}),
        (NOW - 2 * KEPT_MS, [], {"has_other_databases": True}, {"text-1": None}),
    ],
)
def test_a_text_stays_hidden_as_long_as_a_row_or_a_snapshot_may_have_it(
    since: float | None, rows: list[str], more: dict[str, Any], expected: dict[str, float | None]
) -> None:
    found = kept(Earlier({"text-1": since}), plan({}, "wanted", **more), lambda: rows, NOW)
    assert found.absent_since == expected


def test_a_text_that_a_file_has_in_the_clear_is_no_secret_any_more() -> None:
    now_plain = plan({}, "text-1")
    now_plain.reports()
    assert kept(Earlier({"text-1": None}), now_plain, lambda: ["text-1"], NOW).absent_since == {}


def test_a_difference_shows_what_a_new_row_would_have() -> None:
    compared = plan({}, "wanted")
    compared.seed = SeedRequest(mode="compare", items=compared.seed.items)
    [report] = compared.reports()
    assert report["changes"] == [{"field": "value", "before": None, "after": "wanted"}]


class Refused(Exception):
    pgcode = "22001"


def test_what_airflow_and_drivers_say_of_a_value_is_not_shown() -> None:
    said = refusal(ValueError("Port could not be cast to integer value as 'mysecretkeypart'"))
    assert "mysecretkeypart" not in said
    assert "ValueError" in said
    assert refusal(Refused("value too long: mysecretkeypart")) == "A text is longer than its column."


@pytest.mark.parametrize("said", ["database is locked", "database or disk is full"])
def test_a_database_that_takes_nothing_is_not_a_refusal_of_each_row(said: str) -> None:
    tried: list[int] = []

    def write(columns: list[dict[str, Any]]) -> None:
        tried.append(len(columns))
        raise sqlite3.OperationalError(said)

    tables = SeedTables(SimpleNamespace(begin_nested=contextlib.nullcontext))
    with pytest.raises(sqlite3.OperationalError, match=said):
        tables.store([("a", {}), ("b", {})], write)
    assert tried == [2]
