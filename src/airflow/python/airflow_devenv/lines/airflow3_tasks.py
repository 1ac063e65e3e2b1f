"""How one task instance runs inside `DAG.test()` on Airflow 3, observed."""

from __future__ import annotations

from typing import Any

from airflow_devenv.cancellation import Cancellation
from airflow_devenv.observer import RunObserver, state_name


def observe_tasks(observer: RunObserver, cancellation: Cancellation) -> None:
    import airflow.sdk.definitions.dag as dag_module
    import airflow.sdk.execution_time.task_runner as task_runner

    run_task = dag_module._run_task
    run_trigger = dag_module._run_inline_trigger
    execute_task = task_runner._execute_task
    run = task_runner.run

    def observed_run_task(*, ti: Any, **keywords: Any) -> Any:
        cancellation.raise_if_requested()
        with observer.task(ti) as outcome:
            result = run_task(ti=ti, **keywords)
            outcome.error = getattr(result, "error", None)
            outcome.state = state_name(ti.state)
        cancellation.raise_if_requested()
        return result

    def observed_run(ti: Any, context: Any, log: Any) -> Any:
        # The operator that really executes is this one's, a copy with rendered templates.
        observer.current = ti
        return run(ti, context, log)

    def observed_execute_task(*arguments: Any, **keywords: Any) -> Any:
        with observer.body():
            return execute_task(*arguments, **keywords)

    def observed_run_trigger(trigger: Any, task_sdk_ti: Any) -> Any:
        observer.state(task_sdk_ti, "deferred")
        with observer.body():
            event = run_trigger(trigger, task_sdk_ti)
        observer.state(task_sdk_ti, "running")
        return event

    dag_module._run_task = observed_run_task
    dag_module._run_inline_trigger = observed_run_trigger
    task_runner._execute_task = observed_execute_task
    task_runner.run = observed_run
