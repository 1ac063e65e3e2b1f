"""Plugins of the author are loaded anew in each run: an edit is seen without a restart."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from airflow_devenv.folder_walks import walk

#: What remembers plugins. Since Airflow 3.2 the Task SDK has a manager of its own.
MANAGERS = (
    "airflow.plugins_manager",
    "airflow.sdk.plugins_manager",
    "airflow.listeners.listener",
    "airflow.sdk.listener",
)


def use_author_plugins(folders: list[str]) -> None:
    """Airflow has one plugins folder. Most repositories have none, and then nothing needs to be loaded again."""
    folder = author_plugins(folders) or next((each for each in folders if os.path.isdir(each)), None)
    if folder is None:
        return
    from airflow import settings

    settings.PLUGINS_FOLDER = folder
    for name in MANAGERS:
        if name in sys.modules:
            forget(sys.modules[name])


def forget(manager: ModuleType) -> None:
    """Up to Airflow 3.1 they are kept in annotated variables of the module, later in cached functions."""
    for value in list(vars(manager).values()):
        clear = getattr(value, "cache_clear", None)
        if clear is not None:
            clear()
    for name, annotation in getattr(manager, "__annotations__", {}).items():
        value = getattr(manager, name, None)
        if "None" in str(annotation):
            setattr(manager, name, None)
        elif isinstance(value, (set, dict, list)):
            value.clear()


def author_plugins(folders: list[str]) -> str | None:
    """The first plugins folder with a file that defines a plugin: the others only hold importable modules."""
    for folder in folders:
        for current, files in walk(folder):
            for name in files:
                if name.endswith(".py") and _mentions_plugin(os.path.join(current, name)):
                    return folder
    return None


def _mentions_plugin(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"AirflowPlugin" in file.read()
    except OSError:
        return False
