"""Which pairs of a name and a URI become active. Airflow and its database are stand-ins here."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.lines.assets3 import activate_assets

Pair = tuple[str, str]


class Database:
    """Its table of active assets keeps names and URIs unique."""

    def __init__(self, active: list[Pair], stored: list[Pair]) -> None:
        self.active = [SimpleNamespace(name=name, uri=uri) for name, uri in active]
        self.stored = stored

    def scalars(self, _query: Any) -> list[Any]:
        return list(self.active)

    def execute(self, _query: Any) -> list[Pair]:
        return self.stored

    def delete(self, row: Any) -> None:
        self.active.remove(row)

    def flush(self) -> None:
        pass

    def add(self, row: Any) -> None:
        assert all(row.name != each.name and row.uri != each.uri for each in self.active), "IntegrityError"
        self.active.append(row)

    def pairs(self) -> list[Pair]:
        return sorted((row.name, row.uri) for row in self.active)


class Anything:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_: self


class Columns(type):
    def __getattr__(cls, _name: str) -> Any:
        return Anything()


class AssetActive(metaclass=Columns):
    def __init__(self, name: str, uri: str) -> None:
        self.name, self.uri = name, uri


@dataclass(frozen=True)
class Asset:
    name: str
    uri: str


def activate(monkeypatch: pytest.MonkeyPatch, database: Database, *declared: Pair) -> list[Pair]:
    @contextmanager
    def create_session() -> Any:
        yield database

    contents: dict[str, dict[str, Any]] = {
        "airflow": {},
        "airflow.models": {},
        "airflow.models.asset": {"AssetActive": AssetActive, "AssetModel": AssetActive},
        "airflow.utils": {},
        "airflow.utils.session": {"create_session": create_session},
        "sqlalchemy": {"or_": lambda *_: None, "select": lambda *_: Anything()},
    }
    for name, content in contents.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    outlets = [Asset(*each) for each in declared]
    activate_assets([SimpleNamespace(task_dict={"writes": SimpleNamespace(outlets=outlets)})])
    return database.pairs()


def test_a_changed_uri_takes_the_place_of_the_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    new = ("orders", "s3://v2")
    database = Database([("orders", "s3://v1"), ("other", "s3://other")], [new])
    assert activate(monkeypatch, database, new) == [new, ("other", "s3://other")]


def test_of_several_new_pairs_of_one_name_the_first_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (("orders", f"s3://v{number}") for number in (1, 2, 3))
    database = Database([("orders", "s3://v0")], [first, second, third])
    assert activate(monkeypatch, database, first, second, third) == [first]


def test_a_declared_pair_stays_active_beside_others_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ("orders", "s3://v1"), ("orders", "s3://v2")
    database = Database([first], [first, second])
    assert activate(monkeypatch, database, first, second) == [first]
    assert activate(monkeypatch, database, first, second) == [first]
