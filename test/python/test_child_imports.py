"""Which Pythons that a task starts get the project's import paths."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.child_imports import STARTUP, hand_on_import_paths, variables
from airflow_devenv.hadoop import after_import as after_import_module


def test_a_child_finds_modules_behind_its_own(tmp_path: Path) -> None:
    (tmp_path / "pricing.py").write_text("RATE = 7\n", encoding="utf-8")
    (tmp_path / "json.py").write_text("raise SystemExit('hides the standard library')\n", encoding="utf-8")
    environment = variables([str(tmp_path)], {"PYTHONPATH": f"/given{os.pathsep}{STARTUP}"})
    assert environment["PYTHONPATH"] == f"{STARTUP}{os.pathsep}/given"
    code = "import json, pricing; print(pricing.RATE)"
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout == "7\n"


@pytest.mark.parametrize("inherits", [True, False])
def test_the_operator_has_them_while_its_child_runs_and_not_afterwards(
    monkeypatch: pytest.MonkeyPatch, inherits: bool
) -> None:
    seen: list[dict[str, str]] = []

    class Operator:
        env_vars: dict[str, str] | None = None
        inherit_env = inherits

        def _execute_python_callable_in_subprocess(self, python: str) -> str:
            seen.append(dict(self.env_vars or {}))
            return python

    module: Any = SimpleNamespace(_BasePythonVirtualenvOperator=Operator)
    monkeypatch.setattr(after_import_module, "_done", set())
    monkeypatch.setitem(sys.modules, "airflow.providers.standard.operators.python", module)
    monkeypatch.setenv("PYTHONPATH", "/inherited")
    hand_on_import_paths(["/repo/dags", "/repo/plugins"])
    operator = Operator()
    assert operator._execute_python_callable_in_subprocess("python3") == "python3"
    assert operator.env_vars is None
    expected = f"{STARTUP}{os.pathsep}/inherited" if inherits else STARTUP
    assert seen == [
        {
            "PYTHONPATH": expected,
            "AIRFLOW_DEVENV_IMPORT_PATHS": f"/repo/dags{os.pathsep}/repo/plugins",
        }
    ]


def test_a_release_without_that_method_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(after_import_module, "_done", set())
    module: Any = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "airflow.operators.python", module)
    hand_on_import_paths([])
    assert vars(module) == {}
