"""Errors in callbacks: marked as such, with the place of the author's code."""

from __future__ import annotations

import functools
from pathlib import Path

from airflow_devenv.callbacks import callback_name, callback_place, cut_off, describe_callback_error

HERE = str(Path(__file__).parent)


def takes_too_much(context: object, missing: object) -> None: ...


def raises(_context: object) -> None:
    raise KeyError("gone")


class Notifier:
    def __call__(self, _context: object) -> None: ...


def error_of(callback: object) -> BaseException:
    try:
        callback({})  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


def test_an_error_before_its_first_line_has_the_place_of_the_definition() -> None:
    text = describe_callback_error(takes_too_much, error_of(takes_too_much), [HERE + "/nowhere"])
    assert text.startswith("callback takes_too_much failed: TypeError: takes_too_much() missing")
    line = takes_too_much.__code__.co_firstlineno
    assert callback_place(takes_too_much) == (__file__, line)


def test_an_error_inside_has_its_own_line() -> None:
    text = describe_callback_error(raises, error_of(raises), [HERE], "on_failure_callback")
    assert text.startswith("on_failure_callback raises failed: KeyError: 'gone'")
    assert f"{__file__}:" in text.split("\n")[1]


def test_partials_and_objects_have_names_and_places() -> None:
    assert callback_name(functools.partial(raises, None)) == "raises"
    place = callback_place(Notifier())
    assert callback_name(Notifier()) == "Notifier"
    assert place is not None
    assert place[0] == __file__


def test_the_error_that_was_being_handled_is_no_cause() -> None:
    outer = ValueError("of the task")
    inner, cause = KeyError("inner"), TypeError("first")
    inner.__context__, cause.__context__ = cause, outer
    cut_off(inner, outer)
    assert inner.__context__ is cause
    assert cause.__context__ is None
