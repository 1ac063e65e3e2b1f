"""What services of Airflow 3 rely on. Source: airflow 3.3.2."""

from __future__ import annotations

from airflow_devenv.contract.entry import Entry, Kind
from airflow_devenv.contract.needs import Columns, Name, OneOf, Signature
from airflow_devenv.contract.runs3 import API, SUPERVISOR
from airflow_devenv.contract.services2 import EXECUTOR, SCHEDULER
from airflow_devenv.contract.shared import DAG_RUN

SERVICES_3 = (
    Entry(
        "hidden_test_runs3",
        Kind.FEATURE,
        "Keeps a live scheduler and triggerer off the DAG runs of `run-dag`.",
        "A live scheduler may execute tasks of a test run once more.",
        (
            Name(f"{DAG_RUN}.get_running_dag_runs_to_examine"),
            Name(f"{SCHEDULER}._update_dag_run_state_for_paused_dags"),
            Name(f"{DAG_RUN}.active_runs_of_dags"),
            Name(f"{SCHEDULER}._start_queued_dagruns"),
            Name(f"{SCHEDULER}._executable_task_instances_to_queued"),
            Name(f"{SCHEDULER}.adopt_or_reset_orphaned_tasks"),
            Name(f"{SCHEDULER}._find_task_instances_without_heartbeats"),
            Name(f"{SCHEDULER}._get_tis_stuck_in_queued"),
            Name(f"{SCHEDULER}.check_trigger_timeouts"),
            Name("airflow.models.trigger:Trigger.get_sorted_triggers"),
            Name("airflow.utils.types:DagRunTriggeredByType.TEST"),
            Columns(DAG_RUN, ("triggered_by", "clear_number")),
        ),
        since="3.0",
    ),
    Entry(
        "seeded_masks3",
        Kind.FEATURE,
        "Masks seeded secrets in the logs of services.",
        "Secrets whose names don't say so are seen in logs.",
        (
            OneOf(
                (
                    "airflow._shared.secrets_masker:_secrets_masker",
                    "airflow.sdk.execution_time.secrets_masker:_secrets_masker",
                )
            ),
        ),
        since="3.0",
    ),
    Entry(
        "masked_output3",
        Kind.FEATURE,
        "Masks what a service writes to its own log.",
        "The scheduler's and the DAG processor's logs show secrets of DAG files.",
        (Name("structlog:get_config"), Name("structlog:configure")),
        since="3.0",
    ),
    Entry(
        "quiet_banner3",
        Kind.FEATURE,
        "Leaves Airflow's banner out of the logs.",
        "Each start of a service logs it.",
        (Name("airflow.utils.cli:print_banner"),),
        since="3.1",
    ),
    Entry(
        "callback_logs3",
        Kind.FEATURE,
        "Shows what callbacks of DAGs print.",
        "It goes to a file of the DAG processor.",
        (Name("airflow.dag_processing.processor:DagFileProcessorProcess.start"),),
        since="3.0",
    ),
    Entry(
        "plugins_of_the_web3",
        Kind.FEATURE,
        "Adds the author's plugins to an API server that was built without them.",
        "They are not there.",
        (
            Name("airflow.api_fastapi.app:init_plugins"),
            Name("airflow.api_fastapi.core_api.app:init_flask_plugins"),
        ),
        since="3.0",
    ),
    Entry(
        "admin_token3",
        Kind.FEATURE,
        "Lets the person of the project into the API server, and nobody else.",
        "A browser has to log in.",
        (
            Name("airflow.api_fastapi.auth.managers.simple.user:SimpleAuthManagerUser"),
            Name("airflow.api_fastapi.app:get_auth_manager"),
        ),
        since="3.0",
    ),
    Entry(
        "plain_server_api3",
        Kind.ACCELERATOR,
        "Builds the tasks' API of the API server without the migration between its versions.",
        "The first requests of tasks take seconds.",
        (
            Name("airflow.api_fastapi.app:create_task_execution_api_app"),
            Name(f"{API}.app:JWTReissueMiddleware"),
            Name(f"{API}.app:lifespan"),
            Name(f"{API}.routes:execution_api_router"),
            Name("airflow.api_fastapi.common.exceptions:init_error_handlers"),
        ),
        since="3.1",
    ),
    Entry(
        "routes_once3",
        Kind.ACCELERATOR,
        "Analyses the routes of FastAPI's applications once.",
        "The API server takes twice as long to build.",
        (
            Name("fastapi.routing:create_model_field"),
            Name("fastapi.dependencies.utils:get_dependant"),
            Name("fastapi.dependencies.utils:get_path_param_names"),
            Name("fastapi.routing:get_dependant"),
        ),
        since="3.0",
    ),
    Entry(
        "server_warm_up3",
        Kind.ACCELERATOR,
        "Makes the first request of each kind before the API server is forked.",
        "The first requests of tasks and browsers are slow.",
        (Name(f"{API}.app:_jwt_generator"),),
        since="3.0",
    ),
    Entry(
        "api_built_ahead3",
        Kind.ACCELERATOR,
        "Builds the Execution API inside DAG processor and triggerer once, before they are forked.",
        "Each of them builds it.",
        (
            Signature(f"{API}.app:InProcessExecutionAPI.__init__", ("app",)),
            Name(f"{API}.app:create_task_execution_api_app"),
            Name(f"{API}.app:lifespan"),
            Name(f"{API}.routes:execution_api_router"),
        ),
        since="3.3",
    ),
    Entry(
        "metrics_read_once3",
        Kind.ACCELERATOR,
        "Reads the names of metrics once for all services.",
        "Each service reads a file of them twice.",
        (
            Name("airflow._shared.observability.metrics.stats:_get_registry"),
            Name("airflow.sdk._shared.observability.metrics.stats:_registry"),
        ),
        since="3.3",
    ),
    Entry(
        "result_rest3",
        Kind.ACCELERATOR,
        "Ends the scheduler's rest when a worker has something to tell.",
        "What follows a task starts up to a second later.",
        (Name(f"{EXECUTOR}:LocalExecutor.start"),),
        since="3.0",
    ),
    Entry(
        "workers_on_demand3",
        Kind.ACCELERATOR,
        "Starts workers when there is something to do.",
        "All of them start with the scheduler.",
        (Name(f"{EXECUTOR}:LocalExecutor._spawn_workers_with_gc_freeze"),),
        since="3.1",
    ),
    Entry(
        "supervisors_end3",
        Kind.ACCELERATOR,
        "Ends a task's supervisor when its last pipe is closed.",
        "A slot may stay taken for 5 s after a task.",
        (Signature(f"{SUPERVISOR}:WatchedSubprocess._service_subprocess", ("max_wait_time",)),),
        since="3.0",
    ),
)
