"""The environment variables of a service, in the process it runs in and while its modules are imported."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

from airflow_devenv.service_request import ServiceRequest

#: Holds unless the request says otherwise.
DEFAULTS = {
    # 1 s by default: most of the time between two tasks of a DAG run.
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
    # Whoever asks for a service has seen to that, and looking costs half a second.
    "AIRFLOW__DATABASE__CHECK_MIGRATIONS": "False",
}
#: Always: the supervisor takes plain text.
ALWAYS = {"AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False"}
NEVER = ("AIRFLOW__LOGGING__JSON_LOGS", "FORCE_COLOR", "CLICOLOR_FORCE")
#: Authors' plugins are loaded after the fork, never in the process that outlives the edit of one.
PLUGINS = "AIRFLOW__CORE__PLUGINS_FOLDER"


def enter_environment(request: ServiceRequest) -> None:
    """The request has every Airflow setting: what the preloaded process has beyond them is not the service's."""
    for name in [each for each in os.environ if each.startswith("AIRFLOW__")]:
        del os.environ[name]
    os.environ.update({**DEFAULTS, "PGAPPNAME": f"airflow-devenv-{request.service}"})
    os.environ.update({**request.environment, **ALWAYS})
    for name in NEVER:
        os.environ.pop(name, None)
    if "TZ" in request.environment:
        time.tzset()


@contextlib.contextmanager
def loading_environment(request: ServiceRequest) -> Iterator[None]:
    """Airflow keeps some settings where it reads them first: as constants, as defaults of arguments."""
    saved = dict(os.environ)
    enter_environment(request)
    os.environ.pop(PLUGINS, None)
    if PLUGINS in saved:
        os.environ[PLUGINS] = saved[PLUGINS]
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
