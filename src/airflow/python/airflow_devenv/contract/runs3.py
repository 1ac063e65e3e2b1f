"""What DAG runs on Airflow 3 rely on. Source: airflow 3.3.2."""

from __future__ import annotations

from airflow_devenv.contract.entry import Entry, Kind
from airflow_devenv.contract.needs import Columns, Name, OneOf, Signature, Statements
from airflow_devenv.contract.shared import TASK_INSTANCE

DAG_MODULE = "airflow.sdk.definitions.dag"
RUNNER = "airflow.sdk.execution_time.task_runner"
SUPERVISOR = "airflow.sdk.execution_time.supervisor"
API = "airflow.api_fastapi.execution_api"
KEY = ("dag_id", "run_id", "task_id", "map_index")

RUNS_3 = (
    Entry(
        "observed_tasks3",
        Kind.RUN,
        "Observes each task of `DAG.test`, and the author's own code in it.",
        "A run is observed as with --stock.",
        (
            Signature(f"{DAG_MODULE}:_run_task", ("ti",)),
            Name(f"{DAG_MODULE}:_run_inline_trigger"),
            Name(f"{RUNNER}:_execute_task"),
            Signature(f"{RUNNER}:run", ("ti", "context", "log")),
        ),
        since="3.0",
    ),
    Entry(
        "observed_creation3",
        Kind.RUN,
        "Learns of the DAG run that `DAG.test` makes.",
        "A run is observed as with --stock.",
        (
            OneOf(
                (
                    "airflow.models.dagrun:get_or_create_dagrun",
                    "airflow.models.dag:_get_or_create_dagrun",
                )
            ),
        ),
        since="3.0",
    ),
    Entry(
        "registration3",
        Kind.RUN,
        "Parses a file, and writes its DAGs to the metadata database if they differ from what that holds.",
        "No DAG can be run.",
        (
            OneOf(("airflow.dag_processing.dagbag:DagBag", "airflow.models.dagbag:DagBag")),
            OneOf(
                (
                    "airflow.dag_processing.dagbag:sync_bag_to_db",
                    "airflow.models.dagbag:sync_bag_to_db",
                    "airflow.models.dagbag:DagBag.sync_to_db",
                )
            ),
            Columns(
                "airflow.models.dag:DagModel",
                ("dag_id", "fileloc", "is_stale", "bundle_name", "relative_fileloc"),
            ),
            Columns("airflow.models.serialized_dag:SerializedDagModel", ("dag_id", "dag_hash", "created_at")),
            Columns("airflow.models.dagbundle:DagBundleModel", ("name", "active")),
        ),
        since="3.0",
    ),
    Entry(
        "import_errors3",
        Kind.FEATURE,
        "Keeps the import errors of DAG files, which the UI shows.",
        "`devenv up` shows import errors later.",
        (
            Columns(
                "airflow.models.errors:ParseImportError",
                ("filename", "bundle_name", "stacktrace", "timestamp"),
            ),
            Columns("airflow.models.dag:DagModel", ("has_import_errors",)),
        ),
        since="3.0",
    ),
    Entry(
        "maskers3",
        Kind.RUN,
        "Takes secrets out of what is printed.",
        "Secrets can't be masked.",
        (
            OneOf(
                (
                    "airflow._shared.secrets_masker:redact",
                    "airflow.sdk.execution_time.secrets_masker:redact",
                )
            ),
            # One of its own since 3.1.
            OneOf(
                (
                    "airflow.sdk._shared.secrets_masker:redact",
                    "airflow.sdk.execution_time.secrets_masker:redact",
                )
            ),
        ),
        since="3.0",
    ),
    Entry(
        "task_loop3",
        Kind.FEATURE,
        "Runs a task to its end with what its deferral was given, as a scheduler does.",
        "What a deferral is given is lost, as in Airflow's own `DAG.test`; each task takes longer.",
        (
            Name("airflow.sdk.api.datamodels._generated:TaskInstance"),
            Name("airflow.sdk.execution_time.comms:DeferTask"),
            Name("airflow.sdk.serde:deserialize"),
            Name("airflow.sdk.serde:serialize"),
            Name("airflow.sdk._shared.module_loading:import_string"),
            Name(f"{DAG_MODULE}:_run_inline_trigger"),
            Signature(f"{SUPERVISOR}:InProcessTestSupervisor._api_client", ("dag",)),
            Signature(f"{SUPERVISOR}:run_task_in_process", ("ti", "task", "client")),
            Columns(TASK_INSTANCE, ("id", "state", "end_date", "next_method", "next_kwargs", "trigger_id")),
        ),
        # 3.4 does it itself.
        since="3.3",
        before="3.4",
    ),
    Entry(
        "callback_errors3",
        Kind.FEATURE,
        "Tells an error of a callback with its place.",
        "It is told as Airflow does.",
        (
            Signature(f"{RUNNER}:_run_task_state_change_callbacks", ("task", "kind", "context", "log")),
            Name(f"{RUNNER}:create_executable_runner"),
            Name(f"{RUNNER}:context_get_outlet_events"),
        ),
        since="3.1",
    ),
    Entry(
        "quiet_bookkeeping3",
        Kind.FEATURE,
        "Leaves Airflow's own bookkeeping out of a task's log.",
        "Logs have lines that a production log of a task does not.",
        (
            Name("airflow._shared.logging.structlog:PER_LOGGER_LEVELS"),
            Name("airflow.sdk._shared.logging.structlog:PER_LOGGER_LEVELS"),
        ),
        since="3.1",
    ),
    Entry(
        "inline_api3",
        Kind.ACCELERATOR,
        "Answers the tasks' requests on the thread that asks, by an application that is built plainly and once.",
        "The first task takes seconds, and each one some 30 ms longer.",
        (
            Name(f"{SUPERVISOR}:in_process_api_server"),
            Name(f"{API}.app:InProcessExecutionAPI"),
            Name(f"{API}.app:create_task_execution_api_app"),
            Name(f"{API}.app:lifespan"),
            Name(f"{API}.routes:execution_api_router"),
            Name("airflow.api_fastapi.common.exceptions:init_error_handlers"),
            Name("fastapi:FastAPI"),
            Name("airflow.sdk.api.client:Client"),
            Name("fastapi.routing:run_in_threadpool"),
            Name("fastapi.dependencies.utils:run_in_threadpool"),
            Name("fastapi.dependencies.utils:contextmanager_in_threadpool"),
        ),
        since="3.2",
    ),
    Entry(
        "dependencies_once3",
        Kind.ACCELERATOR,
        "Takes the signatures of FastAPI's dependencies apart once for all requests.",
        "Each request of a task does it again.",
        (Name("fastapi.dependencies.utils:get_dependant"),),
        since="3.0",
    ),
    Entry(
        "one_client3",
        Kind.ACCELERATOR,
        "Uses one client of the Execution API for all tasks of a run.",
        "Each task makes one.",
        (Signature(f"{SUPERVISOR}:InProcessTestSupervisor._api_client", ("dag",)),),
        since="3.0",
    ),
    # These write what the API of 3.3 writes. Another release may write something else for the same request, with
    # the same names: each is read before it is added here.
    Entry(
        "direct_states3",
        Kind.ACCELERATOR,
        "Writes start, rendered fields and success of a task to the database without the Execution API.",
        "Each task asks the API, and takes some 10 ms longer.",
        (
            Statements("airflow_devenv.lines.direct_client:state_statements"),
            Columns(
                "airflow.models.log:Log",
                (*KEY, "dttm", "event", "logical_date", "owner", "extra", "try_number"),
            ),
            Columns(
                "airflow.models.renderedtifields:RenderedTaskInstanceFields",
                (*KEY, "rendered_fields", "k8s_pod_yaml"),
            ),
            Name("airflow.sdk.api.client:get_hostname"),
            Name("airflow.sdk.api.client:getuser"),
            Name(f"{API}.datamodels.taskinstance:TIRunContext"),
            Name("airflow.sdk.api.datamodels._generated:TIRunContext"),
            Name("airflow.sdk.execution_time.comms:OKResponse"),
        ),
        since="3.3",
        before="3.4",
    ),
    Entry(
        "direct_xcoms3",
        Kind.ACCELERATOR,
        "Reads and writes XComs of a task without the Execution API.",
        "Each XCom is a request, and takes some milliseconds longer.",
        (
            Statements("airflow_devenv.lines.direct_client:xcom_statements"),
            Columns("airflow.models.xcom:XComModel", (*KEY, "dag_run_id", "key", "value", "dag_result")),
            Name("airflow.sdk.api.datamodels._generated:XComResponse"),
            Name("airflow.sdk.execution_time.comms:OKResponse"),
        ),
        since="3.3",
        before="3.4",
    ),
    Entry(
        "bundles_kept_out3",
        Kind.ACCELERATOR,
        "Keeps `DAG.test` from parsing every file of the bundle first.",
        "Each run parses every DAG file.",
        (
            Name("airflow.dag_processing.bundles.manager:DagBundlesManager.get_all_dag_bundles"),
            Name("airflow.dag_processing.bundles.manager:DagBundlesManager.sync_bundles_to_db"),
        ),
        since="3.0",
    ),
    Entry(
        "no_clear3",
        Kind.ACCELERATOR,
        "Leaves out that `DAG.test` resets the tasks of a run that it deletes afterwards.",
        "Each run begins a query later.",
        (Name("airflow.serialization.definitions.dag:SerializedDAG.clear_dags"),),
        since="3.2",
    ),
    Entry(
        "type_adapters3",
        Kind.ACCELERATOR,
        "Makes Pydantic's adapter for template fields once.",
        "Each template field of each task makes one: half a millisecond.",
        (Name(f"{RUNNER}:TypeAdapter"),),
        since="3.0",
    ),
    Entry(
        "dag_hash3",
        Kind.ACCELERATOR,
        "Sees by its hash that a DAG is in the database already.",
        "Each run writes its DAG.",
        (
            Name("airflow.models.serialized_dag:SerializedDagModel.hash"),
            Name("airflow.serialization.serialized_objects:LazyDeserializedDAG.from_dag"),
        ),
        since="3.1",
    ),
)
