"""Errors as their author wants to see them: from the first frame of their own code on."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

#: What lies between `DAG.test()` and an operator's `execute`. Nobody has to read it to understand a task's error.
PLUMBING = re.compile(
    r"/airflow_devenv/"
    r"|/airflow/(models/(taskinstance|baseoperator|dag)|utils/(session|operator_helpers)|sentry)\.py$"
    r"|/airflow/sdk/(execution_time/(task_runner|callback_runner|supervisor|sentry/\w+)|bases/operator"
    r"|definitions/dag|_shared/observability/\w+(/\w+)*)\.py$"
    r"|/asyncio/\w+\.py$|/opentelemetry/|/contextlib\.py$"
)


def describe_error(error: BaseException, repositories: Sequence[str]) -> dict[str, Any]:
    """An `ErrorDetail` of the protocol. `line` and `file` name the author's innermost frame."""
    frames = authors_frames(error, repositories)
    own = [frame for frame in frames if is_own(frame.filename, repositories)]
    detail: dict[str, Any] = {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": _lines(error, frames),
    }
    if isinstance(error, SyntaxError) and error.filename:
        detail.update(file=error.filename, line=error.lineno or 1, message=error.msg)
    elif own:
        detail.update(file=own[-1].filename, line=own[-1].lineno)
    return detail


def format_details(details: Sequence[Any], repositories: Sequence[str] = ()) -> list[str]:
    """Exceptions of a log record of Airflow 3, the last of which was raised, from the author's first frame on."""
    last = details[-1]
    frames = [each for each in last.get("frames") or () if isinstance(each, dict)]
    own = [index for index, each in enumerate(frames) if is_own(str(each.get("filename")), repositories)]
    if own:
        frames = frames[own[0] :]
    while frames and PLUMBING.search(str(frames[0].get("filename"))):
        frames.pop(0)
    lines = []
    for each in frames:
        name, number = str(each.get("filename")), int(each.get("lineno") or 0)
        lines.append(f'  File "{name}", line {number}, in {each.get("name")}')
        if source := linecache.getline(name, number).strip():
            lines.append(f"    {source}")
    if lines:
        lines.insert(0, "Traceback (most recent call last):")
    return [*lines, f"{last.get('exc_type')}: {last.get('exc_value')}"]


def is_own(filename: str, repositories: Sequence[str]) -> bool:
    if "/site-packages/" in filename or filename.startswith("<"):
        return False
    return any(filename == root or filename.startswith(root.rstrip("/") + "/") for root in repositories)


def authors_frames(error: BaseException, repositories: Sequence[str]) -> list[traceback.FrameSummary]:
    """From the author's first frame on; of the error that caused this one, where only that has such a frame.

    Airflow 2 reports a task's `sys.exit(3)` as an exception of its own. Without any frame of the author's,
    what an operator did is left.
    """
    for each in _chain(error):
        part = _authors_part(each.__traceback__, repositories)
        if part is not None:
            # Ours come after it where the author's code calls what we have put in the place of something.
            return [each for each in traceback.extract_tb(part) if "/airflow_devenv/" not in each.filename]
    frames = list(traceback.extract_tb(error.__traceback__))
    while frames and PLUMBING.search(frames[0].filename):
        frames.pop(0)
    return frames


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = _cause(current)


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _authors_part(start: TracebackType | None, repositories: Sequence[str]) -> TracebackType | None:
    part = start
    while part is not None:
        if is_own(part.tb_frame.f_code.co_filename, repositories):
            return part
        part = part.tb_next
    return None


def _lines(error: BaseException, frames: list[traceback.FrameSummary]) -> list[str]:
    text = "".join(traceback.format_list(frames)) + "".join(
        traceback.format_exception_only(type(error), error)
    )
    cause = _cause(error)
    if cause is not None and cause is not error:
        text += f"Caused by {type(cause).__name__}: {cause}\n"
    return text.rstrip("\n").split("\n")
