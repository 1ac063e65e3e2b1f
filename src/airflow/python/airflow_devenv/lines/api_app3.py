"""Airflow 3's API application, built once in a process that is forked afterwards."""

from __future__ import annotations

import contextlib
import inspect
import os
import uuid
from collections.abc import Iterator
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate, may_use
from airflow_devenv.lines.asgi_calls import AsgiCalls
from airflow_devenv.lines.inline_execution_api import take_newest_version
from airflow_devenv.lines.patches import Patches
from airflow_devenv.warmup import silence


def build_app() -> Any:
    import uvicorn.lifespan.on
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto  # noqa: F401

    before = os.environ.get("_AIRFLOW_PROCESS_CONTEXT")
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    try:
        with _plain_execution_api():
            from airflow.api_fastapi.app import cached_app

            app = cached_app(apps="all")
        with silence():
            _warm_up(app)
    finally:
        if before is None:
            del os.environ["_AIRFLOW_PROCESS_CONTEXT"]
        else:
            os.environ["_AIRFLOW_PROCESS_CONTEXT"] = before
    return app


@contextlib.contextmanager
def _plain_execution_api() -> Iterator[None]:
    """While it lasts, the tasks' API is built without the migration of requests between its versions.

    Client and server are one release here. The versioned application takes seconds for its first requests.
    Source: airflow 3.3.2 `execution_api/app.py`. Where a name is missing, it is built as Airflow does.
    """
    patches = Patches()
    accelerate("plain_server_api3", _build_plainly, patches)
    try:
        yield
    finally:
        patches.undo()


def _build_plainly(patches: GuardedPatches) -> None:
    import airflow.api_fastapi.app as app_module
    import airflow.api_fastapi.execution_api.app as execution_app
    from airflow.api_fastapi.common.exceptions import init_error_handlers
    from airflow.api_fastapi.execution_api.routes import execution_api_router

    reissue = execution_app.JWTReissueMiddleware
    takes_bag = "dag_bag" in inspect.signature(app_module.create_task_execution_api_app).parameters

    def create_task_execution_api_app(lifespan: Any = execution_app.lifespan, *, dag_bag: Any = None) -> Any:
        import fastapi

        app = fastapi.FastAPI(lifespan=lifespan, openapi_url=None)
        app.add_middleware(reissue)
        app.include_router(execution_api_router)
        init_error_handlers(app)
        if takes_bag:
            from airflow.api_fastapi.common.dagbag import create_dag_bag

            app.state.dag_bag = create_dag_bag() if dag_bag is None else dag_bag
            app.add_middleware(NewestVersion)
        return app

    patches.put(app_module, "create_task_execution_api_app", create_task_execution_api_app)


class NewestVersion:
    """Around an application without the migration between versions, whose routes ask for one."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        take_newest_version()
        await self._app(scope, receive, send)


def with_author_plugins(app: Any) -> Any:
    """Their routes go before Airflow's, the last of which takes everything."""
    from airflow.api_fastapi import app as app_module
    from airflow.api_fastapi.core_api.app import init_flask_plugins

    routes = app.router.routes
    known_routes = list(routes)
    known_middleware = list(app.user_middleware)
    app.middleware_stack = None
    app_module.init_plugins(app)
    init_flask_plugins(app)
    added = [each for each in routes if each not in known_routes]
    # Behind the tasks' API, as where Airflow puts them.
    routes[:] = [*known_routes[:1], *added, *known_routes[1:]]
    # The first is the outermost, and Airflow adds its own after the plugins'.
    app.user_middleware[:] = [
        *known_middleware,
        *(each for each in app.user_middleware if each not in known_middleware),
    ]
    return app


def _warm_up(app: Any) -> None:
    """The first request of each kind builds what later ones use. Refusals are what is expected."""
    if not may_use("server_warm_up3"):
        return
    try:
        calls = AsgiCalls(app)
    except Exception:  # noqa: BLE001 - it saves time, nothing else
        return
    try:
        instance = str(uuid.uuid4())
        for method, path, body in _requests(instance):
            with contextlib.suppress(Exception):
                calls.call(method, path, body, _headers(instance) if path.startswith("/execution") else {})
    finally:
        calls.close(_dispose)


def _requests(instance: str) -> list[tuple[str, str, Any]]:
    now = "2024-01-01T00:00:00Z"
    task = f"/execution/task-instances/{instance}"
    started = {
        "state": "running",
        "hostname": "warm-up",
        "unixname": "warm-up",
        "pid": 1,
        "start_date": now,
    }
    return [
        ("PATCH", f"{task}/run", started),
        ("PATCH", f"{task}/state", {"state": "success", "end_date": now, "task_outlets": []}),
        ("PUT", f"{task}/heartbeat", {"hostname": "warm-up", "pid": 1}),
        ("PUT", f"{task}/rtif", {}),
        ("GET", "/execution/variables/devenv_warm_up", None),
        ("GET", "/execution/connections/devenv_warm_up", None),
        ("GET", "/execution/xcoms/warm/up/warm/up", None),
        ("POST", "/execution/xcoms/warm/up/warm/up", 1),
        ("GET", "/api/v2/monitor/health", None),
        ("GET", "/api/v2/version", None),
        ("GET", "/auth/token", None),
        ("GET", "/ui/config", None),
        ("GET", "/api/v2/dags", None),
    ]


def _headers(instance: str) -> dict[str, str]:
    from airflow.api_fastapi.execution_api import app as execution_app

    token = execution_app._jwt_generator().generate({"sub": instance, "scope": "execution"})
    return {"authorization": f"Bearer {token}"}


async def _dispose() -> None:
    from airflow import settings

    engine = getattr(settings, "async_engine", None)
    if engine is not None:
        await engine.dispose()
