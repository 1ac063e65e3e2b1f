"""Runs a small DAG before anybody asks for one: fills lazy imports and the caches that every child inherits.

It runs in a scratch copy of the empty template database, which is dropped afterwards: nothing of it is ever
seen in the author's database.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.lines.line import AirflowLine, ParsedFile, TestOptions
from airflow_devenv.observer import RunObserver
from airflow_devenv.protocol import Bundle
from airflow_devenv.scratch_database import scratch_database

WARM_UP_DAG = """
import datetime
try:
    from airflow.sdk import dag, task, Variable
except ImportError:
    from airflow.decorators import dag, task
    from airflow.models import Variable

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def devenv_warm_up():
    @task
    def numbers():
        try:
            Variable.get("devenv_warm_up")
        except Exception:
            pass
        return [1, 2]

    @task
    def double(number):
        return number * 2

    @task
    def total(numbers):
        return sum(numbers)

    total(double.expand(number=numbers()))

devenv_warm_up()
"""


def warm_up(line: AirflowLine) -> bool:
    """Whether it could be done. It never raises: without it the first runs are slower, nothing else."""
    warm = line.can_warm_up and _warm_up(line)
    _become_forkable(line)
    return warm


def _warm_up(line: AirflowLine) -> bool:
    failure: Exception | None = None
    with silence(), forgetting_dag_files(), tempfile.TemporaryDirectory(prefix="devenv-warm-up-") as folder:
        try:
            with scratch_database():
                _run(line, Path(folder))
        except Exception as error:  # noqa: BLE001 - a cold start is slower, not wrong
            failure = error
    if failure is not None:
        print("The warm-up failed; runs begin slower.", file=sys.stderr)
        traceback.print_exception(failure)
    return failure is None


def _run(line: AirflowLine, folder: Path) -> None:
    file = folder / "devenv_warm_up.py"
    file.write_text(WARM_UP_DAG, encoding="utf-8")
    parsed = line.parse(str(file), Bundle("devenv-warm-up", str(folder)))
    # As a run is observed: what takes long the first time is in these functions too.
    patches = line.observe(_nobody(line), Cancellation())
    try:
        for _ in range(2):
            _run_once(line, parsed)
    finally:
        patches.undo()


def _run_once(line: AirflowLine, parsed: ParsedFile) -> None:
    """Every query of a run, also those before and after the test."""
    line.register(parsed)
    line.dag_file("devenv_warm_up")
    dag_run = line.test(parsed.dags["devenv_warm_up"], TestOptions(None, line.now(), None, 0))
    line.dag_run_state(dag_run)
    line.task_instances(dag_run)
    line.return_values(dag_run, ["total"])


def _nobody(line: AirflowLine) -> RunObserver:
    def ignore(*_arguments: Any, **_values: Any) -> None: ...

    # Its thread could not be there at the fork.
    output: Any = SimpleNamespace(drain=ignore, enter_task=ignore, leave_task=ignore)
    return RunObserver(ignore, output, repositories=[], log_folder=line.log_folder(), note=ignore)


def _become_forkable(line: AirflowLine) -> None:
    # Airflow's task runner leaves its handler behind, and sockets that a thread reads.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(3)
    line.quiet()
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def forgetting_dag_files() -> Iterator[None]:
    """Modules that DAG files have become meanwhile: Airflow keeps them under names of its own."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if name.startswith("unusual_prefix_"):
                del sys.modules[name]


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Its logs are nobody's."""
    saved = os.dup(1), os.dup(2)
    null = os.open(os.environ.get("AIRFLOW_DEVENV_WARM_UP_LOG", os.devnull), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.dup2(null, 1)
        os.dup2(null, 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)
        for each in (*saved, null):
            os.close(each)
