"""A run is observed by patches where they hold, else as with `--stock`."""

from __future__ import annotations

import importlib
from typing import Any

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.contract.accelerators import give_up, may_use
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.observer import RunObserver
from airflow_devenv.stock.line import StockLine

#: Without one of these a run can't be observed by patches.
NEEDED = ("states_of_a_pass", "observed_tasks", "observed_creation")
#: Where listeners are registered; since 3.2 the Task SDK has a place of its own.
MANAGERS = ("airflow.listeners.listener", "airflow.sdk.listener", "airflow.sdk.execution_time.listener")


def observed_line(line: AirflowLine, observer: RunObserver, cancellation: Cancellation) -> AirflowLine:
    """The line that the run goes on with."""
    number = line.version.partition(".")[0]
    names = [NEEDED[0], *(f"{each}{number}" for each in NEEDED[1:])]
    if isinstance(line, StockLine):
        line.observe(observer, cancellation)
        return line
    if all(may_use(each) for each in names):
        try:
            line.observe(observer, cancellation)
        except Exception as error:  # noqa: BLE001 - Airflow can be watched without it
            give_up(names[1], error)
        else:
            return line
    _register_listener()
    stock: Any = StockLine(line)
    stock.observe(observer, cancellation)
    return stock


def _register_listener() -> None:
    """Airflow has loaded its plugins long ago."""
    from airflow_devenv.stock import plugin

    for name in MANAGERS:
        try:
            manager = importlib.import_module(name).get_listener_manager()
        except (ImportError, AttributeError):
            continue
        if not manager.pm.is_registered(plugin):
            manager.add_listener(plugin)
