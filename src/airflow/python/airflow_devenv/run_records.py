"""Which DAG runs are being executed, on disk: what a kill -9 left `running` is found and ended by the next."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from airflow_devenv.observer import TaskKey
from airflow_devenv.processes import start_time

#: Given a DAG id, a run id and the task instance whose code ran last; says whether the run was still `running`.
FailRun = Callable[[str, str, TaskKey | None], bool]


class RunRecord:
    def __init__(self, directory: str | None) -> None:
        self._directory = Path(directory) if directory else None
        self._path: Path | None = None

    def begin(self, dag_id: str, run_id: str) -> None:
        if self._directory is None:
            return
        self.end()
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        pid = os.getpid()
        path = self._directory / f"{pid}-{os.urandom(4).hex()}.json"
        record = {
            "pid": pid,
            "start_time": start_time(pid),
            "database": database_name(),
            "dag_id": dag_id,
            "run_id": run_id,
        }
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(record) + "\n", encoding="utf-8")
        aside.rename(path)
        self._path = path

    def begin_task(self, task_id: str, map_index: int) -> None:
        """A line more: the last one is the task instance whose code ran last."""
        if self._path is not None:
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(json.dumps([task_id, map_index]) + "\n")

    def end(self) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None


def database_name() -> str:
    url = os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "")
    return url.partition("?")[0].rpartition("/")[2]


def end_abandoned_runs(directory: str | None, fail_run: FailRun) -> list[str]:
    """Marks the runs of dead processes as failed. Gives their run ids."""
    if directory is None:
        return []
    ended = []
    for path in sorted(Path(directory).glob("*.json")):
        try:
            first, *tasks = path.read_text(encoding="utf-8").splitlines()
            record = json.loads(first)
            alive = start_time(record["pid"])
            if alive is not None and alive == record["start_time"]:
                continue
            if record.get("database", database_name()) != database_name():
                # A project has a database for each minor version of Airflow.
                continue
            if fail_run(record["dag_id"], record["run_id"], _last_task(tasks)):
                ended.append(str(record["run_id"]))
            path.unlink(missing_ok=True)
        except (OSError, ValueError, KeyError):
            # Another process is doing the same, or the file is not ours.
            continue
    return ended


def _last_task(lines: list[str]) -> TaskKey | None:
    try:
        task_id, map_index = json.loads(lines[-1])
    except (IndexError, ValueError):
        # No task had begun; or the machine went down within the line.
        return None
    return str(task_id), int(map_index)
