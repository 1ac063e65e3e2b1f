"""One request, from the parsed file to the exit code."""

from __future__ import annotations

import os
import re
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from airflow_devenv.author_plugins import AuthorPlugins, load_author_plugins
from airflow_devenv.cancellation import Cancellation, RunCancelled
from airflow_devenv.dag_text import asks_what_is_wanted, has_main_block
from airflow_devenv.database_patience import is_locked
from airflow_devenv.failures import RunFailure, database_lost, disk_full, is_disk_full
from airflow_devenv.finding import DagSource, find_dag_file, warn_if_not_read
from airflow_devenv.lines.line import AirflowLine, ParsedFile, TestOptions
from airflow_devenv.marked_tasks import prepare_marked_tasks
from airflow_devenv.observer import RunObserver, partial_arguments
from airflow_devenv.outside import warn_about_outside
from airflow_devenv.parsing import bundle_of, load_file, load_for_run, without_errors
from airflow_devenv.protocol import Emit, RunRequest
from airflow_devenv.registering import register_with_targets
from airflow_devenv.subsets import subset_with_values
from airflow_devenv.tracebacks import describe_error
from airflow_devenv.trigger_targets import tell_queued_runs, warn_about_waiting

SUCCESS, FAILURE, MISUSE = 0, 1, 2


@dataclass
class Run:
    """What the steps below share."""

    request: RunRequest
    line: AirflowLine
    emit: Emit
    observer: RunObserver
    cancellation: Cancellation
    plugins: AuthorPlugins = field(default_factory=AuthorPlugins)
    #: The database could not be told how the run ended; the next run does that.
    left_running: bool = False


def execute_request(run: Run) -> int:
    """Runs what was asked for and gives the exit code. Every failure has been told as an event."""
    try:
        _check_patterns(run.request)
        _load_plugins(run)
        source = locate(run)
        if source.dag_id is None and has_main_block(source.path):
            return _run_main_block(run, source)
        return _test_dag(run, source)
    except RunFailure as failure:
        if not failure.misuse:
            failure.next_steps = [*(failure.next_steps or []), *_plugin_reasons(run)]
        run.emit("error", **failure.event())
        return MISUSE if failure.misuse else FAILURE
    except RunCancelled:
        _finish_cancelled(run)
        return FAILURE


def _load_plugins(run: Run) -> None:
    run.plugins = load_author_plugins(run.request.repositories)
    for each in run.plugins.broken:
        run.emit("warning", code="plugin_broken", text=each.text)


def _plugin_reasons(run: Run) -> list[str]:
    return [*(each.text for each in run.plugins.broken), *run.plugins.reasons()]


def _check_patterns(request: RunRequest) -> None:
    for option, pattern in (
        ("--task", request.task_pattern),
        ("--mark-success", request.mark_success_pattern),
    ):
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise RunFailure(
                "pattern_invalid",
                f"{option} {pattern!r} is not a regular expression.",
                why=f"{error}.",
                misuse=True,
            ) from error


def locate(run: Run) -> DagSource:
    request = run.request
    if request.file is not None:
        return DagSource(request.file, request.dag_id)
    assert request.dag_id is not None
    return find_dag_file(run.line, request, request.dag_id)


def _test_dag(run: Run, source: DagSource) -> int:
    parsed = _load(run, source)
    run.emit("parsed", file=source.path, dag_ids=sorted(parsed.dags))
    dag = _choose(parsed, source)
    if run.request.file is not None:
        warn_if_not_read(run.request, source.path, run.emit)
    _register(run, parsed)
    dag = _built_for_run(run, source, dag)
    options = _options(run)
    if run.request.logical_date is not None:
        _refuse_to_replace(run, dag.dag_id, options.logical_date)
    return _verdict(run, dag, _test(run, dag, options))


def _built_for_run(run: Run, source: DagSource, dag: Any) -> Any:
    """The database holds what a process reads that wants every DAG of the file; one runs as it is wanted alone."""
    if not asks_what_is_wanted(source.path):
        return dag
    parsed = load_for_run(run.line, run.request, source.path, dag.dag_id)
    return _choose(parsed, replace(source, dag_id=dag.dag_id))


def _load(run: Run, source: DagSource) -> ParsedFile:
    if source.parsed is not None:
        return without_errors(run.request, source.parsed)
    return load_file(run.line, run.request, source.path)


