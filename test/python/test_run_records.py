"""The runs that were going on, as the disk knows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from airflow_devenv.observer import TaskKey
from airflow_devenv.run_records import RunRecord, end_abandoned_runs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class Runs:
    """Stands for the database: notes which runs were marked failed."""

    def __init__(self, known: bool = True) -> None:
        self.known = known
        self.failed: list[tuple[str, str]] = []
        self.running: list[TaskKey | None] = []

    def fail(self, dag_id: str, run_id: str, running: TaskKey | None) -> bool:
        self.failed.append((dag_id, run_id))
        self.running.append(running)
        return self.known


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def abandon(folder: Path, **changes: object) -> Path:
    folder.mkdir(exist_ok=True)
    record = {"pid": 1, "start_time": "another", "dag_id": "orders", "run_id": "r1", **changes}
    file = folder / "1-aa.json"
    file.write_text(json.dumps(record), encoding="utf-8")
    return file


def test_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    record = RunRecord(str(tmp_path / "runs"))
    record.begin("orders", "r1")
    runs = Runs()
    assert end_abandoned_runs(str(tmp_path / "runs"), runs.fail) == []
    assert runs.failed == []
    assert len(files(tmp_path / "runs")) == 1


def test_a_run_that_ended_leaves_nothing(tmp_path: Path) -> None:
    record = RunRecord(str(tmp_path))
    record.begin("orders", "r1")
    record.begin("orders", "r2")
    assert len(files(tmp_path)) == 1
    record.end()
    record.end()
    assert files(tmp_path) == []


def test_the_run_of_a_killed_process_is_marked_failed_once(tmp_path: Path) -> None:
    script = (
        "import os, sys; from airflow_devenv.run_records import RunRecord;"
        "record = RunRecord(sys.argv[1]); record.begin('orders', 'r1'); record.begin_task('fetch', -1);"
        "record.begin_task('ship', 2); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=False)
    runs = Runs()
    assert end_abandoned_runs(str(tmp_path), runs.fail) == ["r1"]
    assert end_abandoned_runs(str(tmp_path), runs.fail) == []
    assert runs.failed == [("orders", "r1")]
    assert runs.running == [("ship", 2)]
    assert files(tmp_path) == []


def test_a_pid_that_came_again_is_another_process(tmp_path: Path) -> None:
    abandon(tmp_path, pid=os.getpid())
    assert end_abandoned_runs(str(tmp_path), Runs().fail) == ["r1"]


def test_a_run_that_the_database_does_not_know_is_forgotten(tmp_path: Path) -> None:
    abandon(tmp_path)
    assert end_abandoned_runs(str(tmp_path), Runs(known=False).fail) == []
    assert files(tmp_path) == []


def test_a_torn_line_hides_only_the_task(tmp_path: Path) -> None:
    file = abandon(tmp_path)
    file.write_text(file.read_text(encoding="utf-8") + '\n["fetch", -1]\n["sh', encoding="utf-8")
    runs = Runs()
    assert end_abandoned_runs(str(tmp_path), runs.fail) == ["r1"]
    assert runs.running == [None]


def test_what_is_not_a_record_is_left_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("not json", encoding="utf-8")
    abandon(tmp_path)
    assert end_abandoned_runs(str(tmp_path), Runs().fail) == ["r1"]
    assert files(tmp_path) == ["notes.json"]


def test_without_a_folder_nothing_is_recorded() -> None:
    record = RunRecord(None)
    record.begin("orders", "r1")
    record.end()
    assert end_abandoned_runs(None, Runs().fail) == []
