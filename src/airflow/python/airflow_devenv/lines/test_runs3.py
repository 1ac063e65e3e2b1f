"""Where Airflow 3's scheduler, triggerer and DAG processor come upon running DAG runs. Source: airflow 3.3.2."""

from __future__ import annotations

from typing import Any

from airflow_devenv.contract.accelerators import is_switched_off
from airflow_devenv.lines.test_runs import hide_test_runs_in


def leave_test_runs_alone() -> None:
    # As far as Airflow has these names: each of them is worth something alone.
    if is_switched_off("hidden_test_runs3"):
        return
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.models.dagrun import DagRun
    from airflow.models.trigger import Trigger

    hide_test_runs_in(
        [
            # What is examined; a run that is never examined has no timeout either.
            (DagRun, "get_running_dag_runs_to_examine"),
            (SchedulerJobRunner, "_update_dag_run_state_for_paused_dags"),
            # What counts for max_active_runs.
            (DagRun, "active_runs_of_dags"),
            (SchedulerJobRunner, "_start_queued_dagruns"),
            # What is executed, and what counts for pools and max_active_tasks.
            (SchedulerJobRunner, "_executable_task_instances_to_queued"),
            # What is taken for lost.
            (SchedulerJobRunner, "adopt_or_reset_orphaned_tasks"),
            (SchedulerJobRunner, "_find_task_instances_without_heartbeats"),
            (SchedulerJobRunner, "_get_tis_stuck_in_queued"),
            # `DAG.test()` runs triggers itself.
            (SchedulerJobRunner, "check_trigger_timeouts"),
            (Trigger, "get_sorted_triggers"),
        ],
        _is_test_run,
    )


def _is_test_run(columns: Any) -> Any:
    """`DAG.test()` says so itself in the row it inserts."""
    from airflow.utils.types import DagRunTriggeredByType

    return columns.triggered_by == DagRunTriggeredByType.TEST
