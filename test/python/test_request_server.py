"""What the preloaded process makes of what is no request."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from fake_services import event_loop, turn_until

from airflow_devenv.request_server import RequestServer


def test_a_line_that_is_no_request_ends_its_own_connection_only(tmp_path: Path) -> None:
    path = str(tmp_path / "r.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    line: Any = None
    with event_loop() as loop:
        server = RequestServer(
            loop,
            listener,
            lambda *_: 0,
            use_spares=False,
            line=line,
            on_stop=lambda: None,
            is_busy=lambda: False,
        )
        server.accept_clients(True)

        def ask(text: bytes) -> dict[str, Any]:
            client = socket.socket(socket.AF_UNIX)
            loop.own(client)
            client.connect(path)
            client.sendall(text)
            client.setblocking(False)
            received: list[bytes] = []

            def look() -> None:
                try:
                    received.append(client.recv(65536))
                except BlockingIOError:
                    return

            turn_until(loop, lambda: received, look)
            loop.close(client)
            answer: dict[str, Any] = json.loads(received[0])
            return answer

        for text in (b"nonsense\n", b"[]\n", b"[" * 100_000 + b"\n", b"\xff\n"):
            assert ask(text)["code"] == "bad_request"
        assert ask(b'{"kind": "ping"}\n')["event"] == "pong"
        assert server.clients == 0
