"""What DAG runs on Airflow 2 rely on. Source: airflow 2.11.2."""

from __future__ import annotations

from airflow_devenv.contract.entry import Entry, Kind
from airflow_devenv.contract.needs import Columns, Name, Signature
from airflow_devenv.contract.shared import DAG_RUN, TASK_INSTANCE

MODULE = "airflow.models.taskinstance"

RUNS_2 = (
    Entry(
        "observed_tasks2",
        Kind.RUN,
        "Runs and observes each task of `DAG.test`, ends it as Airflow 3 does, and keeps what a deferral is given.",
        "A run is observed as with --stock.",
        (
            Signature("airflow.models.dag:_run_task", ("ti",)),
            Name("airflow.models.dag:_run_inline_trigger"),
            Name(f"{MODULE}:_execute_task"),
            Signature(f"{TASK_INSTANCE}._run_raw_task", ("session", "mark_success", "raise_on_defer")),
            Name(f"{TASK_INSTANCE}.handle_failure"),
        ),
        since="2.9",
        before="3",
    ),
    Entry(
        "observed_creation2",
        Kind.RUN,
        "Learns of the DAG run that `DAG.test` makes, and marks it for a live scheduler.",
        "A run is observed as with --stock.",
        (Signature("airflow.models.dag:_get_or_create_dagrun", ("dag", "session")),),
        before="3",
    ),
    Entry(
        "registration2",
        Kind.RUN,
        "Writes a DAG to the metadata database, if it differs from what that holds.",
        "No DAG can be run.",
        (
            Signature("airflow.models.dagbag:DagBag.__init__", ("dag_folder", "include_examples")),
            Name("airflow.models.dagbag:DagBag.sync_to_db"),
            Columns("airflow.models.dag:DagModel", ("dag_id", "fileloc", "is_active")),
            Columns("airflow.models.serialized_dag:SerializedDagModel", ("dag_id", "dag_hash")),
        ),
        before="3",
    ),
    Entry(
        "triggers_run_here2",
        Kind.FEATURE,
        "Keeps a live triggerer from taking the deferred tasks of a test run.",
        "With a running stack a deferred task waits for the triggerer.",
        (Name("airflow.models.dag:_triggerer_is_healthy"),),
        since="2.10",
        before="3",
    ),
    Entry(
        "callback_errors2",
        Kind.FEATURE,
        "Tells an error of a callback with its place.",
        "It is told as Airflow does.",
        (Signature(f"{MODULE}:_run_finished_callback", ("callbacks", "context")),),
        since="2.9",
        before="3",
    ),
    Entry(
        "no_clear2",
        Kind.ACCELERATOR,
        "Leaves out that `DAG.test` resets the tasks of a run that it deletes afterwards.",
        "Each run begins a query later.",
        (Name("airflow.models.dag:DAG.clear"),),
        before="3",
    ),
    Entry(
        "no_permissions2",
        Kind.ACCELERATOR,
        "Leaves out the roles of each DAG, which an Airflow with one admin does not have.",
        "The first run of each new DAG takes half a second longer.",
        (Name("airflow.models.dagbag:DagBag._sync_perm_for_dag"),),
        before="3",
    ),
    Entry(
        "rows_once2",
        Kind.ACCELERATOR,
        "Leaves out queries for rows of a running task that only this process writes.",
        "Each task reads its rows again and again.",
        (
            Name(f"{MODULE}:_refresh_from_db"),
            Name(f"{MODULE}:_set_ti_attrs"),
            Name(f"{MODULE}:_update_rtif"),
            Name(f"{MODULE}:create_session"),
            Name(f"{TASK_INSTANCE}._run_raw_task"),
            Name(f"{TASK_INSTANCE}.save_to_db"),
            Name(f"{TASK_INSTANCE}.clear_xcom_data"),
            Name("airflow.models.renderedtifields:RenderedTaskInstanceFields.write"),
        ),
        since="2.10",
        before="3",
    ),
    Entry(
        "previous_runs_once2",
        Kind.ACCELERATOR,
        "Looks for the previous DAG run once, for the context of all tasks of a run.",
        "Each task looks for it twice.",
        (
            Name(f"{MODULE}:_get_template_context"),
            Name(f"{MODULE}:_get_previous_execution_date"),
            Name(f"{DAG_RUN}.get_previous_dagrun"),
        ),
        since="2.10",
        before="3",
    ),
    Entry(
        "skips_once2",
        Kind.ACCELERATOR,
        "Asks whether a task above has left one out only where one of this run has left out any.",
        "Each pass asks for each waiting task.",
        (
            Name("airflow.models.skipmixin:XCOM_SKIPMIXIN_KEY"),
            Name("airflow.models.xcom:BaseXCom"),
            Name("airflow.ti_deps.deps.not_previously_skipped_dep:NotPreviouslySkippedDep._get_dep_statuses"),
        ),
        before="3",
    ),
)
