"""How one task instance runs inside `DAG.test()` on Airflow 3, observed.

Airflow's own `_run_task` writes the task instance's state with a merge and a refresh each time, and drops the
keyword arguments of a deferral. The loop here has the same steps. Source: airflow 3.3.2
`sdk/definitions/dag.py::_run_task`. Where a name it needs is missing, Airflow's own is observed instead.
"""

from __future__ import annotations

import sys
from typing import Any

from airflow_devenv.callbacks import cut_off, describe_callback_error
from airflow_devenv.cancellation import Cancellation
from airflow_devenv.contract.accelerators import may_use
from airflow_devenv.lines import direct_client
from airflow_devenv.lines.patches import Patches
from airflow_devenv.observer import RunObserver, TaskOutcome, state_name
from airflow_devenv.tracebacks import describe_error


def observe_tasks(observer: RunObserver, cancellation: Cancellation, patches: Patches) -> None:
    import airflow.sdk.definitions.dag as dag_module

    run_task = TaskLoop(observer).run if TaskLoop.is_possible() else _stock(dag_module._run_task)

    def observed_run_task(*, ti: Any, task: Any = None, **keywords: Any) -> Any:
        cancellation.raise_if_requested()
        with observer.task(ti) as outcome:
            result = run_task(outcome, ti, task, keywords)
        cancellation.raise_if_requested()
        return result

    patches.put(dag_module, "_run_task", observed_run_task)
    _observe_bodies(dag_module, observer, patches)


def _observe_bodies(dag_module: Any, observer: RunObserver, patches: Patches) -> None:
    import airflow.sdk.execution_time.task_runner as task_runner

    run_trigger = dag_module._run_inline_trigger
    execute_task = task_runner._execute_task
    run = task_runner.run

    def observed_run(ti: Any, context: Any, log: Any) -> Any:
        # The operator that really executes is this one's, a copy with rendered templates.
        observer.current = ti
        return run(ti, context, log)

    def observed_execute_task(*arguments: Any, **keywords: Any) -> Any:
        with observer.body():
            return execute_task(*arguments, **keywords)

    def observed_run_trigger(trigger: Any, *task_instance: Any) -> Any:
        # Up to 3.1 it is not told whose trigger it is.
        deferred = task_instance[0] if task_instance else observer.current
        observer.state(deferred, "deferred")
        with observer.body():
            event = run_trigger(trigger, *task_instance)
        observer.state(deferred, "running")
        return event

    _observe_callbacks(task_runner, observer, patches)
    patches.put(dag_module, "_run_inline_trigger", observed_run_trigger)
    patches.put(task_runner, "_execute_task", observed_execute_task)
    patches.put(task_runner, "run", observed_run)


def _observe_callbacks(task_runner: Any, observer: RunObserver, patches: Patches) -> None:
    """As Airflow runs them; an error is told with the callback's place. Source: 3.3.2 `task_runner.py`."""
    if not may_use("callback_errors3"):
        return

    def run_callbacks(task: Any, kind: str, context: Any, log: Any) -> None:
        outer = sys.exc_info()[1]
        for callback in getattr(task, kind):
            try:
                events = task_runner.context_get_outlet_events(context)
                task_runner.create_executable_runner(callback, events, logger=log).run(context)
            except Exception as error:  # noqa: BLE001 - it is the author's code, and changes no state
                cut_off(error, outer)
                log.error(describe_callback_error(callback, error, observer.repositories, kind))

    patches.put(task_runner, "_run_task_state_change_callbacks", run_callbacks)


def _stock(run_task: Any) -> Any:
    def run(outcome: TaskOutcome, ti: Any, task: Any, keywords: dict[str, Any]) -> Any:
        # 3.0 has no `task`: it comes with the task instance.
        given = {} if task is None else {"task": task}
        result = run_task(ti=ti, **given, **keywords)
        outcome.error = getattr(result, "error", None)
        outcome.state = state_name(ti.state)
        return result

    return run


class TaskLoop:
    def __init__(self, observer: RunObserver) -> None:
        self._observer = observer
        self._may_be_direct = direct_client.is_wanted()

    @staticmethod
    def is_possible() -> bool:
        """Whether this release has every private name that the loop needs."""
        return may_use("task_loop3")

    def run(self, outcome: TaskOutcome, ti: Any, task: Any, _keywords: dict[str, Any]) -> Any:
        from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor, run_task_in_process

        described = _describe(ti)
        client = InProcessTestSupervisor._api_client(task.dag)
        is_direct = self._may_be_direct and direct_client.is_first_run(ti)
        while True:
            try:
                if not is_direct:
                    # The API accepts a start only from this state.
                    direct_client.write(ti, state="queued")
                asked = direct_client.DirectClient(client, ti) if is_direct else client
                result = run_task_in_process(ti=described, task=task, client=asked)
            except Exception as error:  # noqa: BLE001 - the task fails with it
                return self._fail(outcome, ti, error)
            outcome.error = result.error
            outcome.state = state_name(result.ti.state)
            if outcome.state != "deferred":
                return result
            is_direct = False
            try:
                if ended := self._resume(ti, described, result.msg):
                    outcome.state = ended
                    return None
            except Exception as error:  # noqa: BLE001 - the task fails with it
                return self._fail(outcome, ti, error)

    def _resume(self, ti: Any, described: Any, message: Any) -> str | None:
        """Waits for the trigger. Gives the task's state where the trigger ended it: its code does not go on."""
        import airflow.sdk.definitions.dag as dag_module
        from airflow.sdk._shared.module_loading import import_string
        from airflow.sdk.serde import deserialize, serialize

        trigger = import_string(message.classpath)(**deserialize(message.trigger_kwargs))
        event = dag_module._run_inline_trigger(trigger, described)
        if (state := getattr(event, "task_instance_state", None)) is not None:
            return _end_from_trigger(ti, state_name(state), event.xcoms or {})
        kwargs = dict(message.next_kwargs or {})
        if event:
            kwargs["event"] = serialize(event.payload)
        direct_client.write(ti, next_method=message.next_method, next_kwargs=kwargs, trigger_id=None)
        return None

    def _fail(self, outcome: TaskOutcome, ti: Any, error: Exception) -> None:
        from datetime import datetime, timezone

        import structlog

        # In the task's log, as the Task SDK puts the errors of a task there.
        trace = "\n".join(describe_error(error, self._observer.repositories)["traceback"])
        structlog.get_logger("task").error("Task failed with exception", exception=trace)
        outcome.error = error
        outcome.state = "failed"
        direct_client.write(ti, state="failed", end_date=datetime.now(timezone.utc))


def _end_from_trigger(ti: Any, state: str, xcoms: dict[str, Any]) -> str:
    """As the triggerer does it: airflow 3.3.2 `models/trigger.py::_`, for `BaseTaskEndEvent`."""
    from datetime import datetime, timezone

    for key, value in xcoms.items():
        ti.xcom_push(key=key, value=value)
    direct_client.write(ti, state=state, end_date=datetime.now(timezone.utc), trigger_id=None)
    return state


def _describe(ti: Any) -> Any:
    from uuid import UUID

    from airflow.sdk.api.datamodels._generated import TaskInstance

    return TaskInstance(
        id=UUID(str(ti.id)),
        task_id=ti.task_id,
        dag_id=ti.dag_id,
        run_id=ti.run_id,
        try_number=ti.try_number,
        map_index=ti.map_index,
        dag_version_id=UUID(str(ti.dag_version_id)),
    )
