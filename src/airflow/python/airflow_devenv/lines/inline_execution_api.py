"""Airflow 3's in-process Execution API, driven on the thread that asks.

Stock Airflow bridges from the task (synchronous) to the API (asynchronous) with an event loop in a thread of
its own. A process with threads can't be forked, and every request pays for two changes of thread. Here the
application runs on the asking thread, without the per-version request migration (client and server are one
release) and without a thread pool. Sources: airflow 3.3.2 `execution_api/app.py::InProcessExecutionAPI`,
`execution_time/supervisor.py::in_process_api_server`.
"""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx


def install_inline_execution_api() -> bool:
    """False where a private name is missing: Airflow's own API is used then, built once instead of per task."""
    import airflow.sdk.execution_time.supervisor as supervisor

    try:
        api = _build()
    except (ImportError, AttributeError, TypeError):
        supervisor.in_process_api_server = functools.cache(supervisor.in_process_api_server)
        return False
    supervisor.in_process_api_server = lambda: api
    _keep_client(supervisor.InProcessTestSupervisor)
    return True


def _build() -> Any:
    import airflow.api_fastapi.execution_api.app as execution_app

    leave_version_migration_out()
    use_built_ahead()
    api = execution_app.InProcessExecutionAPI()
    # The class has slots and builds its own transport with a thread, so a stand-in with the two attributes
    # that the supervisor reads takes its place.
    stand_in = SimpleNamespace(app=api.app, transport=InlineTransport(api.app), original=api)
    _run_inline_instead_of_in_threads()
    _analyse_dependencies_once()
    return stand_in


def _keep_client(supervisor_class: Any) -> None:
    """One client and one bag of serialized DAGs for a whole run; Airflow makes both for each task."""
    make = supervisor_class._api_client
    clients: dict[str | None, Any] = {}

    def api_client(dag: Any = None) -> Any:
        key = None if dag is None else dag.dag_id
        if key not in clients:
            clients[key] = make(dag)
        return clients[key]

    supervisor_class._api_client = staticmethod(api_client)


def _run_inline_instead_of_in_threads() -> None:
    import fastapi.dependencies.utils
    import fastapi.routing
    import starlette.concurrency
    import starlette.routing

    async def run_inline(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    for module in (fastapi.dependencies.utils, fastapi.routing, starlette.concurrency, starlette.routing):
        if hasattr(module, "run_in_threadpool"):
            module.run_in_threadpool = run_inline
    if hasattr(fastapi.dependencies.utils, "contextmanager_in_threadpool"):
        fastapi.dependencies.utils.contextmanager_in_threadpool = InlineContextManager


def _analyse_dependencies_once() -> None:
    """FastAPI takes an overridden dependency's signature apart again for every request: 15 % of a short task."""
    import fastapi.dependencies.utils as dependencies

    original = dependencies.get_dependant
    known: dict[Any, Any] = {}

    def get_dependant(**keywords: Any) -> Any:
        key = tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in sorted(keywords.items())
        )
        try:
            if key not in known:
                known[key] = original(**keywords)
            return known[key]
        except TypeError:
            # An argument that can't be hashed: as FastAPI does it.
            return original(**keywords)

    dependencies.get_dependant = get_dependant


class InlineContextManager:
    """FastAPI wraps dependencies that are synchronous generators with this."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        return self._manager.__enter__()

    async def __aexit__(self, *details: Any) -> Any:
        return self._manager.__exit__(*details)


def leave_version_migration_out() -> None:
    """Every such API of this process is built plainly from here on. Raises ImportError or AttributeError."""
    import airflow.api_fastapi.execution_api.app as execution_app
    import fastapi
    from airflow.api_fastapi.common.exceptions import init_error_handlers
    from airflow.api_fastapi.execution_api.routes import execution_api_router

    # Before 3.3 there is no argument, and the module's own lifespan is meant.
    def create_task_execution_api_app(lifespan: Any = execution_app.lifespan) -> Any:
        app = fastapi.FastAPI(lifespan=lifespan, openapi_url=None)
        app.include_router(execution_api_router)
        init_error_handlers(app)
        return app

    execution_app.create_task_execution_api_app = create_task_execution_api_app


def build_ahead() -> bool:
    """The application of the tasks' API for all that is forked from here; opens nothing. False: not possible."""
    import airflow.api_fastapi.execution_api.app as execution_app

    original = execution_app.create_task_execution_api_app
    try:
        leave_version_migration_out()
        make = execution_app.InProcessExecutionAPI
        app = make().app
        make(app=app)
    except (ImportError, AttributeError, TypeError):
        return False
    finally:
        execution_app.create_task_execution_api_app = original
    _built[make] = app
    return True


def use_built_ahead() -> bool:
    """Every such API of this process is the one that was built ahead. False: none was."""
    import airflow.api_fastapi.execution_api.app as execution_app

    make = execution_app.InProcessExecutionAPI
    if make not in _built:
        return False
    execution_app.InProcessExecutionAPI = functools.partial(make, app=_built[make])
    return True


#: The application by the class that it was made by.
_built: dict[Any, Any] = {}


class InlineTransport(httpx.BaseTransport):
    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_owner = 0
        self._lifespan: Any = None
        self._state: dict[str, Any] = {}

    def handle_request(self, request: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self._call(request)
        # Inside a trigger's own event loop a second one can't run on this thread.
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(self._call(request)))
        thread.start()
        thread.join()
        return answers[0]

    def _call(self, request: Any) -> Any:
        loop = self._start()
        body = request.read()
        answer: dict[str, Any] = {}
        chunks: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        loop.run_until_complete(self._app(self._scope(request), receive, send))
        return httpx.Response(answer["status"], headers=answer["headers"], stream=Body(b"".join(chunks)))

    def _start(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._loop_owner != os.getpid():
            # A loop that came with the fork shares its kernel objects with every other child.
            self._loop, self._loop_owner = asyncio.new_event_loop(), os.getpid()
        if self._lifespan is None:
            # Kept: when it is garbage-collected the shutdown half of the lifespan runs, and every later
            # request fails.
            self._lifespan = self._app.router.lifespan_context(self._app)
            self._state = self._loop.run_until_complete(self._lifespan.__aenter__()) or {}
        return self._loop

    def _scope(self, request: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.url.path,
            "raw_path": request.url.raw_path.split(b"?")[0],
            "root_path": "",
            "query_string": request.url.query,
            "headers": [(key.lower(), value) for key, value in request.headers.raw],
            "server": ("in-process", 80),
            "client": ("127.0.0.1", 1),
            "state": dict(self._state),
        }


class Body(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
