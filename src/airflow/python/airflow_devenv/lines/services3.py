"""Airflow 3's services: scheduler, triggerer, dag-processor, and the API server."""

from __future__ import annotations

import contextlib
import importlib
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

from airflow_devenv.access_settings import AccessSettings
from airflow_devenv.contract.accelerators import GuardedPatches, accelerate, may_use
from airflow_devenv.lines import airflow3_names, api_app3
from airflow_devenv.lines.callback_logs import show_callbacks3
from airflow_devenv.lines.idle_sleep import rest_longer_when_idle
from airflow_devenv.lines.inline_execution_api import build_ahead, use_built_ahead
from airflow_devenv.lines.local_executor3 import rest_until_result, start_workers_on_demand
from airflow_devenv.lines.masked_output3 import mask_output
from airflow_devenv.lines.patches import Patches
from airflow_devenv.lines.routes_once import RoutesOnce
from airflow_devenv.lines.seeded_masks import SeededMasks
from airflow_devenv.lines.services import SCHEDULER, Services, ping_connections

#: The longest wait for the exit code of a task's process that has closed its last pipe.
EXIT_SECONDS = 0.02
#: The services' own, the one of the SDK, through which the output of tasks goes, and that of 3.0.
MASKERS = (
    "airflow._shared.secrets_masker",
    "airflow.sdk._shared.secrets_masker",
    "airflow.sdk.execution_time.secrets_masker",
)


class Services3(Services):
    modules = (
        "airflow.cli.commands.scheduler_command",
        "airflow.cli.commands.triggerer_command",
        "airflow.cli.commands.dag_processor_command",
        "airflow.executors.local_executor",
        "airflow.jobs.triggerer_job_runner",
        "airflow.dag_processing.processor",
        # The dag-processor and the triggerer have one inside.
        "airflow.api_fastapi.execution_api.app",
        "airflow.api_fastapi.execution_api.routes",
        "airflow.sdk.execution_time.task_runner",
        "airflow.sdk.execution_time.supervisor",
        "airflow.utils.db",
        "airflow_devenv.lines.test_runs3",
        # What the services import when they have begun.
        "airflow.callbacks.database_callback_sink",
        "airflow.dag_processing.bundles.local",
        "airflow.decorators",
        # What most DAG files import; each task would, again.
        "airflow.sdk.definitions.decorators",
        "airflow.providers.standard.decorators.python",
        "airflow.providers.standard.operators.bash",
        "airflow.providers.standard.operators.empty",
        "airflow.providers.standard.operators.python",
        "airflow.providers.standard.sensors.date_time",
        "airflow.sdk.definitions.asset.metadata",
        "jinja2.ext",
        "airflow.sdk._shared.logging.remote",
        "multiprocessing.queues",
    )

    def __init__(self, leave_test_runs_alone: Callable[[], None]) -> None:
        super().__init__(leave_test_runs_alone)
        self._routes_once = RoutesOnce()

    def load(self, service: str) -> None:
        with loggers_not_kept(), self._routes_once.building():
            super().load(service)

    def _load_commands(self) -> None:
        super()._load_commands()
        from airflow.providers_manager import ProvidersManager

        ProvidersManager().initialize_providers_configuration()
        build_ahead()
        prepare_queries()
        accelerate("metrics_read_once3", read_metrics)

    def _dags_folders(self) -> list[str]:
        from airflow.configuration import conf

        bundles: Any = conf.getjson("dag_processor", "dag_bundle_config_list", fallback=[])
        return [str(each["kwargs"]["path"]) for each in bundles if "path" in each.get("kwargs", {})]

    def _begin(self) -> None:
        ping_connections()
        from airflow import settings

        # The preloaded process writes JSON.
        settings.configure_logging()
        if may_use("masked_output3"):
            mask_output(airflow3_names.redactors())

    def _mask_seeded(self, masks: SeededMasks) -> None:
        if not may_use("seeded_masks3"):
            return
        for name in MASKERS:
            with contextlib.suppress(ImportError, AttributeError):
                masks.tell_after_each_reset(importlib.import_module(name)._secrets_masker())

    def _prepare_command(self, service: str) -> None:
        from airflow.utils import cli

        if may_use("quiet_banner3"):
            cli.print_banner = lambda *arguments, **keywords: None
        show_callbacks3()
        if service == SCHEDULER:
            rest_longer_when_idle(rest_until_result())
            accelerate("supervisors_end3", end_supervisors_at_once)
            start_workers_on_demand()
        else:
            use_built_ahead()

    def _build_app(self) -> Any:
        return api_app3.build_app()

    def _with_author_plugins(self, app: Any) -> Any:
        return api_app3.with_author_plugins(app)

    def _serve(self, app: Any, listener: socket.socket, access: AccessSettings | None) -> None:
        import uvicorn

        # As Airflow's own module of the server does.
        os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
        if access is not None:
            from airflow_devenv.access_control import protect_asgi

            app = protect_asgi(app, access)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=3,
            lifespan="on",
        )
        uvicorn.Server(config).run(sockets=[listener])


@contextlib.contextmanager
def loggers_not_kept() -> Iterator[None]:
    """A logger keeps what it writes with when it is first used, and the preloaded process writes JSON."""
    import structlog

    before = structlog.get_config()
    structlog.configure(**{**before, "cache_logger_on_first_use": False})
    try:
        yield
    finally:
        structlog.configure(**before)


def prepare_queries() -> None:
    """The first query of each process would do it: relations between all of Airflow's tables."""
    from airflow import models
    from sqlalchemy.orm import configure_mappers

    import_all_models = getattr(models, "import_all_models", None)
    if import_all_models is not None:
        import_all_models()
    configure_mappers()


def read_metrics(patches: GuardedPatches) -> None:
    """Names of metrics: a file that each process would read in YAML of pure Python, twice."""
    import yaml
    from airflow._shared.observability.metrics import stats
    from airflow.sdk._shared.observability.metrics import stats as sdk_stats
    from airflow.utils.yaml import safe_load

    quicker = Patches()
    quicker.put(yaml, "safe_load", safe_load)
    try:
        patches.put(sdk_stats, "_registry", stats._get_registry())
    finally:
        quicker.undo()


def end_supervisors_at_once(patches: GuardedPatches) -> None:
    """A supervisor whose last pipe closed before the exit code was there waits 5 s, and its slot with it."""
    from airflow.sdk.execution_time.supervisor import WatchedSubprocess

    def servicing(original: Any) -> Any:
        def service_subprocess(self: Any, max_wait_time: float, *arguments: Any, **keywords: Any) -> Any:
            if not getattr(self, "_open_sockets", True):
                max_wait_time = min(max_wait_time, EXIT_SECONDS)
            return original(self, max_wait_time, *arguments, **keywords)

        return service_subprocess

    patches.wrap(WatchedSubprocess, "_service_subprocess", servicing)
