"""What nearly every task asks of the Execution API, written to the database without the API.

A task starts, stores its rendered fields, reads and pushes XComs and succeeds. Each of these is one or two short
statements here instead of a request with three to six, for a task instance that this process has just scheduled for
its first try. Everything else, and whatever is not as expected, goes to the client that Airflow made. The rows
are the same ones. Source: airflow 3.3.2 `execution_api/routes/{task_instances,xcoms}.py`.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from functools import cache
from types import SimpleNamespace
from typing import Any

from airflow_devenv.contract.accelerators import either, may_use

STATES, XCOMS = "direct_states3", "direct_xcoms3"


def is_wanted() -> bool:
    """Also whether no option is set that needs more than these statements."""
    from airflow.configuration import conf

    if not may_use(STATES):
        return False
    needs_more = (("core", "multi_team"), ("state_store", "clear_on_success"), ("traces", "otel_on"))
    return not any(conf.getboolean(section, option, fallback=False) for section, option in needs_more)


def is_first_run(ti: Any) -> bool:
    """No retry and no resumption: nothing of this task instance is in the database but its row."""
    return ti.try_number == 1 and ti.start_date is None and ti.next_method is None


class DirectClient:
    """For one run of one task instance, which is `scheduled`."""

    def __init__(self, client: Any, ti: Any) -> None:
        self._client = client
        self.task_instances = DirectTaskInstances(client.task_instances, ti)
        self.xcoms = DirectXComs(client.xcoms, ti)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class DirectTaskInstances:
    def __init__(self, operations: Any, ti: Any) -> None:
        self._operations = operations
        self._ti = ti
        self._hostname = ""
        self._started: datetime | None = None
        self._has_rendered_fields = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)

    def start(self, id: Any, pid: int, when: datetime) -> Any:
        def ask() -> Any:
            # The API accepts a start only from this state.
            write(self._ti, state="queued")
            return self._operations.start(id, pid, when)

        return either(STATES, lambda: self._start(id, pid, when), lambda: None) or ask()

    def _start(self, id: Any, pid: int, when: datetime) -> Any:
        """None: nothing was written."""
        from airflow.sdk.api.client import get_hostname, getuser

        context = _run_context(self._ti)
        self._hostname = get_hostname()
        values = {
            "ti": id,
            "start_date": when,
            "hostname": self._hostname,
            "unixname": getuser(),
            "pid": pid,
            "last_heartbeat_at": datetime.now(timezone.utc),
        }
        if not self._transition(state_statements().start, values, "running"):
            return None
        self._started = when
        return context

    def set_rtif(self, id: Any, body: dict[str, Any]) -> Any:
        if self._started is None or self._has_rendered_fields or not _is_json(body):
            return self._operations.set_rtif(id, body)
        return either(
            STATES, lambda: self._set_rendered_fields(body), lambda: self._operations.set_rtif(id, body)
        )

    def _set_rendered_fields(self, body: dict[str, Any]) -> Any:
        from airflow.sdk.execution_time.comms import OKResponse

        with _transaction() as connection:
            values = {**_key(self._ti), "rendered_fields": _as_json(body), "k8s_pod_yaml": None}
            connection.execute(state_statements().rendered_fields, values)
        self._has_rendered_fields = True
        return OKResponse(ok=True)

    def succeed(
        self,
        id: Any,
        when: datetime,
        task_outlets: Any,
        outlet_events: Any,
        rendered_map_index: str | None,
    ) -> None:
        if self._started is not None and not task_outlets and not outlet_events:
            values = {
                "ti": id,
                "end_date": when,
                "duration": (when - self._started).total_seconds(),
                "rendered_map_index": rendered_map_index,
            }
            if either(
                STATES,
                lambda: self._transition(state_statements().succeed, values, "success"),
                lambda: False,
            ):
                return
        self._operations.succeed(id, when, task_outlets, outlet_events, rendered_map_index)

    def _transition(self, statement: Any, values: dict[str, Any], event: str) -> bool:
        """False: the task instance is not in the state that it was left in; nothing was written."""
        ti = self._ti
        with _transaction() as connection:
            if connection.execute(statement, values).rowcount != 1:
                return False
            row = {
                **_key(ti),
                "dttm": datetime.now(timezone.utc),
                "event": event,
                "logical_date": ti.dag_run.logical_date,
                "owner": ti.dag_run.dag.owner,
                "extra": json.dumps({"host_name": self._hostname}),
                "try_number": ti.try_number,
            }
            connection.execute(state_statements().log, row)
        return True


class DirectXComs:
    def __init__(self, operations: Any, ti: Any) -> None:
        self._operations = operations
        self._own = _key(ti)
        self._dag_run_id = ti.dag_run.id
        self._pushed: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)

    def get(
        self,
        dag_id: str,
        run_id: str,
        task_id: str,
        key: str,
        map_index: int | None = None,
        include_prior_dates: bool = False,
    ) -> Any:
        if not include_prior_dates:
            index = -1 if map_index is None or map_index < 0 else map_index
            names = {"dag": dag_id, "run": run_id, "task": task_id, "key": key, "index": index}
            found = either(XCOMS, lambda: self._get(names), lambda: None)
            if found is not None:
                return found
        return self._operations.get(dag_id, run_id, task_id, key, map_index, include_prior_dates)

    def _get(self, names: dict[str, Any]) -> Any:
        from airflow.sdk.api.datamodels._generated import XComResponse

        with _transaction() as connection:
            row = connection.execute(xcom_statements().xcom, names).first()
        return None if row is None else XComResponse(key=names["key"], value=row[0])

    def set(
        self,
        dag_id: str,
        run_id: str,
        task_id: str,
        key: str,
        value: Any,
        map_index: int | None = None,
        *,
        dag_result: bool = False,
        mapped_length: int | None = None,
    ) -> Any:
        def ask() -> Any:
            # Written as it was given: the API of an earlier or later release may know other arguments.
            given = (
                {"mapped_length": mapped_length}
                if not dag_result
                else {
                    "dag_result": dag_result,
                    "mapped_length": mapped_length,
                }
            )
            return self._operations.set(dag_id, run_id, task_id, key, value, map_index, **given)

        index = -1 if map_index is None or map_index < 0 else map_index
        names = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id, "map_index": index}
        is_ours = names == self._own and key and key not in self._pushed and mapped_length is None
        if not is_ours or not _is_json(value):
            return ask()
        return either(XCOMS, lambda: self._set(names, key, value, dag_result), ask)

    def _set(self, names: dict[str, Any], key: str, value: Any, dag_result: bool) -> Any:
        from airflow.sdk.execution_time.comms import OKResponse

        row = {
            **names,
            "dag_run_id": self._dag_run_id,
            "key": key,
            "value": _as_json(value),
            "dag_result": dag_result,
        }
        with _transaction() as connection:
            connection.execute(xcom_statements().push, row)
        self._pushed.add(key)
        return OKResponse(ok=True)


def write(ti: Any, **values: Any) -> None:
    """In a transaction of its own; the loop of `DAG.test` reads the row again each pass."""
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import update

    table = TaskInstance.__table__
    with _transaction() as connection:
        connection.execute(update(table).where(table.c.id == ti.id).values(**values))


@cache
def state_statements() -> Any:
    """Built once: taking them together costs as much as running them."""
    from airflow.models.log import Log
    from airflow.models.renderedtifields import RenderedTaskInstanceFields
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import bindparam, insert, update

    instances = TaskInstance.__table__

    def change(before: str, names: str, **values: Any) -> Any:
        row = update(instances).where(instances.c.id == bindparam("ti"), instances.c.state == before)
        return row.values(**{name: bindparam(name) for name in names.split()}, **values)

    return SimpleNamespace(
        start=change(
            "scheduled",
            "start_date hostname unixname pid last_heartbeat_at",
            state="running",
            end_date=None,
            retry_delay_override=None,
            retry_reason=None,
        ),
        succeed=change(
            "running",
            "end_date duration rendered_map_index",
            state="success",
            next_method=None,
            next_kwargs=None,
        ),
        log=insert(Log.__table__),
        rendered_fields=insert(RenderedTaskInstanceFields.__table__),
    )


@cache
def xcom_statements() -> Any:
    from airflow.models.xcom import XComModel
    from sqlalchemy import bindparam, insert, select

    xcoms = XComModel.__table__
    return SimpleNamespace(
        push=insert(xcoms),
        xcom=select(xcoms.c.value).where(
            xcoms.c.dag_id == bindparam("dag"),
            xcoms.c.run_id == bindparam("run"),
            xcoms.c.task_id == bindparam("task"),
            xcoms.c.key == bindparam("key"),
            xcoms.c.map_index == bindparam("index"),
        ),
    )


def _transaction() -> Any:
    from airflow import settings

    return settings.engine.begin()


def _key(ti: Any) -> dict[str, Any]:
    return {"dag_id": ti.dag_id, "run_id": ti.run_id, "task_id": ti.task_id, "map_index": ti.map_index}


def _as_json(value: Any) -> Any:
    """As it comes out of a request: JSON's types only, and the errors that a request would raise."""
    return json.loads(json.dumps(value, allow_nan=False))


def _is_json(value: Any) -> bool:
    """Where it is none, the API answers what it answers."""
    try:
        _as_json(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _run_context(ti: Any) -> Any:
    """What the API answers to a start."""
    from airflow.api_fastapi.execution_api.datamodels import taskinstance as server
    from airflow.sdk.api.datamodels._generated import TIRunContext

    answer = server.TIRunContext(
        dag_run=ti.dag_run,
        task_reschedule_count=0,
        max_tries=ti.max_tries,
        variables=[],
        connections=[],
        xcom_keys_to_clear=[],
        should_retry=ti.max_tries != 0 and ti.try_number <= ti.max_tries,
    )
    return TIRunContext.model_validate_json(answer.model_dump_json(exclude_unset=True))
