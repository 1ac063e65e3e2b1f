"""The access rules in front of a web application."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from airflow_devenv.access_control import protect_asgi, protect_wsgi
from airflow_devenv.access_rules import AccessRules
from airflow_devenv.access_settings import AccessSettings

KEY, PORT = "c0ffee" * 10, 8080
HOST = ("host", f"127.0.0.1:{PORT}")
SETTINGS = AccessSettings(KEY, PORT, session="one life", since=123)


def bearer(token: str) -> tuple[str, str]:
    return ("authorization", f"Bearer {token}")


def cookie() -> tuple[str, str]:
    return ("cookie", f"airflow_devenv_{PORT}={AccessRules(SETTINGS).cookie_value}")


class FakeTokens:
    def admin_token(self) -> str:
        return "admin-jwt"

    async def is_valid(self, token: str, since: int) -> bool:
        return token == "airflow-jwt" and since == SETTINGS.since


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send({"reached": scope})


def asgi(path: str, *headers: tuple[str, str], kind: str = "http", query: str = "") -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    scope: dict[str, Any] = {"type": kind}
    if kind != "lifespan":
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        scope.update(path=path, query_string=query.encode(), headers=raw)
    if kind == "http":
        scope["method"] = "GET"
    asyncio.run(protect_asgi(application, SETTINGS, FakeTokens())(scope, receive, send))
    return sent


def authorization(sent: list[Any]) -> list[bytes]:
    return [value for name, value in sent[0]["reached"]["headers"] if name.lower() == b"authorization"]


def test_the_servers_own_messages_go_through() -> None:
    assert asgi("", kind="lifespan") == [{"reached": {"type": "lifespan"}}]


def test_the_access_key_becomes_an_admins_token() -> None:
    sent = asgi("/api/v2/dags", HOST, ("Authorization", f"Bearer {KEY}"))
    assert authorization(sent) == [b"Bearer admin-jwt"]


def test_a_token_of_airflow_is_left_as_it_is() -> None:
    assert authorization(asgi("/api/v2/dags", HOST, bearer("airflow-jwt"))) == [b"Bearer airflow-jwt"]


def test_any_other_token_is_refused_before_airflow_sees_it() -> None:
    """With all admins, `/auth/token` asks for nothing at all."""
    assert asgi("/auth/token", HOST, bearer("forged"))[0]["status"] == 403


def test_a_page_tells_how_to_get_in() -> None:
    start, body = asgi("/", HOST, ("accept", "text/html,*/*"))
    headers = dict(start["headers"])
    assert (start["status"], headers[b"content-type"]) == (403, b"text/html; charset=utf-8")
    assert headers[b"cache-control"] == b"no-store"
    assert int(headers[b"content-length"]) == len(body["body"])
    assert b"devenv open" in body["body"]
    assert b"devenv api" in asgi("/", HOST)[1]["body"]


def test_a_websocket_needs_permission_too() -> None:
    assert asgi("/ws", HOST, kind="websocket") == [{"type": "websocket.close", "code": 1008}]
    assert "reached" in asgi("/ws", HOST, cookie(), kind="websocket")[0]
    origin = ("origin", "http://evil.com")
    assert asgi("/ws", HOST, cookie(), origin, kind="websocket")[0]["type"] == "websocket.close"


def current_ticket() -> str:
    signed = "9999999999.abc"
    return f"{signed}.{hmac.new(KEY.encode(), signed.encode(), hashlib.sha256).hexdigest()}"


def test_a_ticket_becomes_a_cookie() -> None:
    start, body = asgi("/devenv/enter", HOST, query=f"ticket={current_ticket()}&to=/%C3%BC?a=1%26b=%22")
    headers = dict(start["headers"])
    assert start["status"] == 200
    # No redirect: after one a browser that comes from a file would not send the cookie.
    assert b"location" not in headers
    assert b'content="0;url=/%C3%BC?a=1&amp;b=&quot;"' in body["body"]
    given = headers[b"set-cookie"].decode()
    assert given.endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert KEY not in given
    assert "reached" in asgi("/", HOST, ("cookie", given.partition(";")[0]))[0]


def wsgi(path: str, **environ: str) -> tuple[str, dict[str, str], list[bytes]]:
    answer: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Authorization", environ.get("HTTP_AUTHORIZATION", "none"))])
        return [b"reached"]

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        answer.extend([status, dict(headers)])

    given = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "localhost:8080", **environ}
    body = list(protect_wsgi(app, SETTINGS)(given, start_response))
    return answer[0], answer[1], body


def test_wsgi_has_the_same_rules() -> None:
    assert wsgi("/home")[0] == "403 Forbidden"
    assert wsgi("/home", HTTP_HOST="evil.com:8080")[0].startswith("421 ")
    assert wsgi("/health")[0] == "200 OK"
    assert wsgi("/execution/x")[0] == "403 Forbidden"
    assert wsgi("/home", HTTP_COOKIE=cookie()[1])[2] == [b"reached"]
    assert wsgi("/home", HTTP_COOKIE=cookie()[1], HTTP_ORIGIN="null")[0] == "403 Forbidden"
    status, headers, body = wsgi("/devenv/enter", QUERY_STRING=f"ticket={current_ticket()}&to=/home")
    assert (status, headers["Content-Security-Policy"]) == ("200 OK", "default-src 'none'")
    assert b"url=/home" in b"".join(body)


def test_airflow_2_never_sees_the_access_key() -> None:
    assert wsgi("/api/v1/dags", HTTP_AUTHORIZATION=f"Bearer {KEY}")[1] == {"Authorization": "none"}


def test_airflow_2_has_no_tokens_of_its_own() -> None:
    assert wsgi("/api/v1/dags", HTTP_AUTHORIZATION="Bearer x")[0] == "403 Forbidden"


def test_two_projects_do_not_share_a_session() -> None:
    class Flask:
        def __init__(self) -> None:
            self.config: dict[str, str] = {}

        def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
            return []

    app = Flask()
    protect_wsgi(app, SETTINGS)
    assert app.config == {"SESSION_COOKIE_NAME": "session_8080"}
