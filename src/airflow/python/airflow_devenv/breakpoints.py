"""`breakpoint()` in a task: its process has no terminal."""

from __future__ import annotations

import os
import sys
from typing import Any


class NoDebugger(RuntimeError):
    """Raised at the author's line, which the task's error then names."""


def refuse_breakpoints() -> None:
    """Unless the author has chosen a debugger by PYTHONBREAKPOINT."""
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = _refuse


def _refuse(*_arguments: Any, **_keywords: Any) -> None:
    raise NoDebugger(
        "no terminal for breakpoint(). devenv run-dag … --debug waits for an editor's debugger, which stops here"
    )
