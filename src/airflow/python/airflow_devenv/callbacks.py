"""Callbacks of tasks: an error in one is told as a callback's, with the author's file and line."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Sequence
from typing import Any

from airflow_devenv.tracebacks import describe_error, is_own


def describe_callback_error(
    callback: Any, error: BaseException, repositories: Sequence[str], kind: str | None = None
) -> str:
    """Several lines. An error before the callback's first own line has the place where it is defined."""
    detail = describe_error(error, repositories)
    name = callback_name(callback)
    title = f"{kind or 'callback'} {name} failed: {detail['type']}: {detail['message']}"
    if detail.get("line"):
        return "\n".join([title, f"  {detail['file']}:{detail['line']}", *detail["traceback"]])
    place = callback_place(callback)
    if place is None or not is_own(place[0], repositories):
        return "\n".join([title, *detail["traceback"]])
    return f"{title}\n  {place[0]}:{place[1]}"


def cut_off(error: BaseException, outer: BaseException | None) -> None:
    """The task's own error, which was being handled when the callback began, is no cause of this one."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if current.__context__ is outer:
            current.__context__ = None
        current = current.__cause__ or current.__context__


def callback_name(callback: Any) -> str:
    function = _function(callback)
    return str(getattr(function, "__name__", None) or type(function).__name__)


def callback_place(callback: Any) -> tuple[str, int] | None:
    """File and line of its definition; of its class, where it is an object such as a notifier."""
    function = _function(callback)
    code = getattr(function, "__code__", None)
    if code is not None:
        return code.co_filename, code.co_firstlineno
    try:
        kind = type(function)
        return inspect.getfile(kind), inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):
        return None


def _function(callback: Any) -> Any:
    while isinstance(callback, functools.partial):
        callback = callback.func
    return inspect.unwrap(callback) if callable(callback) else callback
