"""Airflow 2.x (2.7 to 2.11): tasks run against the metadata database directly."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.contract.accelerators import GuardedPatches, accelerate
from airflow_devenv.failures import RunFailure
from airflow_devenv.lines import orm
from airflow_devenv.lines.airflow2_logging import log_records_once, trim_tracebacks
from airflow_devenv.lines.airflow2_previous_runs import find_previous_runs_once
from airflow_devenv.lines.airflow2_rows import clear_nothing, read_rows_once
from airflow_devenv.lines.airflow2_skips import ask_for_skips_only_after_one
from airflow_devenv.lines.connect import connect_to
from airflow_devenv.lines.line import ParsedFile, TestOptions
from airflow_devenv.lines.loggers import quiet_loggers
from airflow_devenv.lines.patches import Patches
from airflow_devenv.lines.plugins import use_author_plugins
from airflow_devenv.lines.shared import SharedLine
from airflow_devenv.observer import RunObserver
from airflow_devenv.protocol import Bundle

if TYPE_CHECKING:
    from airflow_devenv.lines.services2 import Services2


class Airflow2(SharedLine):
    def __init__(self, version: str) -> None:
        self.version = version
        self.can_warm_up = True
        self._services: Services2 | None = None

    def services(self) -> Services2:
        if self._services is None:
            from airflow_devenv.lines.services2 import Services2

            self._services = Services2(self.leave_test_runs_alone)
        return self._services

    def preload(self) -> None:
        # Before the other models: a flush fails with "could not find table 'ab_user'" without it.
        import airflow.providers.fab.auth_manager.models

        # isort: split
        import airflow.models
        import airflow.models.dag
        import airflow.models.dagbag
        import airflow.models.serialized_dag
        import airflow.models.taskinstance  # noqa: F401

    def prepare_for_runs(self) -> None:
        import airflow.operators.bash
        import airflow.operators.empty
        import airflow.operators.python
        import airflow.utils.db  # noqa: F401

        quiet_loggers()
        log_records_once()
        accelerate("no_clear2", clear_nothing)
        accelerate("rows_once2", read_rows_once)
        accelerate("previous_runs_once2", find_previous_runs_once)
        accelerate("skips_once2", ask_for_skips_only_after_one)
        accelerate("no_permissions2", _leave_permissions)
        accelerate("triggers_run_here2", _run_triggers_here)

    def start_run_process(self, plugins_folders: list[str]) -> None:
        use_author_plugins(plugins_folders)

    def connect(self) -> None:
        from airflow import settings
        from sqlalchemy import text

        # 2.x has no hook of its own at fork: a pool that came with the fork must not be used.
        settings.engine.dispose()
        connect_to(settings.engine, text("select 1"))

    def redact(self, text: str) -> str:
        from airflow.utils.log.secrets_masker import redact

        return str(redact(self._without_hidden(text)))

    def now(self) -> Any:
        from airflow.utils import timezone

        return timezone.utcnow()

    def parse_date(self, text: str) -> Any:
        from airflow.utils import timezone

        return timezone.parse(text)

    def parse(self, path: str, bundle: Bundle) -> ParsedFile:
        from airflow.models.dagbag import DagBag

        bag = DagBag(dag_folder=path, include_examples=False, safe_mode=False, read_dags_from_db=False)
        return ParsedFile(path, bundle, bag, dict(bag.import_errors))

    def bag_dag(self, dag: Any, bundle: Bundle, path: str) -> ParsedFile:
        from airflow.models.dagbag import DagBag

        bag = DagBag(dag_folder=os.devnull, include_examples=False, collect_dags=False)
        dag.fileloc = path
        bag.bag_dag(dag, root_dag=dag)
        return ParsedFile(path, bundle, bag)

    def _write(self, parsed: ParsedFile) -> None:
        parsed.bag.sync_to_db()

    def _differs(self, parsed: ParsedFile) -> bool:
        from airflow.models.dag import DagModel
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.utils.session import create_session

        if parsed.import_errors:
            return True
        dags = parsed.dags
        with create_session() as session:
            rows = (
                session.query(SerializedDagModel.dag_id, SerializedDagModel.dag_hash)
                .join(DagModel, DagModel.dag_id == SerializedDagModel.dag_id)
                .filter(SerializedDagModel.dag_id.in_(list(dags)), DagModel.is_active.is_(True))
                .all()
            )
        stored = {str(row[0]): row[1] for row in rows}
        return any(stored.get(dag_id) != SerializedDagModel(dag).dag_hash for dag_id, dag in dags.items())

    def leave_test_runs_alone(self) -> None:
        from airflow_devenv.lines import test_runs2

        test_runs2.leave_test_runs_alone()

    def observe(self, observer: RunObserver, cancellation: Cancellation) -> Patches:
        from airflow_devenv.lines.airflow2_tasks import observe_tasks

        trim_tracebacks(observer.repositories)
        patches = Patches()
        orm.observe_dag_run(observer, cancellation, patches)
        observe_tasks(observer, cancellation, patches)
        self._observe_creation(observer, patches)
        return patches

    def _observe_creation(self, observer: RunObserver, patches: Patches) -> None:
        import airflow.models.dag as dag_module

        from airflow_devenv.lines.test_runs2 import creating_test_run

        original = dag_module._get_or_create_dagrun

        def get_or_create_dagrun(dag: Any, **keywords: Any) -> Any:
            with creating_test_run(dag):
                dag_run = original(dag=dag, **keywords)
            orm.give_values(observer, dag_run, keywords["session"])
            observer.run_created(dag_run, dag.task_dict.values(), dag_run.execution_date)
            return dag_run

        patches.put(dag_module, "_get_or_create_dagrun", get_or_create_dagrun)

    def existing_run(self, dag_id: str, logical_date: Any) -> str | None:
        from airflow.utils import timezone

        return orm.existing_run(dag_id, "execution_date", timezone.coerce_datetime(logical_date))

    def test(self, dag: Any, options: TestOptions) -> Any:
        given: dict[str, Any] = {}
        if options.mark_success_pattern is not None:
            if "mark_success_pattern" not in inspect.signature(dag.test).parameters:
                raise RunFailure(
                    "mark_success_unknown",
                    f"`DAG.test` of Airflow {self.version} can't mark tasks as successful.",
                    why="It does since 2.10.",
                    next_steps=["Leave --mark-success out."],
                    misuse=True,
                )
            given["mark_success_pattern"] = options.mark_success_pattern
        return dag.test(execution_date=options.logical_date, run_conf=options.conf, **given)

    def wrap_dag_test(self, replacement: Any) -> None:
        from airflow.models.dag import DAG

        original = DAG.test

        def test(self: Any, *arguments: Any, **keywords: Any) -> Any:
            keywords.update(zip(("execution_date", "run_conf"), arguments, strict=False))
            return replacement(original, self, keywords, "execution_date")

        DAG.test = test

    def return_values(self, dag_run: Any, task_ids: list[str]) -> list[tuple[str, int, Any]]:
        from airflow.models.xcom import XCom
        from airflow.utils.session import create_session

        with create_session() as session:
            rows = (
                session.query(XCom)
                .filter(
                    XCom.dag_id == dag_run.dag_id,
                    XCom.run_id == dag_run.run_id,
                    XCom.task_id.in_(task_ids),
                    XCom.key == "return_value",
                )
                .all()
            )
            return [(row.task_id, row.map_index, row.value) for row in rows]


def _leave_permissions(patches: GuardedPatches) -> None:
    """Half a second for each new DAG, for roles that a personal Airflow with one admin does not have."""
    from airflow.models.dagbag import DagBag

    patches.put(DagBag, "_sync_perm_for_dag", lambda *arguments, **keywords: None)


def _run_triggers_here(patches: GuardedPatches) -> None:
    """A live triggerer would take the deferred tasks of a test run; they are run here, on both lines."""
    import airflow.models.dag as dag_module

    patches.put(dag_module, "_triggerer_is_healthy", lambda *arguments, **keywords: False)
