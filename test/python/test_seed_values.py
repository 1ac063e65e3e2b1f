"""How seeded values are compared and shown."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_devenv import seed_values
from airflow_devenv.seed_values import Wanted, changes, equal, same_json


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ("1", "1.0", False),
        ("1", "true", False),
        ('"1"', "1", False),
        (None, None, True),
        (None, "null", False),
        ("not json", "not json", True),
        ("not json", "1", False),
        ("[1, 2]", "[2, 1]", False),
    ],
)
def test_json_is_compared_by_what_it_means(left: str | None, right: str | None, same: bool) -> None:
    assert same_json(left, right) is same


def test_text_is_compared_letter_by_letter() -> None:
    assert not equal({"value": '{"a": 1}'}, Wanted({"value": '{"a":1}'}))
    assert equal({"value": '{"a": 1}'}, Wanted({"value": '{"a":1}'}, json_fields=frozenset({"value"})))


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed_values, "_is_hidden", lambda name: "token" in name)


def fingerprint(value: Any) -> str:
    return f"{len(str(value)):08}"


def test_secret_fields_are_shown_as_fingerprints() -> None:
    wanted = Wanted({"host": "b", "password": "pw"}, secret=frozenset({"password"}))
    found = changes({"host": "a", "password": None}, wanted, fingerprint)  # type: ignore[arg-type]
    assert found == [
        {"field": "host", "before": "a", "after": "b"},
        {"field": "password", "before": None, "after": "*** 00000002"},
    ]


def test_the_extra_is_shown_key_by_key() -> None:
    wanted = Wanted({"extra": '{"a": 1, "token": "x", "new": {"b": 2}}'}, json_fields=frozenset({"extra"}))
    stored = {"extra": '{"a": 1, "token": "yy", "old": null}'}
    assert changes(stored, wanted, fingerprint) == [  # type: ignore[arg-type]
        {"field": "extra.token", "before": "*** 00000002", "after": "*** 00000001"},
        {"field": "extra.old", "before": None, "after": None},
        {"field": "extra.new", "before": None, "after": '{"b": 2}'},
    ]


def test_long_values_are_cut() -> None:
    found = changes({"value": "a"}, Wanted({"value": "x" * 300}), fingerprint)  # type: ignore[arg-type]
    assert found[0]["after"] == "x" * 200 + "… (300 characters)"
