"""Errors as their author wants to see them: from the first frame of their own code on."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import Any


def describe_error(error: BaseException, repositories: Sequence[str]) -> dict[str, Any]:
    """An `ErrorDetail` of the protocol. `line` and `file` name the author's innermost frame."""
    frames = traceback.extract_tb(_authors_part(error.__traceback__, repositories))
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


def is_own(filename: str, repositories: Sequence[str]) -> bool:
    if "/site-packages/" in filename or filename.startswith("<"):
        return False
    return any(filename == root or filename.startswith(root.rstrip("/") + "/") for root in repositories)


def _authors_part(start: TracebackType | None, repositories: Sequence[str]) -> TracebackType | None:
    part = start
    while part is not None:
        if is_own(part.tb_frame.f_code.co_filename, repositories):
            return part
        part = part.tb_next
    return start


def _lines(error: BaseException, frames: traceback.StackSummary) -> list[str]:
    text = "".join(frames.format()) + "".join(traceback.format_exception_only(type(error), error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        text += f"Caused by {type(cause).__name__}: {cause}\n"
    return text.rstrip("\n").split("\n")
