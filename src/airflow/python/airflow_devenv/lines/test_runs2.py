"""Where Airflow 2's scheduler, triggerer and DAG processor come upon running DAG runs. Source: airflow 2.11.2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from airflow_devenv.contract.accelerators import is_switched_off
from airflow_devenv.lines.test_runs import hide_test_runs_in

#: In `dag_run.creating_job_id`, which is no foreign key and which nothing shows: ids of jobs are positive.
TEST_RUN_JOB_ID = -1


@contextmanager
def creating_test_run(dag: Any) -> Iterator[None]:
    """What `dag` creates in here is recognisable from its first row on; Airflow 2 has no word for it."""
    dag.create_dagrun = partial(dag.create_dagrun, creating_job_id=TEST_RUN_JOB_ID)
    try:
        yield
    finally:
        del dag.create_dagrun


def leave_test_runs_alone() -> None:
    # As far as Airflow has these names: each of them is worth something alone.
    if is_switched_off("hidden_test_runs2"):
        return
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.models.dag import DAG
    from airflow.models.dagrun import DagRun
    from airflow.models.trigger import Trigger

    hide_test_runs_in(
        [
            # What is examined; a run that is never examined has no timeout either.
            (DagRun, "next_dagruns_to_examine"),
            (SchedulerJobRunner, "_update_dag_run_state_for_paused_dags"),
            # What counts for max_active_runs.
            (DagRun, "active_runs_of_dags"),
            (DAG, "get_num_active_runs"),
            # What is executed, and what counts for pools and max_active_tasks.
            (SchedulerJobRunner, "_executable_task_instances_to_queued"),
            # What is taken for lost.
            (SchedulerJobRunner, "adopt_or_reset_orphaned_tasks"),
            (SchedulerJobRunner, "_find_zombies"),
            (SchedulerJobRunner, "_get_tis_stuck_in_queued"),
            # `DAG.test()` runs triggers itself.
            (SchedulerJobRunner, "check_trigger_timeouts"),
            (Trigger, "get_sorted_triggers"),
        ],
        _is_test_run,
    )


def _is_test_run(columns: Any) -> Any:
    return columns.creating_job_id == TEST_RUN_JOB_ID
