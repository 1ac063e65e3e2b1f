"""A process that serves one request and ends. The same after a fork and in a fresh interpreter."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from typing import Any

from airflow_devenv.author_plugins import load_author_plugins, note_broken
from airflow_devenv.breakpoints import take_breakpoints
from airflow_devenv.cancellation import Cancellation, RunCancelled
from airflow_devenv.child_imports import hand_on_import_paths
from airflow_devenv.contract.accelerators import tell_left_out
from airflow_devenv.database_patience import wait_for_other_writers
from airflow_devenv.failures import RunFailure, database_lost
from airflow_devenv.hadoop import install as find_hdfs
from airflow_devenv.hidden_texts import read_hidden_texts
from airflow_devenv.kubernetes import begin_run_pods, end_run_pods
from airflow_devenv.kubernetes import install as find_cluster
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.masking import masked
from airflow_devenv.observer import RunObserver
from airflow_devenv.output import OutputCapture
from airflow_devenv.parse_request import empty_report, parse_files
from airflow_devenv.processes import become_subreaper, end_descendants
from airflow_devenv.protocol import Emit, EventWriter, RunRequest
from airflow_devenv.required import check_required
from airflow_devenv.run import Run, execute_request
from airflow_devenv.run_records import RunRecord, end_abandoned_runs
from airflow_devenv.seed_request import serve_seed
from airflow_devenv.stock.fallback import observed_line
from airflow_devenv.tracebacks import is_own

#: Tells the process that watches this one how far the run is.
Note = Callable[..., None]
#: Clocks of file systems are coarse; a second is what Python compares.
YOUNG_SECONDS = 2.0


def serve(line: AirflowLine, request: RunRequest, event_descriptor: int, note: Note, *, warm: bool) -> int:
    """Serves the request; gives the exit code. The last event, `exit`, has been written."""
    if request.kind == "seed":
        return serve_seed(line, request, event_descriptor, note)
    emit = masked(EventWriter(event_descriptor), line.redact)
    request = with_own_folder(request)
    become_subreaper()
    _enter_environment(line, request)
    if request.runs_directory is not None:
        line.hide(read_hidden_texts(str(state_directory(request))))
    cancellation = Cancellation()
    cancellation.install()
    emit(
        "started",
        airflow_version=line.version,
        python_version=sys.version.split()[0],
        pid=os.getpid(),
        warm=warm,
    )
    tell_left_out(lambda text: emit("warning", code="left_out", text=text))
    output = OutputCapture(emit, line.redact, request.repositories)
    record = RunRecord(request.runs_directory)

    def noted(what: str, **values: Any) -> None:
        note(what, **values)
        if what == "run":
            record.begin(values["dag_id"], values["run_id"])
        elif what == "task":
            record.begin_task(values["task_id"], values["map_index"])

    code = 1
    try:
        observer = RunObserver(
            emit, output, repositories=request.repositories, log_folder=line.log_folder(), note=noted
        )
        cancellation.observer = observer
        run = Run(request, line, emit, observer, cancellation)
        code = _connect_and_execute(run)
        if not run.left_running:
            record.end()
    except RunCancelled:
        code = 1
    except BaseException as error:  # noqa: BLE001 - a bug of ours is told, whatever it is
        _tell_failure(emit, error)
    finally:
        end_run_pods()
        end_descendants()
        output.drain()
        if request.report_sources:
            emit("sources", files=loaded_sources(request))
        note("finished")
        emit("exit", code=code)
    return code


def _tell_failure(emit: Emit, error: BaseException) -> None:
    from sqlalchemy.exc import InterfaceError, OperationalError

    if isinstance(error, (InterfaceError, OperationalError)):
        emit("error", **database_lost(error).event())
    else:
        text = "".join(traceback.format_exception(error))
        emit("error", code="runner_bug", what="The runner failed.", why=text)


def _connect_and_execute(run: Run) -> int:
    wait_for_other_writers()
    try:
        run.line.connect()
    except Exception as error:  # noqa: BLE001 - drivers have no common class for it
        run.emit("error", code="database_unavailable", what="The database does not answer.", why=str(error))
        return 1
    with contextlib.suppress(Exception):
        # It is tried again by every run.
        end_abandoned_runs(run.request.runs_directory, run.line.fail_run)
    if run.request.kind == "answer" and run.request.answer is not None:
        return 0 if run.line.answer(run.request.answer) else 1
    if run.request.kind == "parse":
        return _parse(run)
    try:
        check_required(run.request.required)
    except RunFailure as failure:
        run.emit("error", **failure.event())
        return 1
    run.line = observed_line(run.line, run.observer, run.cancellation)
    if run.request.debug_port is not None:
        try:
            _wait_for_debugger(run, run.request.debug_port)
        except (ImportError, OSError, RuntimeError) as error:
            run.emit("error", code="debugger_not_started", what="debugpy could not start.", why=str(error))
            return 1
    else:
        take_breakpoints(run.request.debug_socket)
    return execute_request(run)


def _parse(run: Run) -> int:
    broken = load_author_plugins(run.request.repositories).broken
    if not run.request.files:
        note_broken(state_directory(run.request), broken)
        for each in broken:
            run.emit("parsed_file", **empty_report(each.file, [each.as_json()]))
    try:
        code = parse_files(run.line, run.request, run.emit)
        return max(code, int(bool(broken and not run.request.files)))
    except RunFailure as failure:
        run.emit("error", **failure.event())
        return 1


def _wait_for_debugger(run: Run, port: int) -> None:
    # Its remarks on the interpreter are nothing that an author could act on.
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    import debugpy

    host, port = debugpy.listen(("127.0.0.1", port))
    run.emit("warning", code="debugger", text=f"debugpy waits for a debugger on {host}:{port}.")
    debugpy.wait_for_client()


def _enter_environment(line: AirflowLine, request: RunRequest) -> None:
    os.environ.update(request.environment)
    # What the person's shell may have set must not change how Python itself works here.
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONSTARTUP"):
        os.environ.pop(name, None)
    if "TZ" in request.environment:
        time.tzset()
    find_hdfs()
    find_cluster()
    begin_run_pods()
    os.chdir(request.working_directory)
    for path in request.import_paths:
        if path not in sys.path:
            sys.path.append(path)
    hand_on_import_paths(request.import_paths)
    if not request.stock:
        _keep_young_sources_uncompiled()
    line.start_run_process(request.plugins_folders)


def _keep_young_sources_uncompiled() -> None:
    """Python takes bytecode for current by the source's size and second of change: a second save within that
    second would not be seen. What was saved just now is therefore compiled again in the next run."""
    original = SourceFileLoader._cache_bytecode  # type: ignore[attr-defined]

    def cache_bytecode(self: Any, source_path: str, bytecode_path: str, data: bytes) -> Any:
        if time.time() - os.stat(source_path).st_mtime > YOUNG_SECONDS:
            return original(self, source_path, bytecode_path, data)
        return None

    SourceFileLoader._cache_bytecode = cache_bytecode  # type: ignore[attr-defined]


def with_own_folder(request: RunRequest) -> RunRequest:
    """A file outside all repositories is the author's as well, and what lies beside it."""
    if request.file is None or is_own(request.file, request.repositories):
        return request
    return replace(request, repositories=[*request.repositories, os.path.dirname(request.file)])


def loaded_sources(request: RunRequest) -> list[str]:
    """The author's files that this run depended on."""
    files = {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    given = [request.file] if request.file else []
    files.update(given)
    roots = [*request.repositories, *given]
    own = [each for each in files if each.endswith(".py") and is_own(each, roots)]
    # Saving the target of a link is a change of the file that it is.
    return sorted({each for file in own for each in (file, os.path.realpath(file))})


def state_directory(request: RunRequest) -> str | None:
    return None if request.runs_directory is None else os.path.dirname(request.runs_directory)


def read_request(text: str) -> RunRequest:
    return RunRequest.from_json(json.loads(text))
