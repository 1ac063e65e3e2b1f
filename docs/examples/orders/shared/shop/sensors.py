from __future__ import annotations

from datetime import timedelta
from typing import Any

try:
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
    from airflow.sdk import BaseSensorOperator
except ModuleNotFoundError:  # Airflow 2
    from airflow.sensors.base import BaseSensorOperator
    from airflow.triggers.temporal import TimeDeltaTrigger


class ExportSensor(BaseSensorOperator):
    """Waits for the shops' export without a worker slot: a trigger waits. Here the export takes a second."""

    def execute(self, context: Any) -> None:
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=1)), method_name="execute_complete")

    def execute_complete(self, context: Any, event: Any = None) -> None:
        self.log.info("The export is there.")