def _choose(parsed: ParsedFile, source: DagSource) -> Any:
    dags = parsed.dags
    if source.dag_id is not None:
        if source.dag_id in dags:
            return dags[source.dag_id]
        raise RunFailure(
            "dag_not_in_file",
            f"{source.path} has no DAG {source.dag_id!r}.",
            why=f"It has: {', '.join(sorted(dags)) or 'none'}.",
            next_steps=[f"devenv run-dag {source.path} --dag-id {each}" for each in sorted(dags)[:5]],
            misuse=True,
        )
    if not dags:
        raise RunFailure(
            "no_dag_in_file",
            f'{source.path} has no DAG and no `if __name__ == "__main__":` block.',
            why="A DAG must be reachable from the top level of the file: `dag = my_dag()` or `with DAG(...)`.",
            next_steps=["Call the function decorated with @dag at the end of the file."],
            misuse=True,
        )
    if len(dags) > 1:
        raise RunFailure(
            "several_dags_in_file",
            f"{source.path} has {len(dags)} DAGs: {', '.join(sorted(dags))}.",
            next_steps=[f"devenv run-dag {source.path} --dag-id {each}" for each in sorted(dags)[:10]],
            misuse=True,
        )
    return next(iter(dags.values()))


def _register(run: Run, parsed: ParsedFile) -> None:
    register_with_targets(run.line, run.request, parsed, run.emit)
    run.line.activate_assets(parsed)


def _options(run: Run) -> TestOptions:
    request = run.request
    date = run.line.parse_date(request.logical_date) if request.logical_date else run.line.now()
    return TestOptions(request.conf, date, request.mark_success_pattern, request.retries)


def _refuse_to_replace(run: Run, dag_id: str, logical_date: Any) -> None:
    """Before `DAG.test()`: it resets the tasks of that date's run first, and deletes the run later."""
    found = None if run.request.replace else run.line.existing_run(dag_id, logical_date)
    if found is None:
        return
    raise RunFailure(
        "logical_date_taken",
        f"{dag_id} already has a DAG run of that logical date: {found}.",
        why="Airflow keeps one DAG run for each logical date; testing it again would delete the one there is.",
        next_steps=["Leave the logical date out, or give another one.", "Add --replace to delete that run."],
        misuse=True,
    )


def _test(run: Run, dag: Any, options: TestOptions) -> Any:
    dag = _prepare(run, dag, options)
    return _explaining(run, lambda: run.line.test(dag, options))


def _prepare(run: Run, dag: Any, options: TestOptions) -> Any:
    """The DAG as it is to be tested; what differs from production has been told."""
    dag = _subset(run, dag)
    prepare_marked_tasks(run, dag)
    _warn_about_what_is_not_enforced(run, dag)
    warn_about_outside(run, dag)
    run.line.set_retries(dag, options.retries)
    warn_about_waiting(dag, run.emit)
    return dag


def _subset(run: Run, dag: Any) -> Any:
    pattern = run.request.task_pattern
    if pattern is None:
        return dag
    matching = [task_id for task_id in dag.task_dict if re.search(pattern, task_id)]
    if not matching:
        raise RunFailure(
            "no_task_matches",
            f"No task of {dag.dag_id} matches {pattern!r}.",
            why=f"Its tasks are: {', '.join(sorted(dag.task_dict))}.",
            misuse=True,
        )
    return subset_with_values(run, dag, matching)


def _warn_about_what_is_not_enforced(run: Run, dag: Any) -> None:
    def warn(code: str, text: str) -> None:
        run.emit("warning", code=code, text=text)

    timeout = getattr(dag, "dagrun_timeout", None)
    if timeout is not None:
        warn(
            "dagrun_timeout_not_enforced", f"dagrun_timeout ({timeout}) is not enforced here; use --timeout."
        )
    tasks = list(dag.task_dict.values())
    pools = {str(_argument(task, "pool", "default_pool")) for task in tasks} - {"default_pool"}
    for pool in sorted(pools and run.line.missing_pools(sorted(pools))):
        warn("pool_missing", f"Pool {pool!r} does not exist: a scheduler would never start its tasks.")
    queues = {str(_argument(task, "queue", None) or "default") for task in tasks} - {"default"}
    for queue in sorted(queues):
        warn("queue_not_used", f"Queue {queue!r} is not used here: tasks run in this process.")
    retrying = [task.task_id for task in tasks if int(_argument(task, "retries", 0) or 0) > 0]
    if retrying and run.request.retries == 0:
        names = ", ".join(sorted(retrying)[:3]) + (", …" if len(retrying) > 3 else "")
        warn(
            "retries_off", f"Retries are off ({names}); --retries N tries again at once, without retry_delay."
        )


def _argument(task: Any, name: str, default: Any) -> Any:
    shared = partial_arguments(task)
    if shared is not None:
        return shared.get(name, default)
    return getattr(task, name, default)


def _explaining(run: Run, work: Callable[[], Any]) -> Any:
    """What leaves `DAG.test()` instead of a DAG run, as a failure with the author's line."""
    try:
        return work()
    except RunFailure:
        raise
    except Exception as error:
        if is_locked(error):
            # It could not be marked either; the next run does that.
            run.left_running = True
        else:
            _mark_failed(run)
        if run.left_running:
            raise database_lost(error) from error
        if is_disk_full(error):
            raise disk_full(error) from error
        name = type(error).__name__
        if name == "ParamValidationError" or ("param" in str(error).lower() and name == "ValueError"):
            raise RunFailure(
                "params_invalid",
                "The params of this DAG run are not valid.",
                why=str(error),
                next_steps=[_params_hint(str(error))],
            ) from error
        raise RunFailure(
            "run_not_possible",
            f"The DAG run could not be done: {name}: {error}",
            detail=describe_error(error, run.request.repositories),
        ) from error


