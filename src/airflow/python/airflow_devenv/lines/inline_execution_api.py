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
import importlib
import inspect
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from airflow_devenv.contract.accelerators import GuardedPatches, accelerate, either, give_up, may_use
from airflow_devenv.lines.patches import Patches


def install_inline_execution_api() -> bool:
    """False where it is left out: Airflow's own API is used then, and this process can't be forked after a run."""
    is_inline = accelerate(INLINE, _answer_inline)
    accelerate("dependencies_once3", _analyse_dependencies_once)
    accelerate("one_client3", _keep_client)
    return is_inline


def _answer_inline(patches: GuardedPatches) -> None:
    import airflow.sdk.execution_time.supervisor as supervisor

    leave_version_migration_out(patches)
    app = _build().app

    def stock_transport() -> Any:
        """As if nothing had been replaced: it must not be this application that answers."""
        patches.undo()
        _forget_asynchronous_connections()
        return supervisor.in_process_api_server().transport

    # The class has slots and builds its own transport with a thread, so a stand-in with the two attributes
    # that the supervisor reads takes its place.
    api = SimpleNamespace(app=app, transport=InlineTransport(app, functools.cache(stock_transport)))
    patches.put(supervisor, "in_process_api_server", lambda: api)
    _run_inline_instead_of_in_threads(patches)


def _build() -> Any:
    import airflow.api_fastapi.execution_api.app as execution_app

    make = execution_app.InProcessExecutionAPI
    return make(app=_built[make]) if make in _built else make()


def _forget_asynchronous_connections() -> None:
    """They belong to the event loop of this thread, and another one is to use the engine."""
    from airflow import settings

    engine = getattr(settings, "async_engine", None)
    if engine is not None:
        engine.sync_engine.dispose(close=False)


def _keep_client(patches: GuardedPatches) -> None:
    """One client and one bag of serialized DAGs for a whole run; Airflow makes both for each task."""
    import airflow.sdk.execution_time.supervisor as supervisor

    make = supervisor.InProcessTestSupervisor._api_client
    clients: dict[str | None, Any] = {}

    def api_client(dag: Any = None, *arguments: Any, **keywords: Any) -> Any:
        if arguments or keywords:
            # Since 3.4 for one attempt of a task.
            return make(dag, *arguments, **keywords)
        key = None if dag is None else dag.dag_id
        if key not in clients:
            clients[key] = make(dag)
        return clients[key]

    patches.put(supervisor.InProcessTestSupervisor, "_api_client", staticmethod(api_client))


