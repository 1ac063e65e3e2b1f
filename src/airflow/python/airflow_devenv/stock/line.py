"""A line of Airflow in which nothing is replaced."""

from __future__ import annotations

from typing import Any

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.lines.line import AirflowLine, TestOptions
from airflow_devenv.lines.patches import Patches
from airflow_devenv.observer import RunObserver
from airflow_devenv.stock.watch import StockWatcher


class StockLine:
    """The line, but for what it observes by patches. Everything else of it asks and writes as before."""

    def __init__(self, line: AirflowLine) -> None:
        self._line = line
        self._watcher: StockWatcher | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def prepare_for_runs(self) -> None:
        self._line.read_redactors()

    def observe(self, observer: RunObserver, cancellation: Cancellation) -> Patches:
        self._watcher = StockWatcher(observer)
        return Patches()

    def leave_unexpanded(self, dag_id: str, task_ids: set[str]) -> None:
        """They are expanded, or not, as Airflow does."""

    def test(self, dag: Any, options: TestOptions) -> Any:
        assert self._watcher is not None
        with self._watcher.watching(dag):
            dag_run = self._line.test(dag, options)
        self._watcher.finish(dag_run)
        return dag_run

    def wrap_dag_test(self, replacement: Any) -> None:
        """A `__main__` block runs as it is: what its `DAG.test()` gives is not ours to change."""
