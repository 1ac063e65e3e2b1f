"""The author's plugins, loaded before anything else of theirs as in production; errors name the line."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import site
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from typing import Any

from airflow_devenv.dag_text import contains
from airflow_devenv.folder_walks import walk
from airflow_devenv.tracebacks import describe_error

#: What loads plugins. Since Airflow 3.2 the Task SDK does it once more for itself, in the process of each task.
MANAGERS = ("airflow.plugins_manager", "airflow.sdk.plugins_manager")
#: What tells of a plugin that can't be imported, with its traceback.
LOGGERS = (
    *MANAGERS,
    "airflow._shared.plugins_manager.plugins_manager",
    "airflow.sdk._shared.plugins_manager.plugins_manager",
)


#: In the project's state; see `src/stack/brokenPlugins.ts`.
NOTED = "broken-plugins.json"


@dataclass(frozen=True)
class BrokenPlugin:
    """A file of the plugins folder, or a plugin in it, that Airflow goes on without."""

    file: str
    line: int | None
    message: str
    traceback: list[str]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def as_json(self) -> dict[str, Any]:
        """An import error, as reports on DAG files have them."""
        return {"file": self.file, "line": self.line, "message": self.message, "traceback": self.traceback}

    @property
    def text(self) -> str:
        return f"{self.place}: the plugin can't be loaded: {self.message}. Airflow goes on without it."


@dataclass(frozen=True)
class AuthorPlugins:
    broken: list[BrokenPlugin] = field(default_factory=list)
    #: The author's file -> the installed package, or module of Python's own, that it hides.
    hiding: dict[str, str] = field(default_factory=dict)

    def reasons(self) -> Iterator[str]:
        """What may be behind a failure of a DAG."""
        for file, name in self.hiding.items():
            yield (
                f"{file} hides the installed module {name} from every DAG: Airflow imports each file of the "
                "plugins folder by its bare name. Give the file another name."
            )


def load_author_plugins(repositories: list[str]) -> AuthorPlugins:
    """`settings.PLUGINS_FOLDER` has been set. What has been loaded already is not loaded again."""
    from airflow import settings

    folder = settings.PLUGINS_FOLDER
    if not folder or not _python_files(folder):
        return AuthorPlugins()
    with _gathering(repositories) as broken:
        for name in MANAGERS:
            try:
                manager: Any = importlib.import_module(name)
                load = getattr(manager, "ensure_plugins_loaded", None) or manager._get_plugins
            except (ImportError, AttributeError):
                # Where a release has no such manager, or another name for it, it loads them when it must.
                continue
            load()
    return AuthorPlugins(list({each.place: each for each in broken}.values()), hidden_modules(folder))


def note_broken(state_directory: str | None, broken: list[BrokenPlugin]) -> None:
    """For `status` and the dashboard: what Airflow keeps in the memory of each process only."""
    if not state_directory or not os.path.isdir(state_directory):
        return
    path = os.path.join(state_directory, NOTED)
    if not broken:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return
    errors = [
        {name: value for name, value in each.as_json().items() if name != "traceback"} for each in broken
    ]
    aside = f"{path}.{os.getpid()}"
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({"version": 1, "errors": errors}, file)
    os.replace(aside, path)


@contextmanager
def _gathering(repositories: list[str]) -> Iterator[list[BrokenPlugin]]:
    """Airflow's manager logs such errors and goes on; its log is taken instead of shown."""
    broken: list[BrokenPlugin] = []

    def take(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        named = str(record.args[0]) if isinstance(record.args, tuple) and record.args else "a plugin"
        # Modules that only lie there fail when they import relatively, and nothing is lost by it.
        if not named.endswith(".py") or contains(named, "AirflowPlugin"):
            broken.append(_describe(error, named, repositories))
        return False

    loggers = [logging.getLogger(name) for name in LOGGERS]
    for each in loggers:
        each.addFilter(take)
    try:
        yield broken
    finally:
        for each in loggers:
            each.removeFilter(take)


def _describe(error: BaseException, named: str, repositories: list[str]) -> BrokenPlugin:
    detail = describe_error(error, repositories)
    message = f"{detail['type']}: {detail['message']}"
    return BrokenPlugin(detail.get("file", named), detail.get("line"), message, detail["traceback"])


def hidden_modules(folder: str) -> dict[str, str]:
    """Files whose bare names are those of modules that are installed, or that come with Python."""
    installed = [*site.getsitepackages(), sysconfig.get_path("stdlib")]
    found: dict[str, str] = {}
    for file in _python_files(folder):
        name = os.path.basename(file)[: -len(".py")]
        module = sys.modules.get(name)
        if name == "__init__" or getattr(module, "__file__", None) != file:
            continue
        if PathFinder.find_spec(name, installed) is not None or name in sys.builtin_module_names:
            found[file] = name
    return found


def _python_files(folder: str) -> list[str]:
    return [
        os.path.join(current, name)
        for current, files in walk(folder)
        for name in files
        if name.endswith(".py")
    ]
