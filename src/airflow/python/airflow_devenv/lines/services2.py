"""Airflow 2's services: scheduler, triggerer, standalone dag-processor, and the webserver as `api-server`."""

from __future__ import annotations

import os
import socket
from typing import Any

from airflow_devenv.lines import webserver2
from airflow_devenv.lines.idle_sleep import rest_longer_when_idle
from airflow_devenv.lines.services import SCHEDULER, Services, ping_connections


class Services2(Services):
    commands = {  # noqa: RUF012 - never changed
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "triggerer": ["triggerer", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
    }
    modules = (
        "airflow.cli.commands.scheduler_command",
        "airflow.cli.commands.triggerer_command",
        "airflow.cli.commands.dag_processor_command",
        "airflow.executors.local_executor",
        "airflow.jobs.triggerer_job_runner",
        "airflow.task.task_runner.standard_task_runner",
        "airflow.utils.db",
        "airflow_devenv.lines.test_runs2",
    )

    def _load_commands(self) -> None:
        super()._load_commands()
        from airflow.providers_manager import ProvidersManager

        ProvidersManager().initialize_providers_configuration()

    def _begin(self) -> None:
        ping_connections()
        from airflow import settings

        # 2.x has no hook of its own at fork.
        settings.engine.dispose()

    def _prepare_command(self, service: str) -> None:
        if service == SCHEDULER:
            rest_longer_when_idle()
        from airflow import settings

        settings.HEADER = ""
        if service == "dag-processor":
            # It refuses to run otherwise.
            os.environ["AIRFLOW__SCHEDULER__STANDALONE_DAG_PROCESSOR"] = "True"

    def _build_app(self) -> Any:
        return webserver2.build_app()

    def _with_author_plugins(self, app: Any) -> Any:
        return webserver2.with_author_plugins(app)

    def _serve(self, app: Any, listener: socket.socket, port: int, access_key: str | None) -> None:
        if access_key is not None:
            from airflow_devenv.access_control import protect_wsgi

            app = protect_wsgi(app, access_key, port)
        webserver2.serve(app, listener)
