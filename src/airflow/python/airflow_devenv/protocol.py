"""What travels between the client (TypeScript) and this side: one request, then events, one JSON object a line.

The events' shapes are in ``src/dagruns/events.ts``; both sides change together.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

EVENTS_VERSION = 1

#: Called with the name of an event and its fields.
Emit = Callable[..., None]


@dataclass(frozen=True)
class Bundle:
    """One DAGs folder of a repository, as Airflow 3 names it."""

    name: str
    path: str


@dataclass(frozen=True)
class RunRequest:
    """What the author asked for. Paths are absolute."""

    #: `run` a DAG or file, `parse` files, `seed` the database, or `answer` what a run waits for.
    kind: str = "run"
    #: To be parsed; empty: every DAG file of every bundle.
    files: list[str] = field(default_factory=list)
    #: A DAG, operator or sensor file; or None when `dag_id` is to be looked up.
    file: str | None = None
    dag_id: str | None = None
    #: Arguments for the file's `__main__` block.
    arguments: list[str] = field(default_factory=list)
    conf: dict[str, Any] | None = None
    #: ISO 8601.
    logical_date: str | None = None
    replace: bool = False
    task_pattern: str | None = None
    mark_success_pattern: str | None = None
    retries: int = 0
    #: Nothing of Airflow is replaced.
    stock: bool = False
    debug_port: int | None = None
    # Where the terminal is lent to `breakpoint()`.
    debug_socket: str | None = None
    #: Tell at the end which of the author's files were read, for `--watch`.
    report_sources: bool = False
    working_directory: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    #: Appended to sys.path, in the order that production gives.
    import_paths: list[str] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    #: Roots of the author's own code: tracebacks start there.
    repositories: list[str] = field(default_factory=list)
    plugins_folders: list[str] = field(default_factory=list)
    #: Where this side notes the DAG runs it has begun, so that they can be ended after a kill.
    runs_directory: str | None = None
    #: Ids of the task instance, and the options that were chosen.
    answer: dict[str, Any] | None = None
    #: `SeedRequest`.
    seed: dict[str, Any] | None = None
    #: Names of variables and ids of connections that there must be.
    required: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunRequest:
        known = {each.name for each in fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        values["bundles"] = [Bundle(**each) for each in data.get("bundles", [])]
        return cls(**values)


class EventWriter:
    """Writes events to a descriptor. A reader that has gone away is not an error here: it cancels elsewhere."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._started = time.perf_counter()
        self._broken = False

    def __call__(self, event: str, **values: Any) -> None:
        if self._broken:
            return
        elapsed = round((time.perf_counter() - self._started) * 1000, 1)
        record = {"v": EVENTS_VERSION, "t": elapsed, "event": event}
        record.update((key, value) for key, value in values.items() if value is not None)
        data = (json.dumps(record, default=str, ensure_ascii=True) + "\n").encode()
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self._broken = True
