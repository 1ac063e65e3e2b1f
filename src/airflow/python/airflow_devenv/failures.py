"""Failures that have a name, a reason and a next step. Told to the client as an `error` event."""

from __future__ import annotations

from typing import Any

from airflow_devenv.database_patience import is_locked


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


def database_lost(error: BaseException) -> RunFailure:
    if is_locked(error):
        return RunFailure(
            "database_locked",
            "Another process keeps the database locked, and the run has waited long enough.",
            next_steps=["devenv unlockdb says which, and frees it"],
        )
    return RunFailure(
        "database_lost",
        "The database went away in the middle of the run.",
        why=str(error).strip().split("\n")[0],
        next_steps=["Run it again: the database is started, and this DAG run is marked failed."],
    )
