"""Failures that have a name, a reason and a next step. Told to the client as an `error` event."""

from __future__ import annotations

import errno
from typing import Any

from airflow_devenv.database_patience import is_locked
from airflow_devenv.explanations import chain


class RunFailure(Exception):
    def __init__(
        self,
        code: str,
        what: str,
        *,
        why: str | None = None,
        next_steps: list[str] | None = None,
        misuse: bool = False,
        detail: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.next_steps = next_steps
        self.misuse = misuse
        self.detail = detail

    def event(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "what": self.what,
            "why": self.why,
            "next": self.next_steps,
            "misuse": self.misuse or None,
            "detail": self.detail,
        }


def is_disk_full(error: BaseException) -> bool:
    """Whether there was no space for what was written, here or in the database."""
    return _full_disk(error) is not None


def _full_disk(error: BaseException) -> BaseException | None:
    for each in chain(error):
        original = getattr(each, "orig", None) or each
        if getattr(original, "pgcode", None) == "53100" or getattr(original, "sqlstate", None) == "53100":
            return original
        if isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT):
            return each
        if "sqlite" in type(original).__module__ and "disk is full" in str(original):
            return original
    return None


def disk_full(error: BaseException) -> RunFailure:
    """Without the statement and its parameters, which SQLAlchemy adds."""
    said = str(_full_disk(error) or error).strip().split("\n")[0]
    return RunFailure(
        "disk_full",
        "No space is left on the disk.",
        why=f"{said}.",
        next_steps=[
            "Free some space and run the command again; du -sh .devenv/* shows what the project takes"
        ],
    )


def database_lost(error: BaseException) -> RunFailure:
    if is_disk_full(error):
        return disk_full(error)
    if is_locked(error):
        return RunFailure(
            "database_locked",
            "Another process keeps the database locked, and it was waited for long enough.",
            next_steps=["devenv unlockdb says which, and frees it"],
        )
    return RunFailure(
        "database_lost",
        "The database went away in the middle of the run.",
        why=str(error).strip().split("\n")[0],
        next_steps=["Run it again: the database is started, and this DAG run is marked failed."],
    )
