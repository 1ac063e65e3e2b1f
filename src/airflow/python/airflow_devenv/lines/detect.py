"""Which line of Airflow is installed."""

from __future__ import annotations

from importlib.metadata import version

from airflow_devenv.lines.line import AirflowLine


def detect_line() -> AirflowLine:
    installed = version("apache-airflow")
    if installed.startswith("2."):
        from airflow_devenv.lines.airflow2 import Airflow2

        return Airflow2(installed)
    from airflow_devenv.lines.airflow3 import Airflow3

    return Airflow3(installed)
