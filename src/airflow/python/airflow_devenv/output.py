"""Everything a run prints, line by line: attributed to its task, masked, sent as events and kept as task logs.

File descriptors 1 and 2 become one pipe, so that the output of subprocesses and of C code takes the same way
as ``print`` and logging, in order. A thread reads it. Before a task is said to have ended, `drain` puts a
marker through the pipe and waits for it: no line of a task can come after its end.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_devenv.protocol import Emit
from airflow_devenv.tracebacks import format_details

MARKER = b"\x1e"
#: In the place of the line breaks inside one log record, so that it stays one.
CONTINUATION = "\x1f"
#: A longer line is cut into pieces, so that no print can fill the memory of a reader.
MAXIMUM_LINE = 64 * 1024
#: A log record can only be read as a whole; its text is cut afterwards.
MAXIMUM_RECORD = 16 * 1024 * 1024
AIRFLOW_2_LINE = re.compile(r"^\[[^\]]+\] \{([^}]*)\} (DEBUG|INFO|WARNING|ERROR|CRITICAL) - ")

Redact = Callable[[str], str]


@dataclass(frozen=True)
class TaskLog:
    """The task instance that prints now, and the file where the UI looks for its log."""

    task_id: str
    map_index: int
    file: Path | None


class OutputCapture:
    def __init__(self, emit: Emit, redact: Redact, repositories: Sequence[str] = ()) -> None:
        self._emit = emit
        #: Roots of the author's code: tracebacks start there.
        self._repositories = repositories
        self._redact = redact
        self._task: TaskLog | None = None
        self._log_file: io.BufferedWriter | None = None
        self._pending = b""
        self._drained = threading.Event()
        self._read_end, write_end = os.pipe()
        self._replace_standard_streams(write_end)
        self._thread = threading.Thread(target=self._pump, name="devenv-output", daemon=True)
        self._thread.start()

    def _replace_standard_streams(self, write_end: int) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os.dup2(write_end, 1)
        os.dup2(write_end, 2)
        os.close(write_end)
        os.set_inheritable(1, True)
        os.set_inheritable(2, True)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # The encoding is set by PYTHONIOENCODING: it can't change once the stream has been a file.
                stream.reconfigure(line_buffering=True)

    def enter_task(self, task: TaskLog) -> None:
        self.drain()
        self._close_log_file()
        self._task = task

    def leave_task(self) -> None:
        self.drain()
        self._close_log_file()
        self._task = None

    def drain(self) -> None:
        """Returns when every line printed so far has been sent."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                # A task may close or break its own stdout; its lines are lost, not the run.
                continue
        self._drained.clear()
        try:
            os.write(1, MARKER)
        except OSError:
            return
        # A task that redirected descriptor 1 elsewhere would never let the marker through.
        self._drained.wait(timeout=5)

    def _pump(self) -> None:
        while chunk := os.read(self._read_end, 65536):
            pieces = chunk.split(MARKER)
            for index, piece in enumerate(pieces):
                if index:
                    self._flush_pending()
                    self._drained.set()
                self._take(piece)

    def _take(self, piece: bytes) -> None:
        lines = (self._pending + piece).split(b"\n")
        self._pending = lines.pop()
        for line in lines:
            self._line(line)
        limit = MAXIMUM_RECORD if self._pending.startswith((b"{", b"[")) else MAXIMUM_LINE
        while len(self._pending) > limit:
            self._line(self._pending[:limit])
            self._pending = self._pending[limit:]

    def _flush_pending(self) -> None:
        if self._pending:
            self._line(self._pending)
            self._pending = b""

    def _line(self, raw: bytes) -> None:
        text = raw.rstrip(b"\r").decode("utf-8", "backslashreplace")
        if CONTINUATION in text and AIRFLOW_2_LINE.match(text):
            text = text.replace(CONTINUATION, "\n")
        try:
            text = self._redact(text)
        except Exception:  # noqa: BLE001 - a masker that fails must not let a secret through, nor end the run
            text = "*** (a line was withheld: the secrets masker failed)"
        values = read_log_line(text, self._repositories)
        if values is None:
            return
        task = self._task
        if task is not None:
            values.update(task_id=task.task_id, map_index=task.map_index)
            self._keep(task, text)
        if values["level"] != "output" and len(values["text"]) > MAXIMUM_LINE:
            rest = len(values["text"]) - MAXIMUM_LINE
            values["text"] = f"{values['text'][:MAXIMUM_LINE]}… ({rest} more characters)"
        self._emit("log", **values)

    def _keep(self, task: TaskLog, text: str) -> None:
        if task.file is None:
            return
        try:
            if self._log_file is None:
                task.file.parent.mkdir(parents=True, exist_ok=True)
                self._log_file = open(task.file, "ab")  # noqa: SIM115 - closed when the task is left
            self._log_file.write(text.encode("utf-8", "backslashreplace") + b"\n")
        except OSError:
            # A full disk must not end the author's run; the lines still reach the client.
            self._log_file = None

    def _close_log_file(self) -> None:
        log_file, self._log_file = self._log_file, None
        if log_file is not None:
            try:
                log_file.close()
            except OSError:
                return


def read_log_line(text: str, repositories: Sequence[str] = ()) -> dict[str, Any] | None:
    """The level, text and logger of a line; None for Airflow's own section marks, which say nothing."""
    if text.startswith("{") and '"event"' in text and '"level"' in text:
        values = _structured(text, repositories)
        if values is not None:
            return None if values["text"].startswith(("::group::", "::endgroup::")) else values
    match = AIRFLOW_2_LINE.match(text)
    if match:
        message = text[match.end() :]
        if message.startswith(("::group::", "::endgroup::")):
            return None
        return {"level": match.group(2).lower(), "text": message, "logger": match.group(1)}
    return {"level": "output", "text": text}


def _structured(text: str, repositories: Sequence[str]) -> dict[str, Any] | None:
    try:
        record = json.loads(text)
    except ValueError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("event"), str):
        return None
    known = {
        "timestamp",
        "level",
        "event",
        "logger",
        "error_detail",
        "exception",
        "filename",
        "lineno",
        "loc",
    }
    message = record["event"]
    extra = " ".join(f"{key}={value!r}" for key, value in record.items() if key not in known)
    if extra:
        message = f"{message} {extra}"
    for name in ("error_detail", "exception"):
        details = record.get(name)
        if isinstance(details, str):
            message += "\n" + details
        elif details and isinstance(details, list) and isinstance(details[-1], dict):
            message = "\n".join([message, *format_details(details, repositories)])
    return {"level": str(record.get("level", "info")), "text": message, "logger": record.get("logger")}
