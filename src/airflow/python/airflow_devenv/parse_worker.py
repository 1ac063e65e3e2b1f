"""Parses files one after the other, each as if it were the first, and writes what they say to the database."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Set
from typing import Any

from airflow_devenv.fresh_interpreter import fresh_interpreter
from airflow_devenv.lines.line import AirflowLine, ParsedFile
from airflow_devenv.lines.parse import import_timeout, records_of
from airflow_devenv.parsing import FRAME, import_failure
from airflow_devenv.protocol import Bundle, RunRequest
from airflow_devenv.registration import exclusively_in
from airflow_devenv.tracebacks import is_own

Note = Callable[..., None]
#: A live dag-processor may write the same new DAG at the same moment.
WRITE_ATTEMPTS = 3
#: What Airflow raises when a file takes too long; to wait again would tell nothing new.
TIMEOUT = "AirflowTaskTimeout"


class ParseWorker:
    def __init__(self, line: AirflowLine, request: RunRequest) -> None:
        self._line = line
        self._request = request
        self._records = records_of(line)
        self._exclusively = exclusively_in(request.runs_directory)

    def work(self, files: dict[str, Bundle], note: Note) -> bool:
        """`note` is called with `begin`, `parsed` and `report` for each file.

        False: the last that has begun is to be parsed in a process that has parsed nothing before.
        """
        self._line.connect()
        for index, (path, bundle) in enumerate(files.items()):
            note(begin=path, limit=import_timeout(path))
            begun = time.perf_counter()
            with fresh_interpreter(self._request) as loaded_before:
                parsed, error = self._parse(path, bundle)
                if error is not None and index > 0 and TIMEOUT not in error:
                    return False
                note(parsed=path)
                report = self._write(path, bundle, parsed, error)
                errors = [each["text"] for each in report["import_errors"]]
                report["sources"] = self._sources(path, loaded_before, errors)
            report["duration_ms"] = round((time.perf_counter() - begun) * 1000, 1)
            for each in report["import_errors"]:
                del each["text"]
            sys.stdout.flush()
            sys.stderr.flush()
            note(report=report)
        return True

    def report_death(self, path: str, bundle: Bundle, how: str) -> dict[str, Any]:
        """Of a file that no process can parse to its end."""
        text = f"{path} can't be parsed: {how}."
        report = self._write(path, bundle, None, text)
        report["import_errors"] = [{"file": path, "line": None, "message": text, "traceback": []}]
        return {**report, "sources": [path], "duration_ms": 0}

    def _parse(self, path: str, bundle: Bundle) -> tuple[ParsedFile | None, str | None]:
        try:
            parsed = self._line.parse(path, bundle)
        except SystemExit as end:
            return None, "".join(traceback.format_exception(end))
        return parsed, "\n".join(parsed.import_errors.values()) or None

    def _write(
        self, path: str, bundle: Bundle, parsed: ParsedFile | None, error: str | None
    ) -> dict[str, Any]:
        dag_ids = sorted(parsed.dags) if parsed is not None else []
        before = self._records.state(path, bundle, dag_ids)
        written = False
        if before.import_error is not None and error is None:
            self._records.set_import_error(path, bundle, None)
            written = True
        if any(not each.is_here for each in before.dags):
            self._records.retire_elsewhere(path, bundle, dag_ids)
        if parsed is not None and dag_ids:
            registered, failure = self._register(parsed)
            written, error = written or registered, failure or error
        if error is not None:
            self._records.set_import_error(path, bundle, error)
            written = True
        elif any(each.is_here and each.is_live and each.dag_id not in dag_ids for each in before.dags):
            self._records.retire(path, bundle, keep=dag_ids)
            written = True
        # What was written may be what was there.
        after = self._records.state(path, bundle, dag_ids) if written else before
        # Airflow 3 tells of some DAGs that it can't write in the database only.
        error = error or after.import_error
        return {
            "file": path,
            "dag_ids": dag_ids,
            "import_errors": [] if error is None else [self._describe(path, error)],
            "changed": after != before,
        }

    def _register(self, parsed: ParsedFile) -> tuple[bool, str | None]:
        """Gives whether it wrote, and why a DAG can't be serialized, if so."""
        from sqlalchemy.exc import DBAPIError, IntegrityError

        written = False
        for attempt in range(WRITE_ATTEMPTS):
            try:
                written = self._line.register(parsed, self._exclusively)
            except IntegrityError:
                if attempt == WRITE_ATTEMPTS - 1:
                    raise
            except DBAPIError:
                raise
            except Exception as error:  # noqa: BLE001 - the author's objects, in the middle of Airflow's code
                return True, "".join(traceback.format_exception(error))
            else:
                break
        found = set(parsed.bag.import_errors) - set(parsed.import_errors)
        return written, "\n".join(str(parsed.bag.import_errors[each]) for each in found) or None

    def _describe(self, path: str, error: str) -> dict[str, Any]:
        detail = import_failure(self._request, path, error).event()["detail"]
        redact = self._line.redact
        return {
            "file": detail["file"],
            "line": detail.get("line"),
            "message": redact(detail["message"]),
            "traceback": [redact(each) for each in detail["traceback"]],
            "text": error,
        }

    def _sources(self, path: str, loaded_before: Set[str], errors: list[str]) -> list[str]:
        """The author's files that the file depends on; what an error names was read too, but is not imported."""
        files = [file for text in errors for file, _ in FRAME.findall(text)]
        new = (module for name, module in list(sys.modules.items()) if name not in loaded_before)
        files += (str(getattr(each, "__file__", None) or "") for each in new)
        own = {each for each in files if each.endswith(".py") and is_own(each, self._request.repositories)}
        # Saving the target of a link is a change of the file that it is.
        return sorted({each for file in (*own, path) for each in (file, os.path.realpath(file))})
