"""The one sleep of the loop of `DAG.test()`, and no other."""

from __future__ import annotations

import threading
import time

import pytest

from airflow_devenv.waits import FIRST_WAITS, LONGEST_WAIT, LoopWaits


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


def no_task() -> bool:
    return False


def test_the_first_waits_are_short_and_the_later_ones_as_airflow_has_them(slept: list[float]) -> None:
    waits = LoopWaits(no_task)
    for _ in range(len(FIRST_WAITS) + 2):
        waits.expect(["none"], 1)
        time.sleep(1)
    assert slept == [*FIRST_WAITS, LONGEST_WAIT, LONGEST_WAIT]


def test_after_a_task_they_begin_anew(slept: list[float]) -> None:
    waits = LoopWaits(no_task)
    for count in (1, 1, 1, 2):
        waits.expect(["up_for_reschedule"], count)
        time.sleep(1)
    assert slept == [*FIRST_WAITS[:3], FIRST_WAITS[0]]


def test_asking_for_the_states_several_times_uses_up_no_wait(slept: list[float]) -> None:
    waits = LoopWaits(no_task)
    for _ in range(5):
        waits.expect(["none"], 1)
    time.sleep(1)
    assert slept == [FIRST_WAITS[0]]


@pytest.mark.parametrize("states", [["scheduled", "none"], ["success", "skipped"], []])
def test_nobody_elses_sleep_is_touched(slept: list[float], states: list[str]) -> None:
    waits = LoopWaits(no_task)
    waits.expect(["none"], 1)
    waits.expect(states, 1)
    time.sleep(7)
    waits.expect(["none"], 1)
    time.sleep(1)
    time.sleep(8)
    assert slept == [7, FIRST_WAITS[0], 8]


def test_after_a_task_that_a_failure_has_ended_they_begin_anew(slept: list[float]) -> None:
    waits = LoopWaits(no_task)
    for states in (["failed", "none", "none"], ["failed", "upstream_failed", "none"]):
        for _ in range(2):
            waits.expect(states, 1)
            time.sleep(1)
    assert slept == [*FIRST_WAITS[:2], *FIRST_WAITS[:2]]


def test_a_sleep_of_another_thread_is_its_own(slept: list[float]) -> None:
    waits = LoopWaits(no_task)
    waits.expect(["none"], 1)
    thread = threading.Thread(target=lambda: time.sleep(7))
    thread.start()
    thread.join()
    time.sleep(1)
    assert slept == [7, FIRST_WAITS[0]]


def test_a_task_that_runs_before_the_loop_sleeps_is_not_woken(slept: list[float]) -> None:
    waits = LoopWaits(lambda: True)
    waits.expect(["queued"], 0)
    time.sleep(60)
    assert slept == [60]
    waits.forget()
