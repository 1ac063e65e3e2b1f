"""Where a warm-up of tasks works: never in the author's database, and on SQLite in no file that others can name."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest

from airflow_devenv.scratch_database import _Scratch


class SqliteEngine:
    class dialect:  # noqa: N801 - as SQLAlchemy names it
        name = "sqlite"


def test_a_file_lies_in_a_folder_of_its_own_that_only_its_owner_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    template = tmp_path / "template.db"
    sqlite3.connect(template).close()
    engine: Any = SqliteEngine()
    first, second = _Scratch(engine, str(template)), _Scratch(engine, str(template))
    for each in (first, second):
        each.create()
    folders = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert len(folders) == 2
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    for each in (first, second):
        each.drop()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["template.db"]
