"""Airflow 2's services: scheduler, triggerer, standalone dag-processor, and the webserver as `api-server`."""

from __future__ import annotations

import os
import socket
from typing import Any

from airflow_devenv.access_settings import AccessSettings
from airflow_devenv.contract.accelerators import is_stock, may_use
from airflow_devenv.lines import webserver2
from airflow_devenv.lines.callback_logs import show_callbacks2
from airflow_devenv.lines.idle_sleep import rest_longer_when_idle
from airflow_devenv.lines.local_executor2 import (
    before_each_task,
    rest_until_result,
    start_workers_from_the_first,
)
from airflow_devenv.lines.seeded_masks import SeededMasks
from airflow_devenv.lines.services import SCHEDULER, Services, ping_connections
from airflow_devenv.lines.task_connections2 import keep_connections_in_tasks
from airflow_devenv.lines.task_warmup2 import warm_up_tasks


class Services2(Services):
    modules = (
        "airflow.cli.commands.scheduler_command",
        "airflow.cli.commands.triggerer_command",
        "airflow.cli.commands.dag_processor_command",
        "airflow.executors.local_executor",
        "airflow.jobs.triggerer_job_runner",
        "airflow.task.task_runner.standard_task_runner",
        "airflow.utils.db",
        "airflow_devenv.lines.test_runs2",
        # What each task would import, again: Airflow's own part, and what most DAG files do.
        "airflow.cli.commands.task_command",
        "airflow.www.extensions.init_session",
        "airflow.decorators",
        "airflow.operators.bash",
        "airflow.operators.empty",
        "airflow.operators.python",
        "airflow.sensors.base",
        "flask_session.sqlalchemy",
    )

    def _load_commands(self) -> None:
        super()._load_commands()
        from airflow.providers_manager import ProvidersManager

        ProvidersManager().initialize_providers_configuration()

    def _dags_folders(self) -> list[str]:
        from airflow.configuration import conf

        return [str(conf.get_mandatory_value("core", "dags_folder"))]

    def _listing_dags(self) -> tuple[str, ...]:
        from airflow.configuration import conf

        is_standalone = conf.getboolean("scheduler", "standalone_dag_processor")
        return ("dag-processor",) if is_standalone else (SCHEDULER,)

    def _begin(self) -> None:
        ping_connections()
        from airflow import settings

        # 2.x has no hook of its own at fork.
        settings.engine.dispose()

    def _mask_seeded(self, masks: SeededMasks) -> None:
        if not may_use("seeded_masks2"):
            return
        from airflow.utils.log.secrets_masker import _secrets_masker

        masker = _secrets_masker()
        masks.tell(masker)
        # A worker lives long, and forks its tasks.
        before_each_task(lambda: masks.tell(masker))

    def _prepare_command(self, service: str) -> None:
        if service == SCHEDULER:
            rest_longer_when_idle(rest_until_result())
            keep_connections_in_tasks()
            start_workers_from_the_first(warm_up_tasks)
        if not is_stock():
            from airflow import settings

            settings.HEADER = ""
        # A scheduler on SQLite has the DAG processor inside.
        show_callbacks2()
        if service == "dag-processor":
            # It refuses to run otherwise.
            os.environ["AIRFLOW__SCHEDULER__STANDALONE_DAG_PROCESSOR"] = "True"

    def _build_app(self) -> Any:
        return webserver2.build_app()

    def _with_author_plugins(self, app: Any) -> Any:
        return webserver2.with_author_plugins(app)

    def _serve(self, app: Any, listener: socket.socket, access: AccessSettings | None) -> None:
        if access is not None:
            from airflow_devenv.access_control import protect_wsgi

            app = protect_wsgi(app, access)
        webserver2.serve(app, listener)
