"""What services of Airflow 2 rely on. Source: airflow 2.11.2."""

from __future__ import annotations

from airflow_devenv.contract.entry import Entry, Kind
from airflow_devenv.contract.needs import Columns, Name
from airflow_devenv.contract.shared import DAG_RUN

SCHEDULER = "airflow.jobs.scheduler_job_runner:SchedulerJobRunner"
EXECUTOR = "airflow.executors.local_executor"

SERVICES_2 = (
    Entry(
        "hidden_test_runs2",
        Kind.FEATURE,
        "Keeps a live scheduler and triggerer off the DAG runs of `run-dag`.",
        "A live scheduler may execute tasks of a test run once more.",
        (
            Name(f"{DAG_RUN}.next_dagruns_to_examine"),
            Name(f"{SCHEDULER}._update_dag_run_state_for_paused_dags"),
            Name(f"{DAG_RUN}.active_runs_of_dags"),
            Name("airflow.models.dag:DAG.get_num_active_runs"),
            Name(f"{SCHEDULER}._executable_task_instances_to_queued"),
            Name(f"{SCHEDULER}.adopt_or_reset_orphaned_tasks"),
            Name(f"{SCHEDULER}._find_zombies"),
            Name(f"{SCHEDULER}._get_tis_stuck_in_queued"),
            Name(f"{SCHEDULER}.check_trigger_timeouts"),
            Name("airflow.models.trigger:Trigger.get_sorted_triggers"),
            Columns(DAG_RUN, ("creating_job_id", "clear_number")),
        ),
        since="2.10",
        before="3",
    ),
    Entry(
        "seeded_masks2",
        Kind.FEATURE,
        "Masks seeded secrets in the logs of services.",
        "Secrets whose names don't say so are seen in logs.",
        (Name("airflow.utils.log.secrets_masker:_secrets_masker"),),
        before="3",
    ),
    Entry(
        "seeded_later2",
        Kind.FEATURE,
        "Masks in a worker also what is seeded while it runs.",
        "What is seeded as a secret is masked from the next start of the stack.",
        (Name(f"{EXECUTOR}:LocalWorkerBase.execute_work"),),
        before="3",
    ),
    Entry(
        "callback_logs2",
        Kind.FEATURE,
        "Shows what callbacks of DAGs print.",
        "It goes to a file of the DAG processor.",
        (Name("airflow.dag_processing.processor:DagFileProcessorProcess._run_file_processor"),),
        before="3",
    ),
    Entry(
        "plugins_of_the_web2",
        Kind.FEATURE,
        "Shows views and blueprints of the author's plugins in a webserver that was built without them.",
        "They are not there.",
        (
            Name("airflow.plugins_manager:initialize_web_ui_plugins"),
            Name("airflow.www.app:cached_app"),
            Name("airflow.www.app:purge_cached_app"),
        ),
        before="3",
    ),
    Entry(
        "idle_rest",
        Kind.ACCELERATOR,
        "Lets the scheduler look every second only while nothing happens, and every moment while something does.",
        "The scheduler looks as often as it is configured to.",
        (Name(f"{SCHEDULER}._do_scheduling"), Name(f"{SCHEDULER}._process_executor_events")),
    ),
    Entry(
        "result_rest2",
        Kind.ACCELERATOR,
        "Ends the scheduler's rest when a worker has ended a task.",
        "What follows a task starts up to a second later.",
        (Name(f"{EXECUTOR}:LocalWorkerBase.execute_work"),),
        before="3",
    ),
    Entry(
        "workers_from_the_first2",
        Kind.ACCELERATOR,
        "Starts one worker, which warms up and forks the others when there is a task.",
        "All workers start with the scheduler, and are cold.",
        (
            Name(f"{EXECUTOR}:LocalExecutor.LimitedParallelism"),
            Name(f"{EXECUTOR}:QueuedLocalWorker"),
            Name("airflow.task.task_runner.standard_task_runner:StandardTaskRunner"),
        ),
        since="2.10",
        before="3",
    ),
    Entry(
        "task_connections2",
        Kind.ACCELERATOR,
        "Lets each task of a scheduler keep its engine, and one connection.",
        "Each transaction of a task connects anew.",
        (
            Name("airflow.task.task_runner.standard_task_runner:StandardTaskRunner._start_by_fork"),
            Name("airflow.settings:reconfigure_orm"),
        ),
        before="3",
    ),
)
