"""Airflow's talk about its own bookkeeping, which in production goes to the scheduler's log, not to a task's."""

from __future__ import annotations

import logging

BOOKKEEPING = (
    "airflow.api_fastapi",
    "airflow.assets",
    "airflow.dag_processing",
    "airflow.models",
    "airflow.sdk.definitions.dag",
    "airflow.serialization",
    "airflow.settings",
    "airflow.datasets",
    "airflow.listeners",
    "airflow.plugins_manager",
    "airflow.timetables",
    "airflow.utils",
    "airflow.www",
    "airflow.providers.fab",
    "alembic",
    "httpx",
)

#: Below those, what speaks for a task: its child processes, its mail.
OF_TASKS = ("airflow.utils.email", "airflow.utils.process_utils")


def quiet_loggers() -> None:
    """Warnings and errors still come through."""
    for name in OF_TASKS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in BOOKKEEPING:
        logging.getLogger(name).setLevel(logging.WARNING)
    _quiet_structlog()


def _quiet_structlog() -> None:
    # Airflow 3's structlog loggers have levels of their own, by name and its prefixes.
    try:
        from airflow._shared.logging.structlog import PER_LOGGER_LEVELS as core_levels
        from airflow.sdk._shared.logging.structlog import PER_LOGGER_LEVELS as task_levels
    except ImportError:
        return
    for levels in (core_levels, task_levels):
        for name in BOOKKEEPING:
            levels[name] = logging.WARNING
