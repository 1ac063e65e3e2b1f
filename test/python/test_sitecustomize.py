"""What a Python that a person starts with devenv has on its import path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

STARTUP = Path(__file__).parents[2] / "src" / "airflow" / "python" / "startup"


def run(tmp_path: Path, code: str, *pythonpath: Path) -> list[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(each) for each in (STARTUP, *pythonpath)),
        "AIRFLOW_DEVENV_IMPORT_PATHS": os.pathsep.join([str(tmp_path / "dags"), str(tmp_path)]),
    }
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return found.stdout.splitlines()


def test_folders_come_behind_the_installed_packages(tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "statistics.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "dags" / "helper_of_mine.py").write_text("print('helper')")
    code = "import random, statistics, helper_of_mine, sys; print(*sys.path[-2:], sep='\\n')"
    assert run(tmp_path, code) == ["helper", str(tmp_path / "dags"), str(tmp_path)]


def test_our_folder_is_gone_again(tmp_path: Path) -> None:
    assert run(tmp_path, f"import sys; print({str(STARTUP)!r} in sys.path)") == ["False"]


def test_a_sitecustomize_of_the_environment_runs_too(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("print('the other')")
    assert run(tmp_path, "print('main')", tmp_path / "site") == ["the other", "main"]
