"""What the rest of the package asks of a line of Airflow."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.given_values import Reference
from airflow_devenv.lines.patches import Patches
from airflow_devenv.observer import RunObserver, TaskKey
from airflow_devenv.protocol import Bundle
from airflow_devenv.registration import Exclusively

if TYPE_CHECKING:
    from airflow_devenv.lines.services import Services


@dataclass
class ParsedFile:
    """The DAGs of one file, as Airflow's own DagBag collected them."""

    path: str
    bundle: Bundle
    bag: Any
    #: Import errors by path, tracebacks as text.
    import_errors: dict[str, str] = field(default_factory=dict)

    @property
    def dags(self) -> dict[str, Any]:
        return dict(self.bag.dags)


@dataclass(frozen=True)
class TestOptions:
    """How one DAG is to be tested."""

    conf: dict[str, Any] | None
    logical_date: Any
    mark_success_pattern: str | None
    retries: int


class AirflowLine(Protocol):
    #: The version of Airflow that is installed.
    version: str
    #: Known after `prepare_for_runs`: whether a DAG may be run in a process that is forked afterwards.
    can_warm_up: bool

    def preload(self) -> None:
        """Imports what every kind of child needs. Opens no connection, starts no thread."""

    def prepare_for_runs(self) -> None:
        """Patches that suit a process which does nothing but run DAGs. Never called in the parent."""

    def read_redactors(self) -> None:
        """Finds Airflow's maskers: a part of `prepare_for_runs`, which replaces nothing."""

    def start_run_process(self, plugins_folders: list[str]) -> None:
        """After the fork, before anything of the author's is imported."""

    def connect(self) -> None:
        """Opens the connection to the metadata database. Raises what the driver raises."""

    def quiet(self) -> None:
        """Closes every connection, so that this process may be forked."""

    def services(self) -> Services:
        """The long-lived processes of this line. The same object each time."""

    def hide(self, texts: list[str]) -> None:
        """Texts that `redact` takes out beside those that Airflow's masker knows; longest first."""

    def redact(self, text: str) -> str: ...

    def log_folder(self) -> Path: ...

    def now(self) -> Any: ...

    def parse_date(self, text: str) -> Any: ...

    def parse(self, path: str, bundle: Bundle) -> ParsedFile: ...

    def bag_dag(self, dag: Any, bundle: Bundle, path: str) -> ParsedFile:
        """A bag of one DAG object that exists already, with the cluster policies applied."""

    def register(self, parsed: ParsedFile, exclusively: Exclusively = nullcontext) -> bool:
        """Writes the DAGs to the metadata database, if they differ from what it holds. Gives whether it did."""

    def dag_file(self, dag_id: str) -> str | None:
        """Where the metadata database saw this DAG last."""

    def registered_dag_ids(self, dag_ids: list[str]) -> set[str]: ...

    def leave_test_runs_alone(self) -> None:
        """In a process that is a service of Airflow: keeps it off the DAG runs which `DAG.test()` executes."""

    def observe(self, observer: RunObserver, cancellation: Cancellation) -> Patches:
        """Makes `DAG.test()` report to the observer, until what is given back is undone."""

    def existing_run(self, dag_id: str, logical_date: Any) -> str | None:
        """The id of the DAG run of that date, which `DAG.test()` would delete."""

    def test(self, dag: Any, options: TestOptions) -> Any:
        """Runs `DAG.test()`. Gives the DagRun."""

    def wrap_dag_test(self, replacement: Any) -> None:
        """Puts `replacement(original, dag, arguments, keywords)` in the place of `DAG.test`."""

    def find_run_with(
        self, dag_id: str, needed: Iterable[Reference], any_of: Iterable[str], done: Iterable[str] = ()
    ) -> str | None:
        """The id of the last DAG run that has every needed XCom, and in which all that is to be `done` has run or
        was skipped; where neither is asked for, one with an XCom of any of these tasks."""

    def tasks_with_values(self, dag_id: str, run_id: str, task_ids: Iterable[str]) -> set[str]:
        """Those of these tasks that have pushed something in that DAG run."""

    def activate_assets(self, parsed: ParsedFile) -> None:
        """Those that these DAGs name, in the place of earlier ones of the same name or URI."""

    def answer(self, given: dict[str, Any]) -> bool:
        """Records what a person has chosen. False: the task does not wait for it any more."""

    def leave_unexpanded(self, dag_id: str, task_ids: set[str]) -> None:
        """These mapped tasks are one instance each: nothing is there to map them over."""

    def missing_pools(self, names: list[str]) -> set[str]: ...

    def set_retries(self, dag: Any, retries: int) -> None: ...

    def task_instances(self, dag_run: Any) -> list[Any]: ...

    def dag_run_state(self, dag_run: Any) -> str: ...

    def return_values(self, dag_run: Any, task_ids: list[str]) -> list[tuple[str, int, Any]]: ...

    def fail_run(self, dag_id: str, run_id: str, running: TaskKey | None = None) -> bool:
        """Marks a run that nobody executes any more, and what it left unfinished, as failed.

        `running`: the task instance whose code ran last. Airflow 2 does not say so in the database.
        """
