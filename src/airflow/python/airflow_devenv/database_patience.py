"""How long SQLite waits for another process that has locked the file."""

from __future__ import annotations

from typing import Any

#: Python's own 5 s end before a person has read who holds the file; the command tells that, and how to free it.
BUSY_MILLISECONDS = 60_000


def wait_for_other_writers() -> None:
    """Holds for every connection that is used from now on, also for one from before this process was forked."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    for name in ("connect", "checkout"):
        if not event.contains(Engine, name, _be_patient):
            event.listen(Engine, name, _be_patient)


def is_locked(error: BaseException) -> bool:
    return "database is locked" in str(getattr(error, "orig", None) or error)


def _be_patient(connection: Any, *_: Any) -> None:
    if "sqlite" not in type(connection).__module__:
        return
    cursor = connection.cursor()
    cursor.execute(f"pragma busy_timeout = {BUSY_MILLISECONDS}")
    cursor.close()
