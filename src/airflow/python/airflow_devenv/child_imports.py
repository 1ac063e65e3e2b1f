"""Import paths for the Pythons that `@task.external_python` and `@task.virtualenv` start.

Airflow hands on the DAGs folder only, and only in a task that a scheduler started. Other programs that a task
starts, by bash or `subprocess`, see what they would see in production: nothing of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from airflow_devenv.hadoop.after_import import after_import

#: Holds `sitecustomize.py`, which appends the folders behind the packages.
STARTUP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "startup")
#: The provider's, and that of Airflow 2 before it had one.
MODULES = ("airflow.providers.standard.operators.python", "airflow.operators.python")


def hand_on_import_paths(folders: list[str]) -> None:
    """In this process and those that it forks, whenever the operators are imported."""

    def patch(module: Any) -> None:
        operator = getattr(module, "_BasePythonVirtualenvOperator", None)
        name = "_execute_python_callable_in_subprocess"
        original = vars(operator).get(name) if operator is not None else None
        if original is None:
            return

        def execute(self: Any, *arguments: Any, **keywords: Any) -> Any:
            given = self.env_vars
            inherited = os.environ if getattr(self, "inherit_env", True) else {}
            self.env_vars = {**(given or {}), **variables(folders, {**inherited, **(given or {})})}
            try:
                return original(self, *arguments, **keywords)
            finally:
                self.env_vars = given

        setattr(operator, name, execute)

    for each in MODULES:
        after_import(each, patch)


def variables(folders: list[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Beside the variables that the child has: a path of the author's own stays, behind the folder of ours."""
    given = environment.get("PYTHONPATH", "").split(os.pathsep)
    others = [each for each in given if each and each != STARTUP]
    return {
        "PYTHONPATH": os.pathsep.join([STARTUP, *others]),
        "AIRFLOW_DEVENV_IMPORT_PATHS": os.pathsep.join(folders),
    }
