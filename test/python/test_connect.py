"""A process that has waited takes a new connection when its server was stopped meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest

from airflow_devenv.lines.connect import connect_to


class Engine:
    def __init__(self, answers: list[bool]) -> None:
        self.answers = answers
        self.disposed = 0

    @contextmanager
    def connect(self) -> Any:
        yield self

    def execute(self, statement: str) -> None:
        if not self.answers.pop(0):
            raise ConnectionError("server closed the connection unexpectedly")

    def dispose(self) -> None:
        self.disposed += 1


def test_a_connection_of_a_stopped_server_is_replaced() -> None:
    engine = Engine([False, True])
    connect_to(engine, "select 1")
    assert (engine.answers, engine.disposed) == ([], 1)


def test_a_live_connection_is_kept() -> None:
    engine = Engine([True])
    connect_to(engine, "select 1")
    assert engine.disposed == 0


def test_a_server_that_is_gone_is_told() -> None:
    with pytest.raises(ConnectionError, match="closed the connection"):
        connect_to(Engine([False, False]), "select 1")
