"""What both lines of Airflow do in the same words: the metadata models kept their names."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from airflow_devenv.contract.accelerators import may_use
from airflow_devenv.given_values import Reference
from airflow_devenv.hidden_texts import hidden
from airflow_devenv.lines import orm
from airflow_devenv.lines.line import ParsedFile
from airflow_devenv.observer import TaskKey
from airflow_devenv.registration import Exclusively


class SharedLine:
    _hidden_texts: tuple[str, ...] = ()

    def hide(self, texts: list[str]) -> None:
        self._hidden_texts = tuple(texts)

    def read_redactors(self) -> None:
        """Airflow 2 has one, where it always was."""

    def _without_hidden(self, text: str) -> str:
        """Before Airflow's masker: a part that it took out would keep the whole from being found."""
        return hidden(text, self._hidden_texts) if self._hidden_texts else text

    def _differs(self, parsed: ParsedFile) -> bool:
        """Whether the metadata database holds other DAGs than these, or none."""
        raise NotImplementedError

    def _write(self, parsed: ParsedFile) -> None:
        raise NotImplementedError

    def register(self, parsed: ParsedFile, exclusively: Exclusively = nullcontext) -> bool:
        if not self._differs(parsed):
            return False
        with exclusively():
            # Another process may have done it meanwhile.
            if not self._differs(parsed):
                return False
            self._write(parsed)
            return True

    def quiet(self) -> None:
        orm.close_connections()

    def log_folder(self) -> Path:
        from airflow.configuration import conf

        return Path(conf.get_mandatory_value("logging", "base_log_folder"))

    def dag_file(self, dag_id: str) -> str | None:
        return orm.dag_file(dag_id)

    def registered_dag_ids(self, dag_ids: list[str]) -> set[str]:
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.utils.session import create_session

        with create_session() as session:
            rows = session.query(SerializedDagModel.dag_id).filter(SerializedDagModel.dag_id.in_(dag_ids))
            return {str(row[0]) for row in rows}

    def find_run_with(
        self, dag_id: str, needed: Iterable[Reference], any_of: Iterable[str], done: Iterable[str] = ()
    ) -> str | None:
        if not may_use("values_of_runs"):
            return None
        from airflow_devenv.lines.earlier_values import find_run_with

        return find_run_with(dag_id, needed, any_of, done)

    def tasks_with_values(self, dag_id: str, run_id: str, task_ids: Iterable[str]) -> set[str]:
        if not may_use("values_of_runs"):
            return set()
        from airflow_devenv.lines.earlier_values import tasks_with_values

        return tasks_with_values(dag_id, run_id, task_ids)

    def activate_assets(self, parsed: ParsedFile) -> None:
        """Airflow 2 knows a dataset by its URI alone."""

    def answer(self, given: dict[str, Any]) -> bool:
        """Airflow 2 has no questions."""
        return False

    def leave_unexpanded(self, dag_id: str, task_ids: set[str]) -> None:
        if not may_use("unexpanded_tasks"):
            return
        from airflow_devenv.lines.unexpanded import leave_unexpanded

        leave_unexpanded(dag_id, task_ids)

    def missing_pools(self, names: list[str]) -> set[str]:
        return orm.missing_pools(names)

    def set_retries(self, dag: Any, retries: int) -> None:
        orm.set_retries(dag, retries)

    def task_instances(self, dag_run: Any) -> list[Any]:
        return orm.task_instances(dag_run)

    def dag_run_state(self, dag_run: Any) -> str:
        return orm.dag_run_state(dag_run)

    def fail_run(self, dag_id: str, run_id: str, running: TaskKey | None = None) -> bool:
        return orm.fail_run(dag_id, run_id, running)
