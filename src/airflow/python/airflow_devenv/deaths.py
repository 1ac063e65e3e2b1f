"""What is told, and written to the database, of a run whose process was killed or left by `os._exit`."""

from __future__ import annotations

import signal
from types import SimpleNamespace
from typing import Any

from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.observer import state_name
from airflow_devenv.protocol import Emit


def report_death(
    line: AirflowLine, emit: Emit, exit_code: int, run: dict[str, Any] | None, task: dict[str, Any] | None
) -> None:
    how = describe_end(exit_code)
    if task is not None:
        emit(
            "task_finished",
            task_id=task["task_id"],
            map_index=task["map_index"],
            try_number=task["try_number"],
            state="failed",
            duration_ms=0,
            error={"type": "ProcessEnded", "message": f"the task's process {how}", "traceback": []},
        )
    try:
        if run is not None:
            line.connect()
            key = (task["task_id"], task["map_index"]) if task else None
            line.fail_run(run["dag_id"], run["run_id"], key)
            _tell_states(line, emit, run)
    except Exception as error:  # noqa: BLE001 - the next run finds the record and tries again
        emit("warning", code="run_not_marked", text=f"The DAG run could not be marked failed: {error}")
    place = f" in task {task['task_id']}" if task else ""
    emit(
        "error",
        code="process_ended",
        what=f"The run's process {how}{place}.",
        why="A task ended the whole process, or something outside killed it (out of memory?).",
    )
    name = signal.Signals(-exit_code).name if exit_code < 0 else None
    emit("exit", code=1, signal=name)


def _tell_states(line: AirflowLine, emit: Emit, run: dict[str, Any]) -> None:
    tasks = [
        {
            "task_id": each.task_id,
            "map_index": each.map_index,
            "state": state_name(each.state),
            "try_number": each.try_number or 0,
            "duration_ms": round((each.duration or 0) * 1000, 1),
        }
        for each in line.task_instances(SimpleNamespace(**run))
    ]
    tasks.sort(key=lambda each: (each["task_id"], each["map_index"]))
    emit(
        "run_finished",
        dag_id=run["dag_id"],
        run_id=run["run_id"],
        state="failed",
        duration_ms=0,
        task_ms=0,
        tasks=tasks,
    )


def describe_end(exit_code: int) -> str:
    if exit_code < 0:
        return f"was killed by {signal.Signals(-exit_code).name}"
    return f"ended itself with code {exit_code}"
