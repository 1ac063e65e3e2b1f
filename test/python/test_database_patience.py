"""How long SQLite waits for others, on whichever connection."""

from __future__ import annotations

import sqlite3
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_devenv import database_patience


def test_a_connection_from_before_the_fork_waits_as_long_as_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listeners: dict[str, Any] = {}
    event = SimpleNamespace(
        contains=lambda _target, name, _listener: name in listeners,
        listen=lambda _target, name, listener: listeners.setdefault(name, listener),
    )
    monkeypatch.setitem(sys.modules, "sqlalchemy", SimpleNamespace(event=event))
    monkeypatch.setitem(sys.modules, "sqlalchemy.engine", SimpleNamespace(Engine=object))
    database_patience.wait_for_other_writers()
    connection = sqlite3.connect(":memory:")
    # A pool gives out what it has from before: nothing connects.
    listeners["checkout"](connection, None, None)
    assert connection.execute("pragma busy_timeout").fetchone() == (database_patience.BUSY_MILLISECONDS,)
    assert "connect" in listeners
