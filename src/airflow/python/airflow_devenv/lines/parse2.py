"""DAG files in the database of Airflow 2: by full path, as they lie below the one DAGs folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from airflow_devenv.lines.parse import DagState, FileState, discovered, real
from airflow_devenv.protocol import Bundle, RunRequest


class DagFileRecords2:
    def listed_files(self, request: RunRequest) -> dict[str, Bundle]:
        """Below `dags_folder`, where folders of several repositories are links; then what is not linked there."""
        folder = _dags_folder()
        found = {path: Bundle("dags-folder", folder) for path in discovered(folder)}
        covered = {real(path) for path in found}
        for bundle in request.bundles:
            for path in discovered(bundle.path):
                if real(path) not in covered:
                    found[path] = bundle
        return found

    def state(self, path: str, bundle: Bundle, dag_ids: Iterable[str] = ()) -> FileState:
        from airflow.models.dag import DagModel
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.utils.session import create_session
        from sqlalchemy import or_

        with create_session() as session:
            rows = (
                session.query(DagModel.dag_id, DagModel.fileloc, DagModel.is_active)
                .filter(or_(DagModel.fileloc == path, DagModel.dag_id.in_(list(dag_ids))))
                .all()
            )
            hashes = dict(
                session.query(SerializedDagModel.dag_id, SerializedDagModel.dag_hash)
                .filter(SerializedDagModel.dag_id.in_([row[0] for row in rows]))
                .all()
            )
            error = self._error(path, session)
            text = None if error is None else str(error.stacktrace)
        dags = (DagState(row[0], row[1] == path, bool(row[2]), hashes.get(row[0])) for row in rows)
        return FileState(tuple(sorted(dags, key=lambda each: each.dag_id)), text)

    def _error(self, path: str, session: Any) -> Any:
        from airflow.models.errors import ParseImportError

        return session.query(ParseImportError).filter(ParseImportError.filename == path).first()

    def set_import_error(self, path: str, bundle: Bundle, text: str | None) -> None:
        from airflow.models.dag import DagModel
        from airflow.models.errors import ParseImportError
        from airflow.utils.session import create_session

        with create_session() as session:
            row = self._error(path, session)
            if text is None:
                if row is not None:
                    session.delete(row)
            else:
                if row is None:
                    # The dag-processor removes only those that name its own folder.
                    row = ParseImportError(filename=path, processor_subdir=_dags_folder())
                    session.add(row)
                if row.stacktrace != text:
                    row.stacktrace, row.timestamp = text, datetime.now(timezone.utc)
            session.query(DagModel).filter(DagModel.fileloc == path).update(
                {"has_import_errors": text is not None}, synchronize_session=False
            )

    def retire(self, path: str, bundle: Bundle, *, keep: Iterable[str] = ()) -> None:
        from airflow.models.dag import DagModel

        self._retire(DagModel.fileloc == path, DagModel.dag_id.not_in(list(keep)))

    def retire_elsewhere(self, path: str, bundle: Bundle, dag_ids: Iterable[str]) -> None:
        from airflow.models.dag import DagModel

        self._retire(DagModel.dag_id.in_(list(dag_ids)), DagModel.fileloc != path)

    def _retire(self, *conditions: Any) -> None:
        from airflow.models.dag import DagModel
        from airflow.utils.session import create_session

        with create_session() as session:
            session.query(DagModel).filter(*conditions, DagModel.is_active.is_(True)).update(
                {"is_active": False}, synchronize_session=False
            )

    def known_files(self, request: RunRequest) -> dict[str, Bundle]:
        from airflow.models.dag import DagModel
        from airflow.models.errors import ParseImportError
        from airflow.utils.session import create_session

        folders = [Bundle("dags-folder", _dags_folder()), *request.bundles]
        with create_session() as session:
            rows = [
                *session.query(DagModel.fileloc).filter(DagModel.is_active.is_(True)),
                *session.query(ParseImportError.filename),
            ]
        found: dict[str, Bundle] = {}
        for (path,) in rows:
            bundle = next((each for each in folders if _is_below(path or "", each.path)), None)
            if bundle is not None:
                found[path] = bundle
        return found


def _dags_folder() -> str:
    from airflow.configuration import conf

    return str(conf.get_mandatory_value("core", "dags_folder"))


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)
