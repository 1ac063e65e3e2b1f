"""The first connection of a process that may have waited for its request for hours."""

from __future__ import annotations

from typing import Any


def connect_to(engine: Any, statement: Any) -> None:
    """Asks the server once. A pooled connection may be of a server that was stopped since; nothing has begun on it,
    so that all of the pool is closed and the second answer counts. Raises what the driver raises."""
    try:
        _ask(engine, statement)
    except Exception:  # noqa: BLE001 - drivers have no common class for a connection that has gone
        engine.dispose()
        _ask(engine, statement)


def _ask(engine: Any, statement: Any) -> None:
    with engine.connect() as connection:
        connection.execute(statement)
