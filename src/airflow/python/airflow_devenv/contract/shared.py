"""What both lines of Airflow have, and Python itself."""

from __future__ import annotations

from airflow_devenv.contract.entry import Entry, Kind
from airflow_devenv.contract.needs import Columns, Name, OneOf, Signature

TASK_INSTANCE = "airflow.models.taskinstance:TaskInstance"
DAG_RUN = "airflow.models.dagrun:DagRun"

SHARED = (
    Entry(
        "dag_run_rows",
        Kind.RUN,
        "Reads how a DAG run ended, and marks one failed that nobody executes any more.",
        "Nothing can be said of a DAG run.",
        (
            Columns(DAG_RUN, ("dag_id", "run_id", "state", "end_date")),
            Name(f"{DAG_RUN}._state"),
            Columns(TASK_INSTANCE, ("dag_id", "run_id", "task_id", "map_index", "state", "end_date")),
        ),
    ),
    Entry(
        "states_of_a_pass",
        Kind.RUN,
        "Sees each change of a task instance's state: `DAG.test` asks for all of them once a pass.",
        "A run is observed as with --stock.",
        (Name(f"{DAG_RUN}.get_task_instances"),),
    ),
    Entry(
        "rows_of_a_pass",
        Kind.ACCELERATOR,
        "Gives `DAG.test` the task instances that it has just been given in the same pass.",
        "They are read twice in each pass.",
        (Name(f"{DAG_RUN}.get_task_instances"),),
    ),
    Entry(
        "states_in_memory",
        Kind.ACCELERATOR,
        "Compares the states of waiting task instances at hand, without asking for them once more.",
        "They are read once more in each pass.",
        (Name(f"{DAG_RUN}._get_ready_tis"), Name(f"{TASK_INSTANCE}.filter_for_tis")),
        since="2.9",
    ),
    Entry(
        "short_waits",
        Kind.ACCELERATOR,
        "Shortens the second for which `DAG.test` sleeps when no task can run.",
        "Each time that no task can run takes a second.",
        (Name("time:sleep"),),
    ),
    Entry(
        "values_of_runs",
        Kind.FEATURE,
        "Finds values of an earlier DAG run for `run-dag --task`, and copies them.",
        "`run-dag --task` runs tasks without the values of those before them.",
        (
            OneOf(("airflow.models.xcom:XComModel", "airflow.models.xcom:XCom")),
            Columns("airflow.models.taskmap:TaskMap", ("dag_id", "run_id", "task_id", "map_index", "length")),
        ),
        # 3.4 keeps what a task gives in other tables.
        before="3.4",
    ),
    Entry(
        "unexpanded_tasks",
        Kind.FEATURE,
        "Leaves mapped tasks that are only marked successful as one instance each.",
        "`run-dag --mark-success` of a mapped task needs what it is mapped over.",
        (
            OneOf(
                (
                    "airflow.models.taskmap:TaskMap.expand_mapped_task",
                    "airflow.models.abstractoperator:AbstractOperator.expand_mapped_task",
                    "airflow.models.mappedoperator:MappedOperator.expand_mapped_task",
                )
            ),
            Name("airflow.models.dagrun:NotMapped"),
        ),
        since="2.10",
        before="3.4",
    ),
    Entry(
        "young_sources",
        Kind.FEATURE,
        "Keeps Python from taking the bytecode of a file that was saved twice in a second for current.",
        "A second save within a second may not be seen.",
        (Name("importlib.machinery:SourceFileLoader._cache_bytecode"),),
    ),
    Entry(
        "orderly_end",
        Kind.FEATURE,
        "Ends a forked service as the interpreter would: waits for threads, and runs what is registered.",
        "What a service has registered for its end is not run.",
        (Name("threading:_shutdown"), Name("atexit:_run_exitfuncs")),
    ),
    Entry(
        "live_connections",
        Kind.FEATURE,
        "Tries each connection of a service before it is used: the database may have been restarted.",
        "After a restart of the database the first query of a service fails.",
        (Signature("sqlalchemy.pool:Pool.__init__", ("pre_ping",)),),
    ),
    Entry(
        "dag_files",
        Kind.RUN,
        "Knows which files Airflow takes for DAG files.",
        "No DAG is found by its id, and `devenv up` parses none.",
        (
            Name("airflow.utils.file:might_contain_dag"),
            OneOf(
                (
                    "airflow.utils.file:list_py_file_paths",
                    "airflow._shared.module_loading:find_path_from_directory",
                )
            ),
        ),
    ),
    Entry(
        "seeded_rows",
        Kind.FEATURE,
        "Writes seeded variables and connections in bulk, as Airflow encrypts them.",
        "Nothing can be seeded.",
        (
            Name("airflow.models.connection:mask_secret"),
            Name("airflow.models.crypto:get_fernet"),
            Columns("airflow.models.variable:Variable", ("id", "key", "val", "description", "is_encrypted")),
            Columns(
                "airflow.models.connection:Connection",
                (
                    "id",
                    "conn_id",
                    "conn_type",
                    "password",
                    "extra",
                    "is_encrypted",
                    "is_extra_encrypted",
                ),
            ),
            Columns("airflow.models.pool:Pool", ("id", "pool", "slots", "description", "include_deferred")),
        ),
    ),
    Entry(
        "secret_names",
        Kind.FEATURE,
        "Knows by its name what Airflow would mask.",
        "Seeded values are shown whose names say that they are secret.",
        (
            OneOf(
                (
                    "airflow._shared.secrets_masker:should_hide_value_for_key",
                    "airflow.sdk.execution_time.secrets_masker:should_hide_value_for_key",
                    "airflow.utils.log.secrets_masker:should_hide_value_for_key",
                )
            ),
        ),
    ),
)
