"""What the metadata database says of DAG files, and how parsing changes it: on both lines, but for names."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.protocol import Bundle, RunRequest


@dataclass(frozen=True)
class DagState:
    dag_id: str
    #: Whether this is the file that the database names.
    is_here: bool
    #: Not deactivated.
    is_live: bool
    #: Of the serialized form.
    hash: str | None


@dataclass(frozen=True)
class FileState:
    """Equal when nothing has changed."""

    dags: tuple[DagState, ...]
    import_error: str | None


class DagFileRecords(Protocol):
    """The rows of a DAG file: its DAGs, and the import error that the UI shows."""

    def listed_files(self, request: RunRequest) -> dict[str, Bundle]:
        """Every file that Airflow itself would parse, by the path it has there."""

    def state(self, path: str, bundle: Bundle, dag_ids: Iterable[str] = ()) -> FileState:
        """What is known of the file and of these DAGs."""

    def set_import_error(self, path: str, bundle: Bundle, text: str | None) -> None:
        """None: the file has none any more."""

    def retire(self, path: str, bundle: Bundle, *, keep: Iterable[str] = ()) -> None:
        """The DAGs of the file, but for those to keep, are gone."""

    def retire_elsewhere(self, path: str, bundle: Bundle, dag_ids: Iterable[str]) -> None:
        """These DAGs, where another file is named as theirs: so that they are written anew."""

    def known_files(self, request: RunRequest) -> dict[str, Bundle]:
        """Every file that has rows which count, whether it is still there or not."""


def records_of(line: AirflowLine) -> DagFileRecords:
    if line.version.startswith("2."):
        from airflow_devenv.lines.parse2 import DagFileRecords2

        return DagFileRecords2()
    from airflow_devenv.lines.parse3 import DagFileRecords3

    return DagFileRecords3()


def import_timeout(path: str) -> float | None:
    """Seconds after which Airflow itself gives a file up; None for never."""
    from airflow import settings

    seconds = float(settings.get_dagbag_import_timeout(path))
    return seconds if seconds > 0 else None


def discovered(folder: str) -> list[str]:
    """With `.airflowignore`, and without the files whose text has nothing of a DAG."""
    from airflow.configuration import conf
    from airflow.utils.file import list_py_file_paths

    safe_mode = conf.getboolean("core", "dag_discovery_safe_mode", fallback=True)
    with warnings.catch_warnings():
        # About how Airflow calls its matcher of patterns; nothing that an author could act on.
        warnings.simplefilter("ignore")
        return sorted(str(each) for each in list_py_file_paths(folder, safe_mode=safe_mode))


def drop_connections() -> None:
    """Before a fork; what is needed later connects again."""
    from airflow import settings

    settings.Session.remove()
    settings.engine.dispose()


def real(path: str) -> str:
    """The same for a file and for a link to it, also when it is gone."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
