"""Callbacks of DAGs run in the DAG processor, whose output goes to a file that no person looks for.

What a process says that has callbacks to run goes to the service's own log as well. Sources: airflow 3.3.2
`dag_processing/processor.py`, 2.11.2 `dag_processing/processor.py`.
"""

from __future__ import annotations

import inspect
import os
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate

TARGET = "AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET"


def show_callbacks3() -> None:
    """Only for the process of the DAG processor: the patch stays."""
    accelerate("callback_logs3", _show_callbacks3)


def _show_callbacks3(patches: GuardedPatches) -> None:
    from airflow.dag_processing.processor import DagFileProcessorProcess

    def starting(original: Any) -> Any:
        def start(cls: Any, *arguments: Any, **keywords: Any) -> Any:
            if keywords.get("callbacks") and "subprocess_logs_to_stdout" in keywords:
                keywords["subprocess_logs_to_stdout"] = True
            return original(cls, *arguments, **keywords)

        return start

    patches.wrap(DagFileProcessorProcess, "start", starting)


def show_callbacks2() -> None:
    accelerate("callback_logs2", _show_callbacks2)


def _show_callbacks2(patches: GuardedPatches) -> None:
    from airflow.dag_processing.processor import DagFileProcessorProcess

    def running(original: Any) -> Any:
        signature = inspect.signature(original)

        def run_file_processor(*arguments: Any, **keywords: Any) -> None:
            # In the process that was forked for this file.
            if signature.bind(*arguments, **keywords).arguments.get("callback_requests"):
                os.environ[TARGET] = "stdout"
            original(*arguments, **keywords)

        return run_file_processor

    patches.wrap(DagFileProcessorProcess, "_run_file_processor", running)
