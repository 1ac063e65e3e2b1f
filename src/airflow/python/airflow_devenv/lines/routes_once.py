"""FastAPI's routes, analysed once.

Each time a router is included in another one, FastAPI makes every route anew and takes the signatures of its
function and of all dependencies apart again; Airflow nests its routers four deep. What came out before is used
again here: half of the time that Airflow's API takes to build, and some of its memory.
Source: fastapi 0.136 `routing.py::APIRoute`, `dependencies/utils.py::get_dependant`.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate
from airflow_devenv.lines.patches import Patches


class RoutesOnce:
    """What is known lasts as long as this object."""

    def __init__(self) -> None:
        self._dependants: dict[Any, Any] = {}
        self._fields: dict[Any, Any] = {}

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """Routes that are made while it lasts are made so. Where a name is missing, FastAPI does it all itself."""
        patches = Patches()
        accelerate("routes_once3", self._analyse_once, patches)
        try:
            yield
        finally:
            patches.undo()

    def _analyse_once(self, patches: GuardedPatches) -> None:
        from fastapi import routing
        from fastapi.dependencies import utils

        shared = self._shared(utils.get_dependant, utils.get_path_param_names)
        patches.wrap(utils, "get_dependant", lambda _original: shared)
        patches.wrap(routing, "create_model_field", self._response_field)
        # A route adds dependencies to its own.
        patches.wrap(routing, "get_dependant", lambda _original: _copying(shared))

    def _shared(
        self, original: Callable[..., Any], path_names: Callable[[str], set[str]]
    ) -> Callable[..., Any]:
        def get_dependant(*, path: str, call: Any, **keywords: Any) -> Any:
            # A path decides which parameters come from it, nothing else.
            key = (call, frozenset(path_names(path)), _hashable(keywords))
            try:
                found = self._dependants.get(key)
            except TypeError:
                return original(path=path, call=call, **keywords)
            if found is None:
                found = self._dependants[key] = original(path=path, call=call, **keywords)
            return found

        return get_dependant

    def _response_field(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def create_model_field(name: str, **keywords: Any) -> Any:
            key = _hashable(keywords)
            try:
                found = self._fields.get(key)
            except TypeError:
                return original(name=name, **keywords)
            if found is None:
                found = self._fields[key] = original(name=name, **keywords)
            field = copy.copy(found)
            field.name = name
            return field

        return create_model_field


def _copying(get_dependant: Callable[..., Any]) -> Callable[..., Any]:
    def get_own_dependant(*, path: str, **keywords: Any) -> Any:
        found = get_dependant(path=path, **keywords)
        return dataclasses.replace(found, path=path, dependencies=list(found.dependencies))

    return get_own_dependant


def _hashable(keywords: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value) for name, value in sorted(keywords.items())
    )
