"""Whose a file is, and what an import error says."""

from __future__ import annotations

from airflow_devenv.parsing import bundle_of, exception_text
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
