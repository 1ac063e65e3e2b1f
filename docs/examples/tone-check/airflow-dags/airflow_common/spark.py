from __future__ import annotations

from typing import Any

from airflow.providers.apache.spark.operators import spark_submit


class SparkSubmitOperator(spark_submit.SparkSubmitOperator):
    @classmethod
    def for_virtualenv(
        cls,
        *,
        virtualenv_archive: str,
        entry_point: str,
        driver_cores: int | None = None,
        max_executors: int | None = None,
        conf: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> SparkSubmitOperator:
        """
        A job with its own environment, on YARN in cluster mode.

        :param virtualenv_archive: address of a packed environment.
        :param entry_point: path of the job's script in it.
        """
        own: dict[str, Any] = {
            "spark.submit.deployMode": "cluster",
            "spark.pyspark.python": "venv/bin/python",
            "spark.dynamicAllocation.enabled": "true",
            "spark.dynamicAllocation.maxExecutors": max_executors,
            "spark.driver.cores": driver_cores,
        }
        return cls(
            application=f"venv/{entry_point}",
            archives=f"{virtualenv_archive}#venv",
            conf={**{key: value for key, value in own.items() if value is not None}, **(conf or {})},
            **kwargs,
        )
