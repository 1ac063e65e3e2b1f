"""Requests of an ASGI application in this process, which has no thread and no event loop before and after."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any


class AsgiCalls:
    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        # Kept: when it is garbage-collected, the shutdown half of the lifespan runs.
        self._lifespan = app.router.lifespan_context(app)
        self._state = self._loop.run_until_complete(self._lifespan.__aenter__()) or {}

    def call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> int:
        """The status of the answer."""
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"host": "127.0.0.1", "content-type": "application/json", **headers}
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
            "state": dict(self._state),
        }
        self._loop.run_until_complete(self._app(scope, receive, send))
        return statuses[0] if statuses else 0

    def close(self, dispose: Callable[[], Awaitable[None]]) -> None:
        """`dispose` is run in the loop, last."""
        self._loop.run_until_complete(self._lifespan.__aexit__(None, None, None))
        self._loop.run_until_complete(dispose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        asyncio.set_event_loop(None)
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join(3)