def _run_inline_instead_of_in_threads(patches: GuardedPatches) -> None:
    import fastapi.dependencies.utils
    import fastapi.routing
    import starlette.concurrency
    import starlette.routing

    async def run_inline(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    for module in (fastapi.dependencies.utils, fastapi.routing, starlette.concurrency, starlette.routing):
        if hasattr(module, "run_in_threadpool"):
            patches.put(module, "run_in_threadpool", run_inline)
    if hasattr(fastapi.dependencies.utils, "contextmanager_in_threadpool"):
        patches.put(fastapi.dependencies.utils, "contextmanager_in_threadpool", InlineContextManager)


def _analyse_dependencies_once(patches: GuardedPatches) -> None:
    """FastAPI takes an overridden dependency's signature apart again for every request: 15 % of a short task."""
    import fastapi.dependencies.utils as dependencies

    known: dict[Any, Any] = {}

    def once(original: Callable[..., Any]) -> Callable[..., Any]:
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

        return get_dependant

    patches.wrap(dependencies, "get_dependant", once)


class InlineContextManager:
    """FastAPI wraps dependencies that are synchronous generators with this."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        return self._manager.__enter__()

    async def __aexit__(self, *details: Any) -> Any:
        return self._manager.__exit__(*details)


def leave_version_migration_out(patches: Patches) -> None:
    """Every such API of this process is built plainly from here on. Raises ImportError or AttributeError."""
    import airflow.api_fastapi.execution_api.app as execution_app
    import fastapi
    from airflow.api_fastapi.common.exceptions import init_error_handlers
    from airflow.api_fastapi.execution_api.routes import execution_api_router

    takes_bag = "dag_bag" in inspect.signature(execution_app.create_task_execution_api_app).parameters

    # Before 3.3 there is no argument, and the module's own lifespan is meant.
    def create_task_execution_api_app(lifespan: Any = execution_app.lifespan, *, dag_bag: Any = None) -> Any:
        app = fastapi.FastAPI(lifespan=lifespan, openapi_url=None)
        app.include_router(execution_api_router)
        init_error_handlers(app)
        if takes_bag:
            from airflow.api_fastapi.common.dagbag import create_dag_bag

            app.state.dag_bag = create_dag_bag() if dag_bag is None else dag_bag
        return app

    patches.put(execution_app, "create_task_execution_api_app", create_task_execution_api_app)


def client_library() -> Any:
    """The one whose client the tasks' requests are made with: `httpx`, since 3.4 `httpx2`."""
    from airflow.sdk.api.client import Client

    base = next(each for each in Client.__mro__ if each.__module__.partition(".")[0].startswith("httpx"))
    return importlib.import_module(base.__module__.partition(".")[0])


def take_newest_version() -> None:
    """What the migration between versions would have chosen for this request: since 3.4 routes ask for it."""
    try:
        from airflow.api_fastapi.execution_api.versions import bundle

        bundle.api_version_var.set(bundle.versions[0].value)
    except (ImportError, AttributeError):
        return


def build_ahead() -> None:
    """The application of the tasks' API for all that is forked from here; opens nothing."""
    import airflow.api_fastapi.execution_api.app as execution_app

    if not may_use(AHEAD):
        return
    patches = Patches()
    try:
        leave_version_migration_out(patches)
        make = execution_app.InProcessExecutionAPI
        app = make().app
        make(app=app)
        _built[make] = app
    except Exception as error:  # noqa: BLE001 - each service builds it itself
        give_up(AHEAD, error)
    finally:
        patches.undo()


def use_built_ahead() -> None:
    """Every such API of this process is the one that was built ahead, or else is built plainly."""
    if may_use(AHEAD):
        accelerate(AHEAD, _use_built_ahead)


def _use_built_ahead(patches: GuardedPatches) -> None:
    import airflow.api_fastapi.execution_api.app as execution_app

    make = execution_app.InProcessExecutionAPI
    if make in _built:
        patches.put(execution_app, "InProcessExecutionAPI", functools.partial(make, app=_built[make]))
    else:
        leave_version_migration_out(patches)


INLINE, AHEAD = "inline_api3", "api_built_ahead3"
#: The application by the class that it was made by.
_built: dict[Any, Any] = {}


class InlineTransport:
    """What a synchronous client asks: a transport of `httpx`, or of what took its place."""

    def __init__(self, app: Any, stock: Callable[[], Any]) -> None:
        """`stock`: the transport that Airflow would make, with its thread."""
        self._app = app
        self._library = client_library()
        self._stock = stock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_owner = 0
        self._lifespan: Any = None
        self._state: dict[str, Any] = {}

    def __enter__(self) -> InlineTransport:
        return self

    def __exit__(self, *_details: object) -> None: ...

    def close(self) -> None:
        """It goes on with the next client."""

    def handle_request(self, request: Any) -> Any:
        return either(INLINE, lambda: self._handle(request), lambda: self._stock().handle_request(request))

    def _handle(self, request: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self._call(request)
        # Inside a trigger's own event loop a second one can't run on this thread.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(self._call, request).result()

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

        take_newest_version()
        loop.run_until_complete(self._app(self._scope(request), receive, send))
        return self._library.Response(answer["status"], headers=answer["headers"], content=b"".join(chunks))

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
