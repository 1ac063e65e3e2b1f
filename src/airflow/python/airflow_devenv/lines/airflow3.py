"""Airflow 3.x: tasks run through the Task SDK against an Execution API inside this process."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.contract.accelerators import GuardedPatches, accelerate
from airflow_devenv.lines import airflow3_names as names
from airflow_devenv.lines import orm
from airflow_devenv.lines.connect import connect_to
from airflow_devenv.lines.line import ParsedFile, TestOptions
from airflow_devenv.lines.loggers import quiet_loggers
from airflow_devenv.lines.patches import Patches
from airflow_devenv.lines.plugins import use_author_plugins
from airflow_devenv.lines.shared import SharedLine
from airflow_devenv.observer import RunObserver
from airflow_devenv.protocol import Bundle

if TYPE_CHECKING:
    from airflow_devenv.lines.services3 import Services3


class Airflow3(SharedLine):
    def __init__(self, version: str) -> None:
        self.version = version
        #: Whether a DAG may be run in a process that is forked afterwards.
        self.can_warm_up = False
        self._redactors: list[Callable[[str], Any]] = []
        self._services: Services3 | None = None

    def services(self) -> Services3:
        if self._services is None:
            from airflow_devenv.lines.services3 import Services3

            self._services = Services3(self.leave_test_runs_alone)
        return self._services

    def preload(self) -> None:
        import airflow.models
        import airflow.models.serialized_dag
        import airflow.sdk.definitions.dag
        import airflow.sdk.execution_time.supervisor
        import airflow.sdk.execution_time.task_runner
        import airflow.serialization.serialized_objects  # noqa: F401

    def prepare_for_runs(self) -> None:
        from airflow_devenv.lines.inline_execution_api import install_inline_execution_api

        self._import_likely_modules()
        self.read_redactors()
        self.can_warm_up = install_inline_execution_api()
        quiet_loggers()
        accelerate("type_adapters3", names.build_type_adapters_once)
        accelerate("bundles_kept_out3", _keep_bundles_out)
        accelerate("no_clear3", _clear_nothing)

    def read_redactors(self) -> None:
        self._redactors = names.redactors()

    def _import_likely_modules(self) -> None:
        for name in (
            "airflow.api_fastapi.execution_api.app",
            "airflow.dag_processing.collection",
            "airflow.dag_processing.dagbag",
            "airflow.providers.standard.operators.bash",
            "airflow.providers.standard.operators.empty",
            "airflow.providers.standard.operators.python",
            "airflow.utils.db",
        ):
            try:
                importlib.import_module(name)
            except ImportError:
                # It only saves time later; some are elsewhere in other minor versions.
                continue

    def start_run_process(self, plugins_folders: list[str]) -> None:
        # Without this, `Variable.get` at the top of a DAG file does not look into the database.
        os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
        use_author_plugins(plugins_folders)

    def connect(self) -> None:
        from airflow import settings
        from sqlalchemy import text

        connect_to(settings.engine, text("select 1"))

    def redact(self, text: str) -> str:
        text = self._without_hidden(text)
        for redact in self._redactors:
            text = str(redact(text))
        return text

    def now(self) -> Any:
        return names.timezone_module().utcnow()

    def parse_date(self, text: str) -> Any:
        return names.timezone_module().parse(text)

    def parse(self, path: str, bundle: Bundle) -> ParsedFile:
        bag = names.make_bag(path, bundle, safe_mode=False)
        return ParsedFile(path, bundle, bag, dict(bag.import_errors))

    def bag_dag(self, dag: Any, bundle: Bundle, path: str) -> ParsedFile:
        bag = names.make_bag(os.devnull, bundle, collect_dags=False)
        dag.fileloc = path
        dag.relative_fileloc = os.path.relpath(path, bundle.path)
        bag.bag_dag(dag)
        return ParsedFile(path, bundle, bag)

    def _write(self, parsed: ParsedFile) -> None:
        self._ensure_bundle(parsed.bundle.name)
        names.sync_bag(parsed.bag, parsed.bundle.name)

    def _ensure_bundle(self, name: str) -> None:
        from airflow.models.dagbundle import DagBundleModel
        from airflow.utils.session import create_session

        with create_session() as session:
            if session.get(DagBundleModel, name) is None:
                bundle = DagBundleModel(name=name)
                bundle.active = True
                session.add(bundle)

    def _differs(self, parsed: ParsedFile) -> bool:
        """One query instead of the twenty of a sync, for a DAG that has not changed."""
        from airflow.models.dag import DagModel
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.utils.session import create_session
        from sqlalchemy import select

        if parsed.import_errors:
            return True
        dags = parsed.dags
        with create_session() as session:
            rows = session.execute(
                select(SerializedDagModel.dag_id, SerializedDagModel.dag_hash)
                .join(DagModel, DagModel.dag_id == SerializedDagModel.dag_id)
                .where(
                    SerializedDagModel.dag_id.in_(list(dags)),
                    DagModel.is_stale.is_(False),
                    DagModel.bundle_name == parsed.bundle.name,
                )
                .order_by(SerializedDagModel.created_at)
            ).all()
        stored = {str(row[0]): row[1] for row in rows}
        return any(stored.get(dag_id) != names.dag_hash(dag) for dag_id, dag in dags.items())

    def answer(self, given: dict[str, Any]) -> bool:
        from airflow_devenv.lines.questions3 import answer

        return answer(given)

    def activate_assets(self, parsed: ParsedFile) -> None:
        from airflow_devenv.lines.assets3 import activate_assets

        activate_assets(parsed.dags.values())

    def leave_test_runs_alone(self) -> None:
        from airflow_devenv.lines import test_runs3

        test_runs3.leave_test_runs_alone()

    def observe(self, observer: RunObserver, cancellation: Cancellation) -> Patches:
        from airflow_devenv.lines.airflow3_tasks import observe_tasks

        patches = Patches()
        orm.observe_dag_run(observer, cancellation, patches)
        observe_tasks(observer, cancellation, patches)
        self._observe_creation(observer, patches)
        return patches

    def _observe_creation(self, observer: RunObserver, patches: Patches) -> None:
        module, name = names.creation_place()
        original = getattr(module, name)

        def get_or_create_dagrun(**keywords: Any) -> Any:
            dag_run = original(**keywords)
            orm.give_values(observer, dag_run, keywords["session"])
            observer.run_created(dag_run, keywords["dag"].task_dict.values(), dag_run.logical_date)
            return dag_run

        patches.put(module, name, get_or_create_dagrun)

    def existing_run(self, dag_id: str, logical_date: Any) -> str | None:
        return orm.existing_run(dag_id, "logical_date", names.timezone_module().coerce_datetime(logical_date))

    def test(self, dag: Any, options: TestOptions) -> Any:
        return dag.test(
            logical_date=options.logical_date,
            run_conf=options.conf,
            mark_success_pattern=options.mark_success_pattern,
        )

    def wrap_dag_test(self, replacement: Any) -> None:
        from airflow.sdk.definitions.dag import DAG

        original = DAG.test

        def test(self: Any, *arguments: Any, **keywords: Any) -> Any:
            names = ("run_after", "logical_date", "run_conf")
            keywords.update(zip(names, arguments, strict=False))
            return replacement(original, self, keywords, "logical_date")

        DAG.test = test

    def return_values(self, dag_run: Any, task_ids: list[str]) -> list[tuple[str, int, Any]]:
        from airflow.models.xcom import XComModel
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session() as session:
            rows = session.scalars(
                select(XComModel).where(
                    XComModel.dag_id == dag_run.dag_id,
                    XComModel.run_id == dag_run.run_id,
                    XComModel.task_id.in_(task_ids),
                    XComModel.key == "return_value",
                )
            ).all()
            return [(row.task_id, row.map_index, row.value) for row in rows]


def _keep_bundles_out(patches: GuardedPatches) -> None:
    """`DAG.test` walks and parses the whole bundle first (since 3.2.2). We have synced what it needs."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager

    patches.put(DagBundlesManager, "get_all_dag_bundles", lambda self: [])
    patches.put(DagBundlesManager, "sync_bundles_to_db", lambda self, **keywords: None)


def _clear_nothing(patches: GuardedPatches) -> None:
    """`DAG.test` resets the tasks of that date's run, although it deletes that run afterwards."""
    from airflow.serialization.definitions.dag import SerializedDAG

    patches.put(SerializedDAG, "clear_dags", staticmethod(lambda *arguments, **keywords: 0))
