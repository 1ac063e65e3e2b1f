"""`breakpoint()` in a task, whose process has no terminal: the command that runs the DAG lends its own."""

from __future__ import annotations

import os
import pdb
import socket
import sys
from typing import Any


class NoDebugger(RuntimeError):
    """Raised at the author's line, which the task's error then names."""


def take_breakpoints(terminal: str | None) -> None:
    """Unless the author has chosen one by PYTHONBREAKPOINT. `terminal`: a Unix socket, where there is one."""
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = _refuse if terminal is None else _Prompt(terminal)


def _refuse(*_arguments: Any, **_keywords: Any) -> None:
    raise NoDebugger(
        "no terminal for breakpoint(). devenv run-dag … --debug waits for an editor's debugger, which stops here"
    )


class _Prompt:
    """pdb over a socket: one conversation for all breakpoints of a run."""

    def __init__(self, terminal: str) -> None:
        self._terminal = terminal
        self._debugger: pdb.Pdb | None = None

    def __call__(self, *_arguments: Any, **_keywords: Any) -> None:
        if self._debugger is None:
            self._debugger = self._connect()
        # The author's frame: `breakpoint` itself has none.
        self._debugger.set_trace(sys._getframe(1))

    def _connect(self) -> pdb.Pdb:
        # Its two files keep the connection open.
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self._terminal)
            except OSError:
                _refuse()
            # Without signals of its own: Ctrl+C stops the run.
            return pdb.Pdb(stdin=connection.makefile("r"), stdout=connection.makefile("w"), nosigint=True)
