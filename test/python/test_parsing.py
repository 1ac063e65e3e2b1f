"""Whose a file is, and what an import error says."""

from __future__ import annotations

import colorsys
from pathlib import Path

import pytest

from airflow_devenv.parsing import bundle_of, exception_text, import_failure
from airflow_devenv.protocol import Bundle, RunRequest


def test_a_file_belongs_to_the_innermost_bundle() -> None:
    outer, inner = Bundle("outer", "/repo/dags"), Bundle("inner", "/repo/dags/team")
    request = RunRequest(bundles=[outer, inner])
    assert bundle_of(request, "/repo/dags/team/x.py") == inner
    assert bundle_of(request, "/repo/dags/x.py") == outer


def test_a_file_beside_a_bundle_gets_one_of_its_own() -> None:
    request = RunRequest(bundles=[Bundle("dags", "/repo/dags")])
    assert bundle_of(request, "/repo/dags_old/x.py").path == "/repo/dags_old"


TRACE = """Traceback (most recent call last):
  File "/repo/dags/one.py", line 3, in <module>
    EmptyOperator(task_id="one", no_such=1)
  File "/lib/operator.py", line 9, in __init__
    raise TypeError(
    ^^^^^^^^^^^^^^^^
TypeError: Invalid arguments were passed. Invalid arguments were:
**kwargs: {'no_such': 1}
"""


def test_all_lines_of_a_message_are_told() -> None:
    expected = "TypeError: Invalid arguments were passed. Invalid arguments were:\n**kwargs: {'no_such': 1}"
    assert exception_text(TRACE) == expected


def test_a_message_without_a_traceback_is_told_as_it_is() -> None:
    assert exception_text("Cycle detected: a\n") == "Cycle detected: a"


@pytest.mark.parametrize(
    "message",
    [
        "ModuleNotFoundError: No module named 'colorsys.shades'; 'colorsys' is not a package",
        "ImportError: cannot import name 'shade' from 'colorsys' (/lib/python3/colorsys.py)",
        "AttributeError: module 'colorsys' has no attribute 'shade'",
    ],
)
def test_an_installed_module_that_hides_one_of_the_author_is_named(tmp_path: Path, message: str) -> None:
    own = tmp_path / "dags" / "colorsys.py"
    own.parent.mkdir()
    own.write_text("def shade(): ...\n", encoding="utf-8")
    request = RunRequest(repositories=[str(tmp_path)], import_paths=[str(own.parent)])
    steps = import_failure(request, str(tmp_path / "dags" / "dag.py"), message).next_steps
    assert steps is not None
    assert steps[0].startswith(f"{own} is not what was imported: the installed {colorsys.__file__} ")


def test_a_module_that_is_nowhere_is_not_taken_for_a_hidden_one(tmp_path: Path) -> None:
    request = RunRequest(repositories=[str(tmp_path)], import_paths=[str(tmp_path)])
    steps = import_failure(request, str(tmp_path / "dag.py"), "No module named 'colorsys.shades'").next_steps
    assert steps is not None
    assert "not what was imported" not in " ".join(steps)


def test_a_dag_for_airflow_3_is_said_to_be_one(tmp_path: Path) -> None:
    request = RunRequest(repositories=[str(tmp_path)])
    error = "ModuleNotFoundError: No module named 'airflow.sdk'"
    steps = import_failure(request, str(tmp_path / "dag.py"), error).next_steps
    assert steps is not None
    assert steps[0].startswith("airflow.sdk is Airflow 3's.")
