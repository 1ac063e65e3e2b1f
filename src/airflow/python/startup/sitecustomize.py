"""
Appends the project's folders to the import path of any Python that a person starts with devenv.

Production has them behind the installed packages. In PYTHONPATH they would come before the standard library:
a DAG file called `statistics.py` would break everything that imports `random`. So PYTHONPATH names the folder of
this file only, and Python imports it at its start.

Pythons that tasks start get the same file where the project has an HDFS; they may be as old as Python 3.7.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import PathFinder

HERE = os.path.dirname(os.path.abspath(__file__))


def append_import_paths() -> None:
    folders = os.environ.get("AIRFLOW_DEVENV_IMPORT_PATHS", "").split(os.pathsep)
    sys.path.extend(folder for folder in folders if folder and folder not in sys.path)


def find_hdfs() -> None:
    """In a project with HDFS its nameservice has a meaning, in every Python that a task starts."""
    if not os.environ.get("AIRFLOW_DEVENV_HDFS"):
        return
    folder = os.path.join(os.path.dirname(HERE), "airflow_devenv", "hadoop")
    spec = importlib.util.spec_from_file_location(
        "airflow_devenv_hadoop", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.install()


def run_hidden_sitecustomize() -> None:
    """Ours hides one that the environment has: coverage and debuggers start themselves there."""
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


sys.path[:] = [each for each in sys.path if os.path.abspath(each) != HERE]
append_import_paths()
find_hdfs()
run_hidden_sitecustomize()
