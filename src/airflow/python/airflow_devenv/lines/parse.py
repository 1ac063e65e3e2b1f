"""What the metadata database says of DAG files, and how parsing changes it: on both lines, but for names."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from airflow_devenv.failures import RunFailure
from airflow_devenv.folder_walks import second_names
from airflow_devenv.lines import dag_files
from airflow_devenv.lines.dag_files import IGNORE_FILE, list_files
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
    """With `.airflowignore`, and without the files whose text has nothing of a DAG.

    Raises RunFailure for a folder that links make appear twice, as Airflow does.
    """
    from airflow.configuration import conf

    return _listed(folder, safe_mode=conf.getboolean("core", "dag_discovery_safe_mode", fallback=True))


def ignoring_file(path: str, folder: str) -> str | None:
    """The `.airflowignore` that leaves out this file of a DAGs folder, None when none does.

    Airflow has no such question for one file: it is asked what it lists in a folder that holds only this one.
    """
    inside = os.path.dirname(os.path.relpath(path, folder))
    parts = [each for each in inside.split(os.sep) if each not in ("", ".")]
    levels = [os.path.join(*parts[:count]) if count else "" for count in range(len(parts) + 1)]
    present = [each for each in levels if os.path.isfile(os.path.join(folder, each, IGNORE_FILE))]
    if not present or _lists_with(present, path, folder):
        return None
    # One further down may take back what one above says.
    kept = [count for count in range(len(present)) if _lists_with(present[:count], path, folder)]
    return os.path.join(folder, present[kept[-1]], IGNORE_FILE)


def _lists_with(levels: list[str], path: str, folder: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="devenv-ignored-") as skeleton:
        copy = os.path.join(skeleton, os.path.relpath(path, folder))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        os.symlink(path, copy)
        for level in levels:
            shutil.copyfile(
                os.path.join(folder, level, IGNORE_FILE), os.path.join(skeleton, level, IGNORE_FILE)
            )
        return bool(_listed(skeleton, safe_mode=False))


def _listed(folder: str, *, safe_mode: bool) -> list[str]:
    with warnings.catch_warnings():
        # About how Airflow calls its matcher of patterns; nothing that an author could act on.
        warnings.simplefilter("ignore")
        try:
            return sorted(list_files(folder, safe_mode=safe_mode))
        except RuntimeError as error:
            raise _refused(folder, error) from error


def _refused(folder: str, error: RuntimeError) -> Exception:
    """Airflow names the folder that it met twice, and not the link that led there."""
    repeated = second_names(folder)
    if not repeated:
        return error
    met = str(error)
    loops = [each for each in repeated if each.is_loop and f" {os.path.realpath(each.folder)}" in met]
    same = [each for each in repeated if f" {os.path.realpath(each.link)} " in met]
    found = (loops or same or repeated)[0]
    what = (
        f"{found.link} is a link to {found.folder}, the folder that it lies in: its DAGs can't be listed."
        if found.is_loop
        else f"{found.link} and {found.folder} are one folder by two names: the DAGs of {folder} can't be listed."
    )
    return RunFailure(
        "dags_folder_loop",
        what,
        why=f"Airflow refuses such a DAGs folder: {met}",
        next_steps=[
            "Remove the link.",
            f"Or leave it out: a line {os.path.relpath(found.link, folder)} in {folder}/{IGNORE_FILE}.",
        ],
    )


def might_contain_dag(path: str) -> bool:
    """Whether Airflow's look at the text of a file makes it import it."""
    from airflow.configuration import conf

    safe_mode = conf.getboolean("core", "dag_discovery_safe_mode", fallback=True)
    return dag_files.might_contain_dag(path, safe_mode=safe_mode)


def drop_connections() -> None:
    """Before a fork; what is needed later connects again."""
    from airflow import settings

    settings.Session.remove()
    settings.engine.dispose()


def real(path: str) -> str:
    """The same for a file and for a link to it, also when it is gone."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
