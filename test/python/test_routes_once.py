"""Routes that are included again are not analysed again. FastAPI is a stand-in here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from airflow_devenv.lines.routes_once import RoutesOnce


@dataclass
class Dependant:
    path: str
    call: Any
    dependencies: list[Any] = field(default_factory=list)


@dataclass
class Field:
    name: str
    type_: Any


def module(name: str) -> Any:
    return ModuleType(name)


class FastApi:
    def __init__(self) -> None:
        self.analysed: list[tuple[str, Any]] = []
        self.utils = module("fastapi.dependencies.utils")
        self.utils.get_dependant = self.get_dependant
        self.utils.get_path_param_names = lambda path: {each for each in path.split("/") if each[:1] == "{"}
        self.routing = module("fastapi.routing")
        self.routing.get_dependant = self.get_dependant
        self.routing.create_model_field = Field
        self.before = (self.utils.get_dependant, self.routing.get_dependant, self.routing.create_model_field)

    def get_dependant(self, *, path: str, call: Any, **keywords: Any) -> Dependant:
        self.analysed.append((path, call))
        return Dependant(path, call)

    def now(self) -> tuple[Callable[..., Any], ...]:
        return (self.utils.get_dependant, self.routing.get_dependant, self.routing.create_model_field)


@pytest.fixture
def fastapi(monkeypatch: pytest.MonkeyPatch) -> FastApi:
    fake = FastApi()
    package = module("fastapi")
    package.routing = fake.routing
    dependencies = module("fastapi.dependencies")
    dependencies.utils = fake.utils
    for each in (package, dependencies, fake.routing, fake.utils):
        monkeypatch.setitem(sys.modules, each.__name__, each)
    return fake


def endpoint() -> None: ...


def test_the_same_function_is_analysed_once_for_the_same_names_in_its_path(fastapi: FastApi) -> None:
    with RoutesOnce().building():
        first = fastapi.routing.get_dependant(path="/dags/{id}", call=endpoint, scope="function")
        first.dependencies.append("added by the first route")
        second = fastapi.routing.get_dependant(path="/api/v2/dags/{id}", call=endpoint, scope="function")
        fastapi.routing.get_dependant(path="/dags", call=endpoint, scope="function")
    assert fastapi.analysed == [("/dags/{id}", endpoint), ("/dags", endpoint)]
    assert (second.path, second.dependencies) == ("/api/v2/dags/{id}", [])


def test_what_cannot_be_compared_is_analysed_each_time(fastapi: FastApi) -> None:
    with RoutesOnce().building():
        for _ in range(2):
            fastapi.utils.get_dependant(path="/", call=endpoint, scope={})
    assert len(fastapi.analysed) == 2


def test_a_field_of_a_response_has_the_name_of_its_own_route(fastapi: FastApi) -> None:
    with RoutesOnce().building():
        names = [fastapi.routing.create_model_field(each, type_=int).name for each in ("one", "two")]
    assert names == ["one", "two"]


def test_fastapi_is_as_before_afterwards(fastapi: FastApi) -> None:
    with RoutesOnce().building():
        assert fastapi.now() != fastapi.before
    assert fastapi.now() == fastapi.before


def test_without_a_private_name_fastapi_does_it_all(fastapi: FastApi) -> None:
    del fastapi.utils.get_path_param_names
    with RoutesOnce().building():
        assert fastapi.now() == fastapi.before
