"""Questions to a person that a test run waits for (human in the loop; tasks are parked for them since 3.3).

`DAG.test()` waits until somebody has answered from outside, and leaves timeouts and defaults to a scheduler that a
test run does not have. Source: airflow 3.3.2 `SchedulerJobRunner.check_awaiting_input_timeouts`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from airflow_devenv.observer import RunObserver

PARKED = "awaiting_input"


def attend_questions(observer: RunObserver, parked: list[Any]) -> None:
    """Called each pass with the task instances that wait."""
    for each in parked:
        if not observer.has_asked(each):
            detail = _detail(each)
            if detail is not None:
                observer.ask(each, detail)
    now = datetime.now(timezone.utc)
    if any(each.trigger_timeout is not None and each.trigger_timeout < now for each in parked):
        _sweep()


def _detail(task_instance: Any) -> dict[str, Any] | None:
    from airflow.models.hitl import HITLDetail
    from sqlalchemy import select

    with _own_session() as session:
        row = session.scalar(select(HITLDetail).where(HITLDetail.ti_id == task_instance.id))
        if row is None or row.responded_at is not None:
            return None
        deadline = task_instance.trigger_timeout
        return {
            "subject": str(row.subject),
            "body": row.body,
            "options": [str(each) for each in row.options or ()],
            "defaults": None if row.defaults is None else [str(each) for each in row.defaults],
            "multiple": bool(row.multiple),
            "params": sorted(row.params or {}),
            "until": None if deadline is None else deadline.isoformat(),
        }


def _sweep() -> None:
    """The scheduler's own function: the answer that came last, the defaults, or the operator's timeout error."""
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    log = logging.getLogger("airflow_devenv.questions")
    # Of what it has done the run tells itself.
    log.setLevel(logging.WARNING)
    sweeper: Any = SimpleNamespace(log=log)
    with _own_session() as session:
        SchedulerJobRunner.check_awaiting_input_timeouts(sweeper, session=session)
        session.commit()


def answer(given: dict[str, Any]) -> bool:
    """Records it and lets the task go on. False: it does not wait any more."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import handle_event_submit
    from airflow.triggers.base import TriggerEvent
    from sqlalchemy import select

    with _own_session() as session:
        instance = session.scalar(
            select(TaskInstance).where(
                TaskInstance.dag_id == given["dag_id"],
                TaskInstance.run_id == given["run_id"],
                TaskInstance.task_id == given["task_id"],
                TaskInstance.map_index == given["map_index"],
            )
        )
        row = instance and session.scalar(select(HITLDetail).where(HITLDetail.ti_id == instance.id))
        if not row or row.responded_at is not None:
            return False
        row.chosen_options = list(given["chosen"])
        row.params_input = {
            name: value["value"] if isinstance(value, dict) and "value" in value else value
            for name, value in (row.params or {}).items()
        }
        row.responded_at = datetime.now(timezone.utc)
        row.responded_by = {"id": "devenv", "name": "devenv run-dag"}
        session.add(row)
        if instance.state == PARKED:
            event = TriggerEvent(row.as_resume_event_payload(timedout=False))
            handle_event_submit(event, task_instance=instance, session=session)
        session.commit()
    return True


def _own_session() -> Any:
    """Not the one of the thread, in which `DAG.test()` has its rows."""
    from airflow import settings
    from sqlalchemy.orm import Session

    return Session(settings.engine)
