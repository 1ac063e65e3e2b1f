"""The five requests that every task makes of the Execution API, answered by calling Airflow's own functions.

Routing, header parsing and dependency resolution cost about as much as the queries behind them; client and
server are one process and one release here. Everything else, and every request where a name or a signature is
not the one known, goes through the application. Source: airflow 3.3.2 `execution_api/routes/`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, get_args
from urllib.parse import unquote
from uuid import UUID

import httpx

#: Given the names in the path, the request and a session; gives what the route's function gives.
Handler = Callable[[dict[str, str], httpx.Request, Any], Any]

#: Keys may have slashes in them; what ends like this asks for a part of a mapped task's values.
XCOM_KEY = r"(?P<key>(?!.*/(?:slice|item/-?\d+)$).+)"


class DirectRoutes:
    def __init__(self, app: Any) -> None:
        self._app = app
        self._routes: list[tuple[str, re.Pattern[str], int, Handler]] = []
        for add in (self._add_task_instances, self._add_xcoms):
            try:
                add()
            except (ImportError, AttributeError):
                # Another minor version: the application answers these.
                continue

    def answer(self, request: httpx.Request) -> httpx.Response | None:
        """None: not one of these."""
        # Matched while it is still encoded: a slash in a run id or a key is no separator.
        path = request.url.raw_path.split(b"?")[0].decode()
        for method, pattern, status, handler in self._routes:
            if method == request.method and (match := pattern.fullmatch(path)):
                names = {name: unquote(value) for name, value in match.groupdict().items()}
                # What a route binds to the log's context must end with the request.
                return copy_context().run(self._call, handler, names, request, status)
        return None

    def _call(
        self, handler: Handler, names: dict[str, str], request: httpx.Request, status: int
    ) -> httpx.Response | None:
        from airflow.utils.session import create_session
        from fastapi import HTTPException
        from pydantic import ValidationError

        try:
            with create_session(scoped=False) as session:
                return _response(handler(names, request, session), status)
        except ValidationError:
            # The application says what is wrong in the words that the client knows.
            return None
        except HTTPException as refusal:
            return httpx.Response(
                refusal.status_code, json={"detail": refusal.detail}, headers=refusal.headers
            )

    def _add(self, method: str, path: str, status: int, handler: Handler) -> None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path).replace("(?P<key>[^/]+)", XCOM_KEY)
        self._routes.append((method, re.compile(pattern), status, handler))

    def _add_task_instances(self) -> None:
        from airflow.api_fastapi.common.dagbag import dag_bag_from_app
        from airflow.api_fastapi.execution_api.datamodels import taskinstance as models
        from airflow.api_fastapi.execution_api.datamodels.token import TIClaims, TIToken
        from airflow.api_fastapi.execution_api.routes import task_instances as routes

        payloads = _payloads_by_tag(models.TIStateUpdate)

        def dag_bag() -> Any:
            override = self._app.dependency_overrides.get(dag_bag_from_app)
            return override() if override else self._app.state.dag_bag

        def run(names: dict[str, str], request: httpx.Request, session: Any) -> Any:
            identifier = UUID(names["id"])
            return routes.ti_run(
                task_instance_id=identifier,
                ti_run_payload=models.TIEnterRunningPayload.model_validate_json(request.read()),
                response=None,
                session=session,
                dag_bag=dag_bag(),
                services=None,
                token=TIToken(id=identifier, claims=TIClaims(scope="execution")),
            )

        def state(names: dict[str, str], request: httpx.Request, session: Any) -> Any:
            payload = payloads[models.ti_state_discriminator(_json(request))]
            return routes.ti_update_state(
                task_instance_id=UUID(names["id"]),
                ti_patch_payload=payload.model_validate_json(request.read()),
                session=session,
                dag_bag=dag_bag(),
            )

        def rendered_fields(names: dict[str, str], request: httpx.Request, session: Any) -> Any:
            return routes.ti_put_rtif(
                task_instance_id=UUID(names["id"]), put_rtif_payload=_json(request), session=session
            )

        if _takes(routes.ti_run, "task_instance_id ti_run_payload response session dag_bag services token"):
            self._add("PATCH", "/task-instances/{id}/run", 200, run)
        if _takes(routes.ti_update_state, "task_instance_id ti_patch_payload session dag_bag"):
            self._add("PATCH", "/task-instances/{id}/state", 204, state)
        if _takes(routes.ti_put_rtif, "task_instance_id put_rtif_payload session"):
            self._add("PUT", "/task-instances/{id}/rtif", 201, rendered_fields)

    def _add_xcoms(self) -> None:
        from airflow.api_fastapi.execution_api.routes import xcoms as routes

        path = "/xcoms/{dag_id}/{run_id}/{task_id}/{key}"

        def get(names: dict[str, str], request: httpx.Request, session: Any) -> Any:
            params = routes.GetXcomFilterParams.model_validate(dict(request.url.params))
            return routes.get_xcom(**names, session=session, params=params)

        def put(names: dict[str, str], request: httpx.Request, session: Any) -> Any:
            query = request.url.params
            length = query.get("mapped_length")
            return routes.set_xcom(
                **names,
                session=session,
                value=_json(request),
                map_index=int(query.get("map_index", -1)),
                dag_result=query.get("dag_result", "false").lower() == "true",
                mapped_length=None if length is None else int(length),
            )

        if _takes(routes.get_xcom, "dag_id run_id task_id key session params"):
            self._add("GET", path, 200, get)
        if _takes(
            routes.set_xcom, "dag_id run_id task_id key session value map_index dag_result mapped_length"
        ):
            self._add("POST", path, 201, put)


def _payloads_by_tag(union: Any) -> dict[str, Any]:
    """`Annotated[Annotated[A, Tag("a")] | Annotated[B, Tag("b")], …]` -> {"a": A, "b": B}."""
    return {each.__metadata__[0].tag: each.__origin__ for each in get_args(get_args(union)[0])}


def _takes(function: Callable[..., Any], names: str) -> bool:
    return list(inspect.signature(function).parameters) == names.split()


def _json(request: httpx.Request) -> Any:
    import json

    body = request.read()
    return json.loads(body) if body else None


def _response(result: Any, status: int) -> httpx.Response:
    from pydantic import BaseModel
    from starlette.responses import Response

    if isinstance(result, Response):
        return httpx.Response(result.status_code, content=bytes(result.body), headers=dict(result.headers))
    if isinstance(result, BaseModel):
        # As the routes declare it: only the context of a starting task leaves unset fields out.
        content = result.model_dump_json(exclude_unset=type(result).__name__ == "TIRunContext")
        return httpx.Response(status, content=content, headers={"content-type": "application/json"})
    if result is None or status == 204:
        return httpx.Response(status)
    return httpx.Response(status, json=result)
