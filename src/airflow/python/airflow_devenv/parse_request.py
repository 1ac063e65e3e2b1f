"""Parses DAG files now and writes what they say to the database, as Airflow's dag-processor would at some time.

The files are parsed one after the other in one process, so that what they import from packages is loaded once.
That process may die or hang by a file's fault; this one then tells so and goes on with the next file in a new
one. An error counts only in a process that has parsed nothing before: some modules can't be imported twice.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.lines.parse import DagFileRecords, drop_connections, real, records_of
from airflow_devenv.parse_worker import ParseWorker
from airflow_devenv.processes import die_with_parent
from airflow_devenv.protocol import Bundle, Emit, RunRequest

#: Seconds that a file gets beyond Airflow's own limit, which only ends Python code that lets itself be ended.
GRACE_SECONDS = 5.0


def parse_files(line: AirflowLine, request: RunRequest, emit: Emit) -> int:
    """Emits `parsed_file` for each; gives the exit code: 1 for any import error.

    Connected when it is called; afterwards not.
    """
    records = records_of(line)
    listed = records.listed_files(request)
    is_simple = bool(request.files) and all(each in listed for each in request.files)
    plan = make_plan(request.files, listed, {} if is_simple else records.known_files(request))
    for path, bundle in plan.gone.items():
        _tell_gone(records, path, bundle, emit)
    for path in plan.ignored:
        emit("parsed_file", **empty_report(path), ignored=True)
    drop_connections()
    has_errors = False
    for report in _reports(line, request, records, plan):
        report["file"] = plan.names.get(report["file"], report["file"])
        has_errors = has_errors or bool(report["import_errors"])
        emit("parsed_file", **report)
    return 1 if has_errors else 0


@dataclass(frozen=True)
class Plan:
    #: Paths as Airflow has them.
    to_parse: dict[str, Bundle]
    #: With rows in the database, but no longer to be parsed.
    gone: dict[str, Bundle]
    #: Asked for, but nothing that Airflow would parse.
    ignored: list[str]
    #: How the client named a file, where Airflow has another path for it.
    names: dict[str, str]


def make_plan(asked: list[str], listed: dict[str, Bundle], known: dict[str, Bundle]) -> Plan:
    """`asked`: empty for everything."""
    archives = tuple(f"{path}/" for path in listed if path.endswith(".zip"))
    gone = {
        path: bundle for path, bundle in known.items() if path not in listed and not path.startswith(archives)
    }
    if not asked:
        return Plan(listed, gone, [], {})
    # Paths of one real file: the client has the repository's, Airflow 2 perhaps one through a link.
    names = {real(path): path for path in asked}
    wanted = {path: bundle for path, bundle in listed.items() if real(path) in names}
    gone = {path: bundle for path, bundle in gone.items() if real(path) in names}
    found = {real(path) for path in (*wanted, *gone)}
    ignored = [path for path in asked if real(path) not in found]
    return Plan(wanted, gone, ignored, {path: names[real(path)] for path in wanted})


def empty_report(path: str, import_errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "file": path,
        "dag_ids": [],
        "import_errors": import_errors or [],
        "sources": [],
        "changed": False,
        "duration_ms": 0,
    }


def _tell_gone(records: DagFileRecords, path: str, bundle: Bundle, emit: Emit) -> None:
    records.retire(path, bundle)
    records.set_import_error(path, bundle, None)
    emit("parsed_file", **{**empty_report(path), "changed": True}, removed=True)


def _reports(
    line: AirflowLine, request: RunRequest, records: DagFileRecords, plan: Plan
) -> Iterator[dict[str, Any]]:
    remaining = dict(plan.to_parse)
    while remaining:
        worker = Worker(line, request, remaining)
        is_clean = True
        for report in worker.reports():
            is_clean = False
            del remaining[report["file"]]
            yield report
        failed = worker.failed_file
        if failed is not None and (is_clean or worker.is_out_of_time):
            bundle = remaining.pop(failed)
            report = ParseWorker(line, request).report_death(failed, bundle, worker.death)
            drop_connections()
            yield report
        elif failed is not None:
            # First in a process of its own.
            remaining = {failed: remaining.pop(failed), **remaining}


class Worker:
    """A forked process that parses files and tells of each."""

    def __init__(self, line: AirflowLine, request: RunRequest, files: dict[str, Bundle]) -> None:
        self._current: str | None = None
        self._deadline: float | None = None
        self._limit = 0.0
        #: How it ended, if that was not by itself.
        self.death = ""
        self.is_out_of_time = False
        self._done = False
        self._read_end, write_end = os.pipe()
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                os.close(self._read_end)
                die_with_parent(parent, signal.SIGKILL)
                _work(line, request, files, write_end)
                code = 0
            finally:
                os._exit(code)
        os.close(write_end)

    @property
    def failed_file(self) -> str | None:
        """The file that it was busy with when it ended."""
        return None if self._done else self._current

    def reports(self) -> Iterator[dict[str, Any]]:
        for note in self._notes():
            if "begin" in note:
                self._current = note["begin"]
                self._limit = (note["limit"] or 0) + GRACE_SECONDS
                self._deadline = None if note["limit"] is None else time.monotonic() + self._limit
            elif "parsed" in note:
                # The database may take its time.
                self._deadline = None
            elif "report" in note:
                self._current = None
                yield note["report"]
            elif "failure" in note:
                raise RuntimeError(note["failure"])
            else:
                self._done = True
        self._wait()

    def _notes(self) -> Iterator[dict[str, Any]]:
        pending = b""
        with selectors.DefaultSelector() as selector, os.fdopen(self._read_end, "rb", 0) as stream:
            selector.register(stream, selectors.EVENT_READ)
            while True:
                left = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
                if not selector.select(left):
                    self.death = f"it took more than {self._limit - GRACE_SECONDS:g} s"
                    os.kill(self._pid, signal.SIGKILL)
                    self._deadline = None
                    self.is_out_of_time = True
                    continue
                data = stream.read(65536)
                if not data:
                    return
                *lines, pending = (pending + data).split(b"\n")
                yield from (json.loads(each) for each in lines)

    def _wait(self) -> None:
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        except ChildProcessError:
            code = 1
        if not self._done and self._current is None:
            raise RuntimeError("The process that parses ended without a word.")
        if not self.death:
            how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
            self.death = f"it ended the process that read it, {how}"


def _work(line: AirflowLine, request: RunRequest, files: dict[str, Bundle], write_end: int) -> None:
    import traceback

    # A process that the author's code starts must not keep the pipe open.
    os.set_inheritable(write_end, False)

    def note(**values: Any) -> None:
        data = (json.dumps(values) + "\n").encode()
        while data:
            data = data[os.write(write_end, data) :]

    try:
        is_done = ParseWorker(line, request).work(files, note)
    except Exception as error:  # noqa: BLE001 - of ours, or the database's: an author's is a report
        note(failure="".join(traceback.format_exception(error)))
    else:
        if is_done:
            note(done=True)