def _params_hint(message: str) -> str:
    match = re.search(r"param (\w+)", message)
    return f"Give it: --conf '{{\"{match.group(1) if match else 'NAME'}\": VALUE}}'"


def _verdict(run: Run, dag: Any, dag_run: Any) -> int:
    state = run.line.dag_run_state(dag_run)
    instances = run.line.task_instances(dag_run)
    message = _remark(state, instances)
    _emit_return_values(run, dag_run, instances)
    tell_queued_runs(dag, instances, run.emit)
    if state != "success":
        for text in run.plugins.reasons():
            run.emit("warning", code="plugin_hides_module", text=text)
    run.observer.run_finished(state, instances, message)
    return SUCCESS if state == "success" else FAILURE


def _remark(state: str, instances: list[Any]) -> str | None:
    started = [each for each in instances if each.state not in (None, "none", "removed")]
    if state == "success" and not started:
        return "no task ran: the DAG has no tasks, or its start_date and end_date leave the logical date out"
    failed = sorted({each.task_id for each in instances if each.state == "failed"})
    if state == "success" and failed:
        return f"{', '.join(failed)} failed, but the DAG run is a success by its leaf tasks"
    return None


def _emit_return_values(run: Run, dag_run: Any, instances: list[Any]) -> None:
    last = [
        each.task_id for each in instances if each.task_id in run.observer.leaves and each.state == "success"
    ]
    if not last:
        return
    try:
        values = run.line.return_values(dag_run, sorted(set(last)))
    except Exception as error:  # noqa: BLE001 - a value that can't be read back must not change the verdict
        run.emit("warning", code="return_value_unreadable", text=f"A return value could not be read: {error}")
        return
    for task_id, map_index, value in sorted(values, key=lambda each: (each[0], each[1])):
        text = run.line.redact(repr(value))
        run.emit(
            "return_value",
            task_id=task_id,
            map_index=map_index,
            value=text if len(text) <= 2000 else text[:2000] + "…",
        )


def _run_main_block(run: Run, source: DagSource) -> int:
    """The file as `python FILE` runs it, with every `DAG.test()` inside observed."""
    codes: list[int] = []

    def test(original: Any, dag: Any, keywords: dict[str, Any], date_name: str) -> Any:
        _register(run, run.line.bag_dag(dag, bundle_of(run.request, source.path), source.path))
        options = _options(run)
        date_given = date_name in keywords or run.request.logical_date is not None
        date = keywords.setdefault(date_name, options.logical_date)
        if date_given and date is not None:
            _refuse_to_replace(run, dag.dag_id, date)
        if run.request.conf is not None:
            keywords["run_conf"] = run.request.conf
        if run.request.mark_success_pattern is not None:
            keywords["mark_success_pattern"] = run.request.mark_success_pattern
        dag = _prepare(run, dag, options)
        dag_run = _explaining(run, lambda: original(dag, **keywords))
        codes.append(_verdict(run, dag, dag_run))
        return dag_run

    run.line.wrap_dag_test(test)
    run.emit("parsed", file=source.path, dag_ids=[])
    code = _run_as_main(run, source.path)
    return code or max(codes, default=SUCCESS)


def _run_as_main(run: Run, path: str) -> int:
    sys.argv = [path, *run.request.arguments]
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        if end.code is None or end.code == 0:
            return SUCCESS
        if not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
            return FAILURE
        return end.code & 0xFF
    except (RunFailure, RunCancelled):
        raise
    except BaseException as error:
        raise RunFailure(
            "main_block_failed",
            f"{os.path.relpath(path, run.request.working_directory)} ended with {type(error).__name__}: {error}",
            detail=describe_error(error, [*run.request.repositories, str(Path(path).parent)]),
        ) from error
    return SUCCESS


def _mark_failed(run: Run) -> None:
    observer = run.observer
    if observer.dag_run is None:
        return
    try:
        run.line.fail_run(observer.dag_id, observer.run_id, observer.last_task)
    except Exception as error:  # noqa: BLE001 - drivers have no common class for it
        run.left_running = True
        # Without the statement and its parameters, which SQLAlchemy adds.
        said = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        text = f"The database could not be told that this DAG run has failed; the next run does that: {said}"
        run.emit("warning", code="run_not_marked", text=text)


def _finish_cancelled(run: Run) -> None:
    if run.observer.dag_run is None:
        return
    # The interruption may have come in the middle of a transaction, whose locks and stale rows are in the way.
    run.line.quiet()
    _mark_failed(run)
    observer = run.observer
    if run.left_running:
        return
    observer.run_finished("failed", run.line.task_instances(observer), "cancelled")
