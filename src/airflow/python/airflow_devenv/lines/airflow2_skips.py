"""Airflow 2 asks for each waiting task instance and each finished task above it whether that one has left it out.

It is in an XCom of the task above, which runs in this process: where none was made, there is none. Source: airflow
2.11.2 `ti_deps/deps/not_previously_skipped_dep.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches


def ask_for_skips_only_after_one(patches: GuardedPatches) -> None:
    """Only for a process that does nothing but test runs."""
    from airflow.models.skipmixin import XCOM_SKIPMIXIN_KEY
    from airflow.models.xcom import BaseXCom
    from airflow.ti_deps.deps.not_previously_skipped_dep import NotPreviouslySkippedDep
    from sqlalchemy import event

    original = NotPreviouslySkippedDep._get_dep_statuses
    some = False

    def notice(_xcom: Any, _arguments: Any, columns: dict[str, Any]) -> None:
        nonlocal some
        some = some or columns.get("key") == XCOM_SKIPMIXIN_KEY

    def statuses(self: Any, ti: Any, session: Any, dep_context: Any) -> Iterator[Any]:
        if some:
            yield from original(self, ti, session, dep_context)

    event.listen(BaseXCom, "init", notice, propagate=True)
    patches.put(NotPreviouslySkippedDep, "_get_dep_statuses", statuses)
