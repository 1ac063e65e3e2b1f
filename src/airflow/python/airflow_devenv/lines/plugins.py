"""Whether the author has Airflow plugins. Most repositories have none, and then nothing needs to be reloaded."""

from __future__ import annotations

import os


def author_plugins(folders: list[str]) -> str | None:
    """The first plugins folder with a file that defines a plugin: the others only hold importable modules."""
    for folder in folders:
        for current, _, files in os.walk(folder, followlinks=True):
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
