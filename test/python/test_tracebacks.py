"""Errors as their author wants to see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airflow_devenv.tracebacks import describe_error, is_own


def error_of(file: Path, text: str) -> BaseException:
    """What running `text`, as the contents of `file`, raises."""
    file.write_text(text, encoding="utf-8")
    try:
        exec(compile(text, str(file), "exec"), {})
    except BaseException as error:  # noqa: BLE001 - it is what the test is about
        return error
    raise AssertionError("nothing was raised")


def describe(file: Path, text: str) -> dict[str, Any]:
    return describe_error(error_of(file, text), [str(file.parent)])


def test_the_traceback_starts_at_the_authors_code(tmp_path: Path) -> None:
    file = tmp_path / "dag.py"
    detail = describe(file, "def f():\n    raise ValueError('bad')\nf()\n")
    assert detail["type"] == "ValueError"
    assert detail["message"] == "bad"
    assert detail["traceback"][0] == f'  File "{file}", line 3, in <module>'
    assert detail["traceback"][-1] == "ValueError: bad"
    assert not any("test_tracebacks" in line for line in detail["traceback"])


def test_the_place_is_the_authors_innermost_frame(tmp_path: Path) -> None:
    file = tmp_path / "dag.py"
    detail = describe(file, "import json\n\n\ndef f():\n    json.loads('{')\nf()\n")
    assert (detail["file"], detail["line"]) == (str(file), 5)


def test_a_syntax_error_is_placed_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "dag.py"
    detail = describe(file, "x = 1\ny = (\n")
    assert (detail["file"], detail["line"]) == (str(file), 2)


def test_the_cause_is_named(tmp_path: Path) -> None:
    text = "try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('bad') from error\n"
    assert describe(tmp_path / "dag.py", text)["traceback"][-1] == "Caused by KeyError: 'a'"


def test_a_suppressed_context_is_not_named(tmp_path: Path) -> None:
    text = "try:\n    {}['a']\nexcept KeyError:\n    raise ValueError('bad') from None\n"
    assert describe(tmp_path / "dag.py", text)["traceback"][-1] == "ValueError: bad"


def test_an_error_outside_the_authors_code_keeps_its_whole_traceback(tmp_path: Path) -> None:
    error = error_of(tmp_path / "library.py", "raise ValueError('bad')\n")
    detail = describe_error(error, ["/another/repository"])
    assert "file" not in detail
    assert any("library.py" in line for line in detail["traceback"])


@pytest.mark.parametrize(
    ("filename", "own"),
    [
        ("/repo/dags/x.py", True),
        ("/repo", True),
        ("/repository/x.py", False),
        ("/repo/.venv/lib/python3.12/site-packages/x.py", False),
        ("<string>", False),
    ],
)
def test_own_code_is_what_lies_in_a_repository_and_is_not_installed(filename: str, own: bool) -> None:
    assert is_own(filename, ["/repo"]) is own


def test_an_error_that_stands_for_the_authors_is_placed_in_their_code(tmp_path: Path) -> None:
    file = tmp_path / "dag.py"
    cause = error_of(file, "x = 1\nraise SystemExit(3)\n")
    try:
        raise RuntimeError("Task failed due to SystemExit(3)") from cause
    except RuntimeError as error:
        detail = describe_error(error, [str(tmp_path)])
    assert (detail["type"], detail["file"], detail["line"]) == ("RuntimeError", str(file), 2)
