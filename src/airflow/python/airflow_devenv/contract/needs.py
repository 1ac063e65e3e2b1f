"""What may be absent in a release, and how it is looked for without running anything of a DAG."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import Any, Protocol


class Need(Protocol):
    def missing(self) -> str | None:
        """What is absent or different, as the end of a sentence; None when all is as it is needed."""


def found(place: str) -> Any:
    """What is at `module:Name.attribute`; a module without a colon. Raises ImportError or AttributeError."""
    module, _, path = place.partition(":")
    value: Any = importlib.import_module(module)
    for name in path.split(".") if path else ():
        try:
            value = inspect.getattr_static(value, name)
        except AttributeError:
            # Of a module or class that makes its names when they are asked for.
            value = getattr(value, name)
    return value


@dataclass(frozen=True)
class Name:
    """A module, or a name in one."""

    place: str

    def missing(self) -> str | None:
        try:
            found(self.place)
        except ImportError:
            return f"there is no module {self.place.partition(':')[0]}"
        except AttributeError:
            module, _, path = self.place.partition(":")
            return f"{module} has no {path}"
        return None


@dataclass(frozen=True)
class OneOf:
    """A name that moved: one of the places is enough."""

    places: tuple[str, ...]

    def missing(self) -> str | None:
        reasons = [Name(each).missing() for each in self.places]
        return None if None in reasons else reasons[0]


@dataclass(frozen=True)
class Signature:
    """A function that takes these arguments by name."""

    place: str
    parameters: tuple[str, ...]

    def missing(self) -> str | None:
        reason = Name(self.place).missing()
        if reason is not None:
            return reason
        function = found(self.place)
        function = getattr(function, "__func__", function)
        try:
            known = inspect.signature(function).parameters
        except (TypeError, ValueError):
            return f"the arguments of {self.place} can't be read"
        if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in known.values()):
            return None
        absent = [each for each in self.parameters if each not in known]
        return f"{self.place} takes no {', '.join(absent)}" if absent else None


@dataclass(frozen=True)
class Columns:
    """Columns of the table of a model."""

    model: str
    names: tuple[str, ...]

    def missing(self) -> str | None:
        reason = Name(self.model).missing()
        if reason is not None:
            return reason
        known = getattr(getattr(found(self.model), "__table__", None), "columns", {})
        absent = [each for each in self.names if each not in known]
        return f"{self.model} has no column {', '.join(absent)}" if absent else None


@dataclass(frozen=True)
class Statements:
    """SQL of ours: a function that gives an object with one statement in each attribute."""

    place: str

    def missing(self) -> str | None:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            statements = vars(found(self.place)())
            for name, statement in statements.items():
                _compile(name, statement)
        except (ImportError, AttributeError, TypeError, KeyError, SQLAlchemyError, _Uncompiled) as error:
            return f"a statement of {self.place} can't be made: {str(error).splitlines()[0]}"
        return None


class _Uncompiled(Exception):
    pass


def _compile(name: str, statement: Any) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        statement.compile()
    except SQLAlchemyError as error:
        raise _Uncompiled(f"{name}: {error}") from error
