"""DAG files in the database of Airflow 3: by bundle, and the path inside it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from airflow_devenv.lines.parse import DagState, FileState, discovered
from airflow_devenv.protocol import Bundle, RunRequest


class DagFileRecords3:
    def listed_files(self, request: RunRequest) -> dict[str, Bundle]:
        return {path: bundle for bundle in request.bundles for path in discovered(bundle.path)}

    def state(self, path: str, bundle: Bundle, dag_ids: Iterable[str] = ()) -> FileState:
        from airflow.models.dag import DagModel
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.utils.session import create_session
        from sqlalchemy import or_, select

        here = (bundle.name, _inside(path, bundle))
        columns = (DagModel.dag_id, DagModel.bundle_name, DagModel.relative_fileloc, DagModel.is_stale)
        with create_session() as session:
            rows = session.execute(
                select(*columns).where(or_(self._of_file(path, bundle), DagModel.dag_id.in_(list(dag_ids))))
            ).all()
            hashes = session.execute(
                select(SerializedDagModel.dag_id, SerializedDagModel.dag_hash)
                .where(SerializedDagModel.dag_id.in_([row[0] for row in rows]))
                .order_by(SerializedDagModel.created_at)
            ).all()
            error = self._error(path, bundle, session)
            text = None if error is None else str(error.stacktrace)
        latest = {row[0]: row[1] for row in hashes}
        dags = (DagState(row[0], (row[1], row[2]) == here, not row[3], latest.get(row[0])) for row in rows)
        return FileState(tuple(sorted(dags, key=lambda each: each.dag_id)), text)

    def _of_file(self, path: str, bundle: Bundle) -> Any:
        from airflow.models.dag import DagModel
        from sqlalchemy import and_

        return and_(DagModel.bundle_name == bundle.name, DagModel.relative_fileloc == _inside(path, bundle))

    def _error(self, path: str, bundle: Bundle, session: Any) -> Any:
        from airflow.models.errors import ParseImportError
        from sqlalchemy import select

        return session.scalars(
            select(ParseImportError).where(
                ParseImportError.bundle_name == bundle.name,
                ParseImportError.filename == _inside(path, bundle),
            )
        ).first()

    def set_import_error(self, path: str, bundle: Bundle, text: str | None) -> None:
        from airflow.models.dag import DagModel
        from airflow.models.errors import ParseImportError
        from airflow.utils.session import create_session
        from sqlalchemy import update

        with create_session() as session:
            row = self._error(path, bundle, session)
            if text is None:
                if row is not None:
                    session.delete(row)
                return
            if row is None:
                row = ParseImportError(filename=_inside(path, bundle), bundle_name=bundle.name)
                session.add(row)
            if row.stacktrace != text:
                row.stacktrace, row.timestamp = text, _now()
            # As Airflow does since 3.1: a DAG whose file is broken is not run.
            session.execute(
                update(DagModel)
                .where(self._of_file(path, bundle))
                .values(has_import_errors=True, is_stale=True)
                .execution_options(synchronize_session=False)
            )

    def retire(self, path: str, bundle: Bundle, *, keep: Iterable[str] = ()) -> None:
        from airflow.models.dag import DagModel

        self._retire(self._of_file(path, bundle), DagModel.dag_id.not_in(list(keep)))

    def retire_elsewhere(self, path: str, bundle: Bundle, dag_ids: Iterable[str]) -> None:
        from airflow.models.dag import DagModel
        from sqlalchemy import not_

        self._retire(DagModel.dag_id.in_(list(dag_ids)), not_(self._of_file(path, bundle)))

    def _retire(self, *conditions: Any) -> None:
        from airflow.models.dag import DagModel
        from airflow.utils.session import create_session
        from sqlalchemy import update

        with create_session() as session:
            session.execute(
                update(DagModel)
                .where(*conditions, DagModel.is_stale.is_(False))
                .values(is_stale=True)
                .execution_options(synchronize_session=False)
            )

    def known_files(self, request: RunRequest) -> dict[str, Bundle]:
        from airflow.models.dag import DagModel
        from airflow.models.errors import ParseImportError
        from airflow.utils.session import create_session
        from sqlalchemy import select

        bundles = {each.name: each for each in request.bundles}
        with create_session() as session:
            rows = [
                *session.execute(
                    select(DagModel.bundle_name, DagModel.relative_fileloc).where(
                        DagModel.is_stale.is_(False)
                    )
                ),
                *session.execute(select(ParseImportError.bundle_name, ParseImportError.filename)),
            ]
        return {
            os.path.join(bundles[name].path, inside): bundles[name]
            for name, inside in rows
            if name in bundles and inside
        }


def _inside(path: str, bundle: Bundle) -> str:
    return os.path.relpath(path, bundle.path)


def _now() -> Any:
    from datetime import datetime, timezone

    return datetime.now(timezone.utc)
