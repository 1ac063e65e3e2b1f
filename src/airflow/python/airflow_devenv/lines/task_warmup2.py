"""Runs two tasks as a worker of Airflow 2 does, before there are any.

Each task is a process of its own, and a quarter of its time goes into statements that are compiled once more.
What the worker has compiled they inherit. It runs in a scratch database, and nothing of it is seen anywhere.
Source: airflow 2.11.2 `cli/commands/task_command.py`, `jobs/local_task_job_runner.py`,
`task/task_runner/standard_task_runner.py`.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow_devenv.lines.patches import Patches
from airflow_devenv.scratch_database import scratch_database
from airflow_devenv.warmup import forgetting_dag_files, silence

DAG_FILE = """
import datetime
from airflow.decorators import dag, task

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def devenv_warm_up():
    @task
    def first():
        return 1

    @task
    def second(number):
        return number + 1

    @task
    def third(number):
        return number + 1

    third(second(first()))

devenv_warm_up()
"""

RUN_ID = "devenv_warm_up"
#: The last one stays undone, so that what follows a task is looked for.
TASKS = ("first", "second")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGSEGV, signal.SIGUSR2)
#: Options by which a task would be told to somebody outside.
OUTSIDE = (
    ("logging", "remote_logging"),
    ("metrics", "statsd_on"),
    ("metrics", "otel_on"),
    ("traces", "otel_on"),
)
OWN_XCOMS = "airflow.models.xcom.BaseXCom"


def warm_up_tasks() -> None:
    """In a process without threads, which forks the tasks' processes afterwards.

    It never raises: without it tasks begin slower, nothing else. What was done is told to the scheduler's log.
    """
    failure: BaseException | None = None
    listener: str | None = None
    try:
        with silence(), forgetting_dag_files(), _as_before():
            listener = _listener()
            if listener is None:
                with tempfile.TemporaryDirectory(prefix="devenv-warm-up-") as folder, scratch_database():
                    _run(Path(folder) / "devenv_warm_up.py")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a cold start is slower, not wrong
        failure = error
    gc.collect()
    gc.freeze()
    if failure is not None:
        traceback.print_exception(failure)
        print("The warm-up of the workers failed; tasks begin slower.", file=sys.stderr, flush=True)
    elif listener is not None:
        print(f"The workers stay cold, as {listener} would hear of their warm-up.", flush=True)
    else:
        print("The workers are warm.", flush=True)


def _listener() -> str | None:
    """Code of the author's, or a service outside, that would hear of tasks that nobody has asked for."""
    from airflow import settings
    from airflow.configuration import conf
    from airflow.listeners.listener import get_listener_manager

    if get_listener_manager().has_listeners:
        return "a listener of a plugin"
    if len(settings.POLICY_PLUGIN_MANAGER.get_plugins()) > 1:
        return "a cluster policy"
    if (backend := conf.get("core", "xcom_backend")) != OWN_XCOMS:
        return str(backend)
    for section, option in OUTSIDE:
        if conf.getboolean(section, option, fallback=False):
            return f"{section}.{option}"
    return None


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """What tasks change in their process is of no concern to others."""
    environment = dict(os.environ)
    handlers = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        for each, handler in handlers.items():
            # None is one that was not set by Python, such as faulthandler's.
            if handler is not None:
                signal.signal(each, handler)


def _run(file: Path) -> None:
    from airflow.models.dagbag import DagBag
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils import timezone
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunType

    file.write_text(DAG_FILE, encoding="utf-8")
    dag = DagBag(str(file), include_examples=False).dags["devenv_warm_up"]
    dag.sync_to_db()
    SerializedDagModel.write_dag(dag)
    with create_session() as session:
        dag.create_dagrun(
            run_id=RUN_ID,
            run_type=DagRunType.MANUAL,
            state=DagRunState.RUNNING,
            execution_date=timezone.utcnow(),
            session=session,
        )
    with _in_this_process():
        for task_id in TASKS:
            _queue(task_id)
            _execute(["tasks", "run", dag.dag_id, task_id, RUN_ID, "--local", "--subdir", str(file)])


def _queue(task_id: str) -> None:
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState

    with create_session() as session:
        instance = session.query(TaskInstance).filter_by(task_id=task_id, run_id=RUN_ID).one()
        instance.state = TaskInstanceState.QUEUED


def _execute(command: list[str], **given: Any) -> None:
    from airflow.cli.cli_parser import get_parser

    arguments = get_parser().parse_args(command)
    arguments.shut_down_logging = False
    arguments.func(arguments, **given)


@contextlib.contextmanager
def _in_this_process() -> Iterator[None]:
    """A task's job runs it here instead of in another fork, and it has no log."""
    from airflow import settings
    from airflow.task import task_runner
    from airflow.task.task_runner.standard_task_runner import StandardTaskRunner

    class InThisProcess(StandardTaskRunner):
        def _start_by_fork(self) -> None:
            _execute(self._command[1:], dag=self.dag)

        def return_code(self, timeout: float = 0) -> int:
            return 0

        def terminate(self) -> None: ...

        def on_finish(self) -> None: ...

    patches = Patches()
    patches.put(task_runner, "get_task_runner", InThisProcess)
    patches.put(logging.getLogger("airflow.task"), "handlers", [logging.NullHandler()])
    # Which a task sets for good.
    patches.put(settings, "MASK_SECRETS_IN_LOGS", settings.MASK_SECRETS_IN_LOGS)
    try:
        yield
    finally:
        patches.undo()
