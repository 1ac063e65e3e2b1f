"""A file that was saved twice within a second is the second one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

import airflow_devenv
from airflow_devenv.fresh_sources import leave_fresh_sources_uncached


@pytest.fixture(autouse=True)
def patched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(SourceFileLoader, "_cache_bytecode", SourceFileLoader._cache_bytecode)  # type: ignore[attr-defined]
    leave_fresh_sources_uncached()


def load(path: Path) -> Any:
    namespace: dict[str, Any] = {}
    code = SourceFileLoader("some", str(path)).get_code("some")
    assert code is not None
    exec(code, namespace)
    return namespace["VALUE"]


def test_a_file_of_the_same_size_and_second_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "some.py"
    path.write_text("VALUE = 1\n")
    assert load(path) == 1
    saved = path.stat().st_mtime_ns
    path.write_text("VALUE = 2\n")
    os.utime(path, ns=(saved, saved))
    assert load(path) == 2


def test_a_file_that_was_saved_before_is_cached(tmp_path: Path) -> None:
    path = tmp_path / "some.py"
    path.write_text("VALUE = 1\n")
    os.utime(path, (time.time() - 60, time.time() - 60))
    load(path)
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1


def test_without_it_python_keeps_the_first(tmp_path: Path) -> None:
    """So that this is about something: the same steps in an interpreter that nobody has told."""
    path = tmp_path / "some.py"
    script = f"""
import os, pathlib
from importlib.machinery import SourceFileLoader
path = pathlib.Path({str(path)!r})
for value in (1, 2):
    path.write_text(f"VALUE = {{value}}\\n")
    os.utime(path, (1000, 1000))
    namespace = {{}}
    exec(SourceFileLoader("some", str(path)).get_code("some"), namespace)
print(namespace["VALUE"])
"""
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(airflow_devenv.__file__))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    found = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "1"
