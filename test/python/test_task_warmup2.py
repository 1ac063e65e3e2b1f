"""The warm-up of tasks where it can't be done. That it works is shown on a real Airflow, by the stack's tests."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from airflow_devenv.lines import task_warmup2
from airflow_devenv.lines.task_warmup2 import warm_up_tasks


@pytest.mark.parametrize("ends", [ImportError("no Airflow here"), SystemExit(2)])
def test_one_that_fails_is_told_and_changes_nothing(
    ends: BaseException, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def listener() -> None:
        os.environ["LEFT_BY_A_TASK"] = "1"
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.modules["unusual_prefix_of_a_dag"] = sys
        os.write(1, b"what a task has to say")
        raise ends

    monkeypatch.setattr(task_warmup2, "_listener", listener)
    before = signal.getsignal(signal.SIGTERM)
    warm_up_tasks()
    said = capfd.readouterr()
    assert "The warm-up of the workers failed" in said.err
    assert said.out == ""
    assert "LEFT_BY_A_TASK" not in os.environ
    assert "unusual_prefix_of_a_dag" not in sys.modules
    assert signal.getsignal(signal.SIGTERM) is before


def test_where_somebody_would_hear_of_it_nothing_is_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(task_warmup2, "_listener", lambda: "a listener of a plugin")
    monkeypatch.setattr(task_warmup2, "_run", lambda _file: pytest.fail("it was run"))
    warm_up_tasks()
    assert "The workers stay cold, as a listener of a plugin would hear" in capfd.readouterr().out
