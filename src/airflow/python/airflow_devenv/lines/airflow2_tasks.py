"""How one task instance runs inside `DAG.test()` on Airflow 2, observed.

Airflow's own `_run_task` lets a timeout, a signal or a KeyboardInterrupt in a task leave `DAG.test()` and
keep the run `running`, runs a task whose trigger raised again for ever, and drops the keyword arguments of a
deferral. The loop here has the same steps and ends as Airflow 3 does in those cases.
"""

from __future__ import annotations

import sys
from typing import Any

from airflow_devenv.callbacks import cut_off, describe_callback_error
from airflow_devenv.cancellation import Cancellation, RunCancelled
from airflow_devenv.lines.patches import Patches
from airflow_devenv.lines.unexpanded import is_unexpanded
from airflow_devenv.observer import RunObserver, TaskOutcome, state_name

#: `DAG.test()` lets a task begin in the second; the first is what a query finds that is not there any more.
NOT_BEGUN = frozenset({None, "scheduled"})


def observe_tasks(observer: RunObserver, cancellation: Cancellation, patches: Patches) -> None:
    import airflow.models.dag as dag_module
    import airflow.models.taskinstance as taskinstance_module

    execute_task = taskinstance_module._execute_task
    sessions: list[Any] = []

    def run_task(*, ti: Any, inline_trigger: bool = False, mark_success: bool = False, session: Any) -> None:
        cancellation.raise_if_requested()
        sessions[:] = [session]
        with observer.task(ti) as outcome:
            if mark_success and is_unexpanded(ti):
                # Its context can't be made: there is nothing to map it over.
                ti.set_state("success", session=session)
                session.commit()
            else:
                _run_until_done(dag_module, observer, outcome, ti, mark_success, session)
            outcome.state = state_name(ti.state)
        cancellation.raise_if_requested()

    def observed_execute_task(*arguments: Any, **keywords: Any) -> Any:
        with observer.body():
            try:
                return execute_task(*arguments, **keywords)
            except BaseException:
                # A task that runs in a process of its own has no session of the run's.
                for session in sessions:
                    leave_failed_transaction(session)
                raise

    _observe_callbacks(taskinstance_module, observer, patches)
    patches.put(dag_module, "_run_task", run_task)
    patches.put(taskinstance_module, "_execute_task", observed_execute_task)


def _observe_callbacks(module: Any, observer: RunObserver, patches: Patches) -> None:
    """As Airflow runs them; an error is told with the callback's place. Source: 2.11.2 `taskinstance.py`."""
    if not hasattr(module, "_run_finished_callback"):
        return

    def run_callbacks(*, callbacks: Any, context: Any) -> None:
        outer = sys.exc_info()[1]
        listed = callbacks if isinstance(callbacks, list) else [callbacks] if callbacks else []
        for callback in listed:
            try:
                callback(context)
            except Exception as error:  # noqa: BLE001 - it is the author's code, and changes no state
                cut_off(error, outer)
                module.log.error(describe_callback_error(callback, error, observer.repositories))

    patches.put(module, "_run_finished_callback", run_callbacks)


def leave_failed_transaction(session: Any) -> None:
    """After a statement of the task has failed on Postgres, e.g. for its `inlet_events`.

    The session is the run's own here: everything that Airflow does next, to mark the task as failed first of all,
    would fail as well. A server has lost such a transaction already, and all before the task is committed.
    """
    try:
        connection = session.connection().connection.dbapi_connection
        is_failed = getattr(getattr(connection, "info", None), "transaction_status", None) == IN_ERROR
    except Exception:  # noqa: BLE001 - SQLAlchemy refuses a session that has failed in a flush
        is_failed = True
    if is_failed:
        session.rollback()


#: libpq's PQTRANS_INERROR.
IN_ERROR = 3


def _run_until_done(
    dag_module: Any,
    observer: RunObserver,
    outcome: TaskOutcome,
    ti: Any,
    mark_success: bool,
    session: Any,
) -> None:
    from airflow.exceptions import TaskDeferred

    while True:
        deferral = None
        try:
            ti._run_raw_task(session=session, raise_on_defer=True, mark_success=mark_success)
        except TaskDeferred as deferred:
            deferral = deferred
        except RunCancelled:
            raise
        except BaseException as error:  # noqa: BLE001 - told as the task's error
            outcome.error = error
            if ti.state in NOT_BEGUN:
                # Before its own code, e.g. in its params. Nobody has failed it, and it would begin again for ever.
                _fail(ti, error, session)
        # Not inside the `except`: the deferral would be told as the cause of what the trigger raises.
        if deferral is None or not _resume_after_trigger(
            dag_module, observer, outcome, ti, deferral, session
        ):
            return
        session.merge(ti)
        session.commit()


def _fail(ti: Any, error: BaseException, session: Any) -> None:
    try:
        ti.handle_failure(error, session=session)
    except Exception:  # noqa: BLE001 - what kept the task from beginning keeps its callbacks, too
        session.rollback()
        ti.set_state("failed", session=session)
        session.commit()


def _resume_after_trigger(
    dag_module: Any,
    observer: RunObserver,
    outcome: TaskOutcome,
    ti: Any,
    deferred: Any,
    session: Any,
) -> bool:
    observer.state(ti, "deferred")
    try:
        with observer.body():
            event = dag_module._run_inline_trigger(deferred.trigger)
    except RunCancelled:
        raise
    except BaseException as error:  # noqa: BLE001 - told as the task's error
        outcome.error = error
        ti.handle_failure(error, session=session)
        return False
    observer.state(ti, "running")
    ti.next_method = deferred.method_name
    ti.next_kwargs = dict(deferred.kwargs or {})
    if event:
        ti.next_kwargs["event"] = event.payload
    return True
