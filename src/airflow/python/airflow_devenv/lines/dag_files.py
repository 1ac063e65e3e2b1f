"""Which files Airflow takes for DAG files: functions that moved between its minor versions."""

from __future__ import annotations

import inspect
import os
import zipfile

IGNORE_FILE = ".airflowignore"


def might_contain_dag(path: str, *, safe_mode: bool) -> bool:
    """By the look at its text that Airflow takes in safe mode."""
    from airflow.configuration import conf
    from airflow.utils.file import might_contain_dag as might

    # Since 3.4 the caller brings the configuration.
    given = {"conf": conf} if "conf" in inspect.signature(might).parameters else {}
    return bool(might(path, safe_mode, **given))


def list_files(folder: str, *, safe_mode: bool) -> list[str]:
    """Below the folder, by its `.airflowignore` files. Raises RuntimeError for a folder that is met twice."""
    try:
        from airflow.utils.file import list_py_file_paths
    except ImportError:
        return _list_since_34(folder, safe_mode=safe_mode)
    return [str(each) for each in list_py_file_paths(folder, safe_mode=safe_mode)]


def _list_since_34(folder: str, *, safe_mode: bool) -> list[str]:
    """What the importers of 3.4 list is made of these."""
    from airflow._shared.module_loading import find_path_from_directory
    from airflow.configuration import conf

    syntax = conf.get_mandatory_value("core", "dag_ignore_file_syntax", fallback="glob")
    found = (str(each) for each in find_path_from_directory(folder, IGNORE_FILE, syntax))
    return [each for each in found if _is_dag_file(each, safe_mode=safe_mode)]


def _is_dag_file(path: str, *, safe_mode: bool) -> bool:
    if not os.path.isfile(path):
        return False
    if zipfile.is_zipfile(path):
        return True
    return path.endswith(".py") and might_contain_dag(path, safe_mode=safe_mode)
