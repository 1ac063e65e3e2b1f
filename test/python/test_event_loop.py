"""Waiting for descriptors, signals and the ends of children."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest
from fake_services import event_loop

from airflow_devenv.event_loop import Stopping, ended_children


def test_a_readable_descriptor_calls_what_watches_it() -> None:
    ours, theirs = socket.socketpair()
    with event_loop() as loop, theirs:
        seen: list[bytes] = []
        loop.watch(ours, lambda: seen.append(ours.recv(10)))
        loop.turn(0)
        assert seen == []
        theirs.send(b"hello")
        loop.turn(5)
        assert seen == [b"hello"]


def test_one_that_a_callback_has_closed_is_not_asked_any_more() -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    with event_loop() as loop:
        calls: list[int] = []

        def close_both() -> None:
            calls.append(1)
            for ours, _ in pairs:
                loop.close(ours)

        for ours, theirs in pairs:
            loop.watch(ours, close_both)
            theirs.send(b"x")
        loop.turn(5)
        assert calls == [1]
        for _, theirs in pairs:
            theirs.close()


def test_the_end_of_a_child_ends_the_wait() -> None:
    with event_loop() as loop:
        pid = os.fork()
        if pid == 0:
            time.sleep(0.1)
            os._exit(7)
        started = time.monotonic()
        loop.turn(10)
        assert time.monotonic() - started < 5
        assert [(each, os.waitstatus_to_exitcode(status)) for each, status in ended_children()] == [(pid, 7)]


def test_term_stops_the_loop() -> None:
    with event_loop() as loop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert loop.stopped


def test_urgent_descriptors_are_served_while_something_slow_is_done() -> None:
    urgent, urgent_end = socket.socketpair()
    patient, patient_end = socket.socketpair()
    with event_loop() as loop, urgent_end, patient_end:
        seen: list[str] = []
        loop.watch(urgent, lambda: seen.append(f"urgent {urgent.recv(1)!r}"), urgent=True)
        loop.watch(patient, lambda: seen.append(f"patient {patient.recv(1)!r}"))
        for end in (patient_end, urgent_end):
            end.send(b"x")
        attended: list[int] = []
        with loop.interrupting(lambda: attended.append(1)):
            time.sleep(0.5)
        assert seen == ["urgent b'x'"]
        assert attended
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        loop.turn(5)
        assert seen == ["urgent b'x'", "patient b'x'"]


def test_slow_work_is_left_when_somebody_asks_to_end() -> None:
    with event_loop() as loop:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopping), loop.interrupting(lambda: None):
            time.sleep(30)
        assert loop.stopped


def test_a_child_closes_everything_but_what_it_keeps() -> None:
    kept, lost = socket.socket(), socket.socket()
    with event_loop() as loop:
        for each in (kept, lost):
            loop.own(each)
        descriptors = [kept.fileno(), lost.fileno()]
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                loop.leave(keep=(kept.fileno(),))
                open_ones = [os.path.exists(f"/proc/self/fd/{each}") for each in descriptors]
                code = 0 if open_ones == [True, False] else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
