"""What only makes something faster: applied where its needs hold, left out where they don't or where it fails.

An accelerator is a name of the contract. `AIRFLOW_DEVENV_WITHOUT=name,…` switches some off, `all` every one.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, TypeVar

from airflow_devenv.contract.entry import Kind
from airflow_devenv.contract.table import entry_named
from airflow_devenv.lines.patches import Patches

WITHOUT = "AIRFLOW_DEVENV_WITHOUT"
#: In its place: every accelerator; everything that is not as Airflow was installed.
ALL, STOCK = "all", "stock"
Result = TypeVar("Result")

#: Why each that was asked for is left out; None where it holds.
_reasons: dict[str, str | None] = {}
#: Reasons that have not been told yet.
_untold: list[str] = []
#: What they are told to; empty until there is something.
_tell: list[Callable[[str], None]] = []


def may_use(name: str) -> bool:
    """Whether it is not switched off, and all it needs is there. Looked at once for each process."""
    if is_switched_off(name):
        return False
    if name not in _reasons:
        _reasons[name] = _reason_against(name)
    return _reasons[name] is None


def _reason_against(name: str) -> str | None:
    entry, release = entry_named(name), installed_version()
    if not entry.is_expected_in(release):
        # What has the name may be something else there. It is no news either.
        return f"Airflow {release} has it not"
    missing = entry.missing()
    if missing:
        _note(name, missing[0])
    return missing[0] if missing else None


def installed_version() -> str:
    """Of Airflow."""
    return version("apache-airflow")


def is_stock() -> bool:
    """Whether nothing of Airflow may be replaced in this process."""
    return STOCK in _given()


def is_switched_off(name: str) -> bool:
    given = _given()
    return is_stock() or name in given or (ALL in given and entry_named(name).kind is Kind.ACCELERATOR)


def _given() -> set[str]:
    return {each.strip() for each in os.environ.get(WITHOUT, "").split(",")}


def give_up(name: str, error: BaseException) -> None:
    """For the rest of this process."""
    if _reasons.get(name) is None:
        text = str(error).strip().splitlines()
        _reasons[name] = f"{type(error).__name__}: {text[0] if text else ''}".rstrip(": ")
        _note(name, str(_reasons[name]))


def _note(name: str, reason: str) -> None:
    text = f"{name} is left out ({reason}). {entry_named(name).without}"
    if _tell:
        _tell[-1](text)
    else:
        _untold.append(text)


def tell_left_out(tell: Callable[[str], None]) -> None:
    """What was left out until now, and from now on at once: each that was not asked for."""
    _tell[:] = [tell]
    while _untold:
        tell(_untold.pop(0))


def forget() -> None:
    """As in a process that has just begun. For tests."""
    for each in (_reasons, _untold, _tell):
        each.clear()


def accelerate(name: str, apply: Callable[[GuardedPatches], None], into: Patches | None = None) -> bool:
    """Applies it as a whole or not at all. Gives whether it is applied.

    `into`: undoing these undoes it. Without them it stays as long as the process.
    """
    if not may_use(name):
        return False
    patches = GuardedPatches(name)
    try:
        apply(patches)
    except Exception as error:  # noqa: BLE001 - it is slower without, not wrong
        patches.undo()
        give_up(name, error)
        return False
    if into is not None:
        into.take(patches)
    return True


def either(name: str, faster: Callable[[], Result], stock: Callable[[], Result]) -> Result:
    """The first; where it is left out or fails, the second. `faster` must leave nothing behind when it fails."""
    if may_use(name):
        try:
            return faster()
        except Exception as error:  # noqa: BLE001 - Airflow's own way is there
            give_up(name, error)
    return stock()


class GuardedPatches(Patches):
    """Replacements that give way to what they have replaced when they fail."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def wrap(self, owner: Any, attribute: str, make: Callable[[Any], Any]) -> None:
        """`make` gets the original function, and gives what takes its place: a function that is no generator."""
        static = inspect.getattr_static(owner, attribute)
        is_method_kind = isinstance(static, (classmethod, staticmethod))
        guarded = _guarded(self._name, static.__func__ if is_method_kind else static, make)
        self.put(owner, attribute, type(static)(guarded) if is_method_kind else guarded)


class _Call:
    """What the original has done inside one call of its replacement."""

    def __init__(self) -> None:
        self.raised: BaseException | None = None
        self.results: list[Any] = []


class _Calls(threading.local):
    def __init__(self) -> None:
        self.stack: list[_Call] = []


def _guarded(name: str, original: Any, make: Callable[[Any], Any]) -> Any:
    calls = _Calls()

    @functools.wraps(original)
    def stock(*arguments: Any, **keywords: Any) -> Any:
        call = calls.stack[-1] if calls.stack else _Call()
        try:
            result = original(*arguments, **keywords)
        except BaseException as error:
            call.raised = error
            raise
        call.results.append(result)
        return result

    replacement = make(stock)

    @functools.wraps(original)
    def guarded(*arguments: Any, **keywords: Any) -> Any:
        if not may_use(name):
            return original(*arguments, **keywords)
        with _pushed(calls.stack) as call:
            try:
                return replacement(*arguments, **keywords)
            except Exception as error:
                if call.raised is not None:
                    # Airflow's own error, or the author's: it is not ours to hide.
                    raise
                give_up(name, error)
        return call.results[-1] if call.results else original(*arguments, **keywords)

    return guarded


@contextlib.contextmanager
def _pushed(stack: list[_Call]) -> Iterator[_Call]:
    call = _Call()
    stack.append(call)
    try:
        yield call
    finally:
        stack.pop()
