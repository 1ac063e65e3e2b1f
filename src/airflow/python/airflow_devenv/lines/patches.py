"""Functions of Airflow's that are replaced, and put back."""

from __future__ import annotations

import inspect
from typing import Any

#: In the place of what a class has from another one.
INHERITED = object()


class Patches:
    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def put(self, owner: Any, name: str, replacement: Any) -> None:
        """Raises AttributeError where there is no such name."""
        before = vars(owner).get(name, INHERITED)
        if before is INHERITED:
            inspect.getattr_static(owner, name)
        self._before.append((owner, name, before))
        setattr(owner, name, replacement)

    def undo(self) -> None:
        while self._before:
            owner, name, before = self._before.pop()
            if before is INHERITED:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    def take(self, others: Patches) -> None:
        """Undoes them as well, before its own earlier ones."""
        self._before += others._before
        others._before = []
