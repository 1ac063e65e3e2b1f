"""Keeps a live scheduler and triggerer off the DAG runs that `DAG.test()` executes.

Such a run looks to them like any other that is `running`: they would queue its scheduled tasks a second time, run
its triggers, and count it among the active runs. While one of the functions given here works, the queries and
updates of this process do not see these runs and their task instances.

A test run that somebody clears in the UI is a run like any other from then on: only a scheduler can execute it.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

log = logging.getLogger(__name__)

#: Given the columns of the table `dag_run`: the condition that holds for test runs.
IsTestRun = Callable[[Any], Any]
#: A class of Airflow's and the name of one of its methods.
Place = tuple[Any, str]

_hidden: ContextVar[bool] = ContextVar("airflow_devenv_test_runs_hidden", default=False)


def hide_test_runs_in(places: list[Place], is_test_run: IsTestRun) -> None:
    """Only in a process that is a service: the patches stay."""
    _listen(is_test_run)
    for owner, name in places:
        if inspect.getattr_static(owner, name, None) is None:
            log.warning(
                "Airflow has no %s.%s: it may touch DAG runs of `devenv run-dag`.", owner.__name__, name
            )
        else:
            _wrap(owner, name)


def _listen(is_test_run: IsTestRun) -> None:
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    criteria = _criteria(is_test_run)

    def leave_test_runs_out(state: Any) -> None:
        if not _hidden.get() or state.is_column_load or state.is_relationship_load:
            return
        if state.is_select or state.is_update or state.is_delete:
            state.statement = state.statement.options(*criteria)

    event.listen(Session, "do_orm_execute", leave_test_runs_out)


def _criteria(is_test_run: IsTestRun) -> list[Any]:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import exists, not_
    from sqlalchemy.orm import with_loader_criteria

    # Tables, not the models: the condition on DAG runs would be put into this query too.
    runs = DagRun.__table__.alias("test_run")
    of_test_run = exists().where(
        runs.c.dag_id == TaskInstance.dag_id,
        runs.c.run_id == TaskInstance.run_id,
        runs.c.clear_number == 0,
        is_test_run(runs.c),
    )
    test_run = exists().where(runs.c.id == DagRun.id, runs.c.clear_number == 0, is_test_run(runs.c))
    return [
        with_loader_criteria(DagRun, not_(test_run), include_aliases=True),
        with_loader_criteria(TaskInstance, not_(of_test_run), include_aliases=True),
    ]


def _wrap(owner: Any, name: str) -> None:
    static = inspect.getattr_static(owner, name)
    function = static.__func__ if isinstance(static, (classmethod, staticmethod)) else static

    @functools.wraps(function)
    def hiding(*arguments: Any, **keywords: Any) -> Any:
        token = _hidden.set(True)
        try:
            return function(*arguments, **keywords)
        finally:
            _hidden.reset(token)

    # As it was declared: a class method gets its class, a static one nothing.
    setattr(owner, name, hiding if function is static else type(static)(hiding))
