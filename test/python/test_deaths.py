"""How the end of a process is told."""

from __future__ import annotations

import signal

from airflow_devenv.deaths import describe_end


def test_a_signal_is_named() -> None:
    assert describe_end(-signal.SIGKILL) == "was killed by SIGKILL"


def test_an_exit_code_is_told() -> None:
    assert describe_end(3) == "ended itself with code 3"
