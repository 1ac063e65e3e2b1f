"""Callbacks of DAGs run in the DAG processor, whose output goes to a file that no person looks for.

What a process says that has callbacks to run goes to the service's own log as well. Sources: airflow 3.3.2
`dag_processing/processor.py`, 2.11.2 `dag_processing/processor.py`.
"""

from __future__ import annotations

import inspect
import os
from typing import Any

TARGET = "AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET"


def show_callbacks3() -> None:
    """Only for the process of the DAG processor: the patch stays. Nothing is done where names have moved."""
    try:
        from airflow.dag_processing.processor import DagFileProcessorProcess

        original = DagFileProcessorProcess.start.__func__
    except (ImportError, AttributeError):
        return

    def start(cls: Any, *arguments: Any, **keywords: Any) -> Any:
        if keywords.get("callbacks") and "subprocess_logs_to_stdout" in keywords:
            keywords["subprocess_logs_to_stdout"] = True
        return original(cls, *arguments, **keywords)

    DagFileProcessorProcess.start = classmethod(start)


def show_callbacks2() -> None:
    try:
        from airflow.dag_processing.processor import DagFileProcessorProcess

        original = DagFileProcessorProcess._run_file_processor
    except (ImportError, AttributeError):
        return

    signature = inspect.signature(original)

    def run_file_processor(*arguments: Any, **keywords: Any) -> None:
        # In the process that was forked for this file.
        if signature.bind(*arguments, **keywords).arguments.get("callback_requests"):
            os.environ[TARGET] = "stdout"
        original(*arguments, **keywords)

    DagFileProcessorProcess._run_file_processor = staticmethod(run_file_processor)
