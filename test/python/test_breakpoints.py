"""`breakpoint()` where a terminal is lent, and where there is none."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_devenv.breakpoints import NoDebugger, take_breakpoints


@pytest.fixture(autouse=True)
def usual_hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("PYTHONBREAKPOINT", raising=False)
    usual = sys.breakpointhook
    trace = sys.gettrace()
    yield
    sys.breakpointhook = usual
    sys.settrace(trace)


def author() -> int:
    number = 41
    breakpoint()
    return number


def test_a_person_looks_and_changes_and_the_function_goes_on() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "s"))
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        said: list[str] = []

        def person() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rw") as terminal:
                for line in ("p number + 1", "number = 7", "c"):
                    terminal.write(f"{line}\n")
                terminal.flush()
                said.append(terminal.read())

        thread = threading.Thread(target=person)
        thread.start()
        take_breakpoints(path)
        assert author() == 7
        # The conversation lasts as long as the process, which here goes on.
        sys.breakpointhook._debugger.stdout.close()  # type: ignore[attr-defined]
        sys.breakpointhook._debugger.stdin.close()  # type: ignore[attr-defined]
        thread.join(10)
        server.close()
    assert "test_breakpoints.py" in said[0]
    assert "author()" in said[0]
    assert "42" in said[0]


def test_without_a_terminal_the_line_is_the_author_s() -> None:
    take_breakpoints(None)
    with pytest.raises(NoDebugger, match="--debug"):
        author()


def test_a_terminal_that_is_gone_is_none() -> None:
    take_breakpoints("/nowhere/socket")
    with pytest.raises(NoDebugger):
        author()


def test_the_debugger_of_the_author_s_choice_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = sys.breakpointhook
    monkeypatch.setenv("PYTHONBREAKPOINT", "0")
    take_breakpoints(None)
    assert sys.breakpointhook is usual
