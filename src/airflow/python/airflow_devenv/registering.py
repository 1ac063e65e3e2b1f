"""DAGs to the metadata database before a run, with what their tasks need to find there."""

from __future__ import annotations

import os

from airflow_devenv.dag_text import contains, names_dag
from airflow_devenv.failures import RunFailure
from airflow_devenv.finding import find_dag_file, known_file, reason_not_read
from airflow_devenv.fresh_interpreter import fresh_interpreter
from airflow_devenv.lines.line import AirflowLine, ParsedFile
from airflow_devenv.lines.parse import records_of
from airflow_devenv.parsing import bundle_of, import_failure, not_serializable
from airflow_devenv.protocol import Emit, RunRequest
from airflow_devenv.registration import Exclusively, exclusively_in
from airflow_devenv.trigger_targets import trigger_target


def register_with_targets(line: AirflowLine, request: RunRequest, parsed: ParsedFile, emit: Emit) -> None:
    """Writes the file's DAGs to the database, and those that they trigger.

    `TriggerDagRunOperator` fails for a target that Airflow has not seen; Airflow 3 therefore parses the whole
    bundle before each test run. Only the files that define the targets are needed.
    """
    _warn_about_duplicates(line, request, parsed, emit)
    exclusively = exclusively_in(request.runs_directory)
    _register(line, request, parsed, exclusively)
    targets = {
        target
        for dag in parsed.dags.values()
        for task in dag.task_dict.values()
        if (target := trigger_target(task)) is not None
    } - set(parsed.dags)
    if not targets:
        return
    for target in sorted(targets - line.registered_dag_ids(sorted(targets))):
        try:
            source = find_dag_file(line, request, target)
            with fresh_interpreter(request):
                found = source.parsed or line.parse(source.path, bundle_of(request, source.path))
                _register(line, request, found, exclusively)
        except RunFailure as failure:
            emit("warning", code="trigger_target_unknown", text=f"A task triggers {target!r}: {failure.what}")


def _register(line: AirflowLine, request: RunRequest, parsed: ParsedFile, exclusively: Exclusively) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    known = set(parsed.bag.import_errors)
    try:
        line.register(parsed, exclusively)
    except SQLAlchemyError:
        raise
    except Exception as error:
        # The author's objects, in the middle of Airflow's code.
        raise not_serializable(request, parsed, error) from error
    # Some releases only note that they can't write a DAG.
    for path in set(parsed.bag.import_errors) - known:
        raise import_failure(request, parsed.path, str(parsed.bag.import_errors[path]))


def _warn_about_duplicates(line: AirflowLine, request: RunRequest, parsed: ParsedFile, emit: Emit) -> None:
    for dag_id in parsed.dags:
        try:
            other = _other_file(line, request, parsed, dag_id)
        except RunFailure:
            # Folders that Airflow refuses to walk; the author reads of them elsewhere.
            return
        if other is not None:
            emit(
                "warning",
                code="dag_id_twice",
                text=f"DAG id {dag_id!r} is in {parsed.path} and in {other}: in production one of them wins.",
            )


def _other_file(line: AirflowLine, request: RunRequest, parsed: ParsedFile, dag_id: str) -> str | None:
    known = known_file(line, request, dag_id)
    here = os.path.realpath(parsed.path)
    if known is not None and os.path.realpath(known) == here:
        # Said at its first run; one outside the DAGs folders would have all files read at each.
        return None
    if known is not None and reason_not_read(request, known) is not None:
        known = None
    # All files are read only for a DAG that the database has not seen.
    candidates = [known] if known else list(records_of(line).listed_files(request))
    for each in candidates:
        if os.path.realpath(each) == here:
            continue
        if (each == known and contains(each, dag_id)) or names_dag(each, dag_id):
            return each
    return None
