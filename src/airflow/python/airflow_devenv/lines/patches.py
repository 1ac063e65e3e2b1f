"""Functions of Airflow's that are replaced, and put back."""

from __future__ import annotations

from typing import Any


class Patches:
    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def put(self, owner: Any, name: str, replacement: Any) -> None:
        """`owner` is a module or a class that has this name itself."""
        self._before.append((owner, name, vars(owner)[name]))
        setattr(owner, name, replacement)

    def undo(self) -> None:
        while self._before:
            setattr(*self._before.pop())
