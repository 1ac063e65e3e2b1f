"""Names that moved between the minor versions of Airflow 3, each looked for where it was and where it is."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, may_use
from airflow_devenv.protocol import Bundle


def make_bag(folder: str, bundle: Bundle, **keywords: Any) -> Any:
    """`DagBag` is in `dag_processing` since 3.2; its arguments about examples and bundles came and went."""
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag
    wanted = {
        "dag_folder": folder,
        "bundle_path": Path(bundle.path),
        "bundle_name": bundle.name,
        "include_examples": False,
        "read_dags_from_db": False,
        **keywords,
    }
    known = inspect.signature(DagBag.__init__).parameters
    return DagBag(**{name: value for name, value in wanted.items() if name in known})


def sync_bag(bag: Any, bundle_name: str) -> None:
    """A function of its own since 3.1, a method of the bag before."""
    try:
        from airflow.dag_processing.dagbag import sync_bag_to_db
    except ImportError:
        try:
            from airflow.models.dagbag import sync_bag_to_db
        except ImportError:
            bag.sync_to_db(bundle_name, None)
            return
    sync_bag_to_db(bag, bundle_name, None)


def dag_hash(dag: Any) -> str | None:
    """As stored beside the serialized DAG. None where this release has no such function: then it is written.

    Raises what the author's objects raise when they can't be serialized; writing them may only log it.
    """
    if not may_use("dag_hash3"):
        return None
    try:
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.serialization.serialized_objects import LazyDeserializedDAG

        return str(SerializedDagModel.hash(LazyDeserializedDAG.from_dag(dag).data))
    except (ImportError, AttributeError):
        return None


def creation_place() -> tuple[Any, str]:
    """Module and name of the function with which `DAG.test` makes the DAG run."""
    import airflow.models.dagrun as dagrun_module

    if hasattr(dagrun_module, "get_or_create_dagrun"):
        return dagrun_module, "get_or_create_dagrun"
    import airflow.models.dag as dag_module

    return dag_module, "_get_or_create_dagrun"


def redactors() -> list[Callable[[str], Any]]:
    """The core and the Task SDK have a masker each since 3.1; 3.0 has one."""
    try:
        from airflow._shared.secrets_masker import redact as redact_core
        from airflow.sdk._shared.secrets_masker import redact as redact_task
    except ImportError:
        from airflow.sdk.execution_time.secrets_masker import redact

        return [redact]
    return [redact_task, redact_core]


def timezone_module() -> Any:
    try:
        from airflow.sdk import timezone
    except ImportError:
        from airflow.utils import timezone
    return timezone


def build_type_adapters_once(patches: GuardedPatches) -> None:
    """Airflow makes the same one for every template field of every task; each takes half a millisecond."""
    import airflow.sdk.execution_time.task_runner as task_runner

    patches.put(task_runner, "TypeAdapter", functools.cache(task_runner.TypeAdapter))
