"""Parsing one file after the other in a process, each as if it were the first."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Set
from contextlib import contextmanager
from typing import Any

from airflow_devenv.protocol import RunRequest
from airflow_devenv.tracebacks import is_own


class Interpreter:
    """What this process has before a file is parsed."""

    def __init__(self) -> None:
        self.modules = set(sys.modules)
        self._paths = list(sys.path)
        self._environment = dict(os.environ)

    def restore(self, request: RunRequest) -> None:
        """The author's modules are forgotten, and so are their changes of what every file sees."""
        for name, module in list(sys.modules.items()):
            if name not in self.modules and is_authors(module, request.repositories):
                del sys.modules[name]
        sys.path[:] = self._paths
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        os.chdir(request.working_directory)


@contextmanager
def fresh_interpreter(request: RunRequest) -> Iterator[Set[str]]:
    """Gives the names of the modules that are there already. Afterwards everything is as it was."""
    before = Interpreter()
    try:
        yield before.modules
    finally:
        before.restore(request)


def is_authors(module: Any, repositories: list[str]) -> bool:
    file = getattr(module, "__file__", None)
    if file:
        return is_own(str(file), repositories)
    # A folder without `__init__.py`.
    return any(is_own(str(each), repositories) for each in getattr(module, "__path__", None) or [])
