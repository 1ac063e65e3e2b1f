"""A copy of the empty template database, for what is run before anybody asks for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from airflow_devenv.processes import start_time

#: How long a database server may take to start. Runs are served meanwhile, by the preloaded process.
SERVER_SECONDS = 30.0


@contextlib.contextmanager
def scratch_database() -> Iterator[None]:
    """While it lasts, the engine connects to a copy of the template."""
    from airflow import settings
    from sqlalchemy import event

    template = os.environ.get("AIRFLOW_DEVENV_TEMPLATE_DATABASE")
    if not template:
        raise RuntimeError("no template database is named")
    engine = settings.engine
    scratch = _Scratch(engine, template)
    scratch.create()

    def connect(dialect: Any, _record: Any, arguments: Any, keywords: dict[str, Any]) -> Any:
        # The two are the engine's own and outlive this connection: they must not be changed.
        return scratch.connect(dialect, list(arguments), dict(keywords))

    event.listen(engine, "do_connect", connect)
    try:
        yield
    finally:
        settings.Session.remove()
        engine.dispose()
        event.remove(engine, "do_connect", connect)
        scratch.drop()


class _Scratch:
    def __init__(self, engine: Any, template: str) -> None:
        self._engine = engine
        self._template = template
        self._is_file = engine.dialect.name == "sqlite"
        self._name = f"devenv_warm_up_{os.getpid()}"
        #: Of a file: a folder of its own. A name that others can guess could be a link of theirs by now.
        self._folder = ""

    def create(self) -> None:
        if self._is_file:
            self._folder = tempfile.mkdtemp(prefix="devenv-warm-up-")
            self._name = os.path.join(self._folder, "airflow.db")
            shutil.copyfile(self._template, self._name)
            return
        self._await_server()
        self._drop_abandoned()
        self._execute(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._template}"')

    def _await_server(self) -> None:
        """It may be starting, or the template may still be made."""
        deadline = time.monotonic() + SERVER_SECONDS
        template = self._template.replace("'", "''")
        while True:
            try:
                if self._execute(f"SELECT 1 FROM pg_database WHERE datname = '{template}'"):
                    return
            except self._driver().OperationalError:
                if time.monotonic() > deadline:
                    raise
            if time.monotonic() > deadline:
                raise RuntimeError(f"there is no database {self._template}")
            time.sleep(0.2)

    def _drop_abandoned(self) -> None:
        """What a warm-up left that was killed."""
        for (name,) in self._execute("SELECT datname FROM pg_database WHERE datname LIKE 'devenv_warm_up_%'"):
            pid = str(name).rpartition("_")[2]
            if pid.isdigit() and start_time(int(pid)) is None:
                self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop(self) -> None:
        if self._is_file:
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            self._execute(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    def connect(self, dialect: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        if self._is_file:
            arguments[0] = self._name
        else:
            keywords.pop("database", None)
            keywords["dbname"] = self._name
        return dialect.connect(*arguments, **keywords)

    def _driver(self) -> Any:
        # SQLAlchemy 2 has the first name, 1.4 the second.
        dialect = self._engine.dialect
        return getattr(dialect, "loaded_dbapi", None) or dialect.dbapi

    def _execute(self, statement: str) -> list[Any]:
        arguments, keywords = self._engine.dialect.create_connect_args(self._engine.url)
        keywords.pop("database", None)
        keywords["dbname"] = "postgres"
        connection = self._driver().connect(*arguments, **keywords)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()
