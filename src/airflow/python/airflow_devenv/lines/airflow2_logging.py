"""Airflow 2's log records, each in one piece and with the author's part of a traceback only."""

from __future__ import annotations

import logging
import sys
from typing import Any

from airflow_devenv.output import CONTINUATION
from airflow_devenv.tracebacks import describe_error

FORMAT = "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s"

#: Roots of the author's code; set when a request is there.
_repositories: list[str] = []


def log_records_once() -> None:
    """`DAG.test` gives the task logger a handler, and its lines go up to the root's as well."""
    logger = logging.getLogger("airflow.task")
    handler = logging.StreamHandler(sys.stdout)
    logger.handlers = [handler]
    logger.propagate = False
    for each in [handler, *logging.getLogger().handlers]:
        each.setFormatter(RecordFormatter(FORMAT))


def trim_tracebacks(repositories: list[str]) -> None:
    _repositories[:] = repositories


class RecordFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Another handler's formatter may have kept the whole traceback there.
        record.exc_text = None
        return super().format(record).replace("\n", CONTINUATION)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        error = ei[1]
        if error is None:
            return super().formatException(ei)
        lines = describe_error(error, _repositories)["traceback"]
        return "\n".join(["Traceback (most recent call last):", *lines])
