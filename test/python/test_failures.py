"""What errors of drivers and of the system mean for a run."""

from __future__ import annotations

import errno
import sqlite3

from airflow_devenv.failures import database_lost, disk_full, is_disk_full


class DiskFull(Exception):
    pgcode = "53100"


class OperationalError(Exception):
    """As SQLAlchemy's: the statement and its parameters are in its text."""

    def __init__(self, original: BaseException) -> None:
        super().__init__(f"{original}\n[SQL: INSERT …]\n[parameters: {{'conf': 'hunter2'}}]")
        self.orig = original


def test_a_full_disk_is_told_without_the_statement() -> None:
    error = OperationalError(DiskFull('could not extend file "base/1/2": No space left on device\nHINT: …'))
    assert is_disk_full(error)
    for failure in (disk_full(error), database_lost(error)):
        assert failure.code == "disk_full"
        assert failure.why == 'could not extend file "base/1/2": No space left on device.'


def test_it_is_found_below_another_error_and_in_files_and_sqlite() -> None:
    outer = RuntimeError("a rolled back transaction")
    outer.__context__ = OperationalError(DiskFull("full"))
    assert is_disk_full(outer)
    assert is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(OperationalError(sqlite3.OperationalError("database or disk is full")))


def test_nothing_else_is_a_full_disk() -> None:
    assert not is_disk_full(OSError(errno.EACCES, "denied"))
    assert not is_disk_full(OperationalError(sqlite3.OperationalError("database is locked")))
    assert database_lost(ValueError("gone")).code == "database_lost"
