"""The access rules in front of Airflow's web application: ASGI on Airflow 3, WSGI on Airflow 2."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any, Protocol

from airflow_devenv.access_rules import AccessRules, Decision, RequestFacts, Verdict, refusal
from airflow_devenv.access_settings import AccessSettings
from airflow_devenv.lines import access

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
AsgiApplication = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: WebSocket's code for "policy violation".
POLICY_VIOLATION = 1008


class Tokens(Protocol):
    """Tokens of Airflow's own."""

    def admin_token(self) -> str: ...

    async def is_valid(self, token: str, since: int) -> bool: ...


class AirflowTokens:
    """Made anew for each request, as Airflow's own middleware does: it takes 0.1 ms, and whoever visits
    `/auth/logout` revokes the one that was used."""

    def admin_token(self) -> str:
        return access.admin_token()

    async def is_valid(self, token: str, since: int) -> bool:
        return await access.is_valid_token(token, since)


def protect_asgi(
    app: AsgiApplication, settings: AccessSettings, tokens: Tokens | None = None
) -> AsgiApplication:
    """The application, for requests with permission."""
    rules = AccessRules(settings)
    airflow = tokens or AirflowTokens()

    async def protected(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            # `lifespan`: the server's own, not a request.
            await app(scope, receive, send)
            return
        request = _facts_of_scope(scope)
        decision = rules.decide(request)
        if decision.verdict is Verdict.ASK_AIRFLOW:
            valid = await airflow.is_valid(decision.token, settings.since)
            decision = Decision(Verdict.PASS) if valid else refusal()
        if decision.verdict is Verdict.PASS_AS_ADMIN:
            scope = {**scope, "headers": _as_admin(scope["headers"], airflow.admin_token())}
        if decision.verdict in (Verdict.PASS, Verdict.PASS_AS_ADMIN):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Before it was accepted: the server answers 403.
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await _send_answer(send, *_answer(rules, request, decision))

    return protected


def protect_wsgi(app: WsgiApplication, settings: AccessSettings) -> WsgiApplication:
    """The application, for requests with permission; everybody there is the admin."""
    rules = AccessRules(settings, has_execution_api=False)
    access.name_session(app, settings.port)

    def protected(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = _facts_of_environ(environ)
        decision = rules.decide(request)
        if decision.verdict is Verdict.ASK_AIRFLOW:
            decision = refusal()
        if decision.verdict is Verdict.PASS_AS_ADMIN:
            # Airflow must not take our key for a credential of its own.
            environ = {name: value for name, value in environ.items() if name != "HTTP_AUTHORIZATION"}
        if decision.verdict in (Verdict.PASS, Verdict.PASS_AS_ADMIN):
            return app(environ, start_response)
        status, headers, body = _answer(rules, request, decision)
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    return protected


def _facts_of_scope(scope: Scope) -> RequestFacts:
    headers = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    return RequestFacts(
        method=scope.get("method", "GET"),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=tuple(headers),
    )


def _facts_of_environ(environ: dict[str, Any]) -> RequestFacts:
    headers = (
        (name[len("HTTP_") :].replace("_", "-").lower(), str(value))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    )
    return RequestFacts(
        method=environ["REQUEST_METHOD"],
        path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
        query=environ.get("QUERY_STRING", ""),
        headers=tuple(headers),
    )


def _as_admin(headers: Iterable[tuple[bytes, bytes]], token: str) -> list[tuple[bytes, bytes]]:
    others = [(name, value) for name, value in headers if name.lower() != b"authorization"]
    return [*others, (b"authorization", f"Bearer {token}".encode())]


def _answer(
    rules: AccessRules, request: RequestFacts, decision: Decision
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of what is answered in the application's place."""
    # The address holds the ticket: nobody else is told it.
    common = [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
    if decision.verdict is Verdict.ENTER:
        cookie = f"{rules.cookie_name}={rules.cookie_value}; Path=/; HttpOnly; SameSite=Strict"
        body = _page_to(decision.to)
        headers = [*_html_headers(body), ("Set-Cookie", cookie)]
        return 200, [*common, *headers], body
    wants_page = any("text/html" in each for each in request.header("accept"))
    body = (_page if wants_page else _text)(decision.why)
    kind = "text/html" if wants_page else "text/plain"
    headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
    return decision.status, [*common, *headers], body


def _html_headers(body: bytes) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", "default-src 'none'"),
    ]


def _page_to(path: str) -> bytes:
    """Leads on to a page of this site. No redirect: the way here began in a page of no site (the file that
    `devenv open` writes), and a browser sends a `SameSite=Strict` cookie only where the last step began on this
    one."""
    target = html.escape(_ascii_path(path))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f'<meta http-equiv=refresh content="0;url={target}"><title>airflow-devenv</title>'
        f'<p><a href="{target}">Airflow</a></html>\n'
    ).encode()


def _ascii_path(path: str) -> str:
    """Characters beyond ASCII, percent-encoded."""
    return "".join(
        each if each.isascii() else "".join(f"%{byte:02X}" for byte in each.encode()) for each in path
    )


def _text(why: str) -> bytes:
    return f"{why}\nOpen this with `devenv open`; scripts ask with `devenv api`.\n".encode()


def _page(why: str) -> bytes:
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>airflow-devenv</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:36em;padding:0 1em;"
        "color-scheme:light dark}</style>"
        f"<h1>{html.escape(why)}</h1><p>Open this with <code>devenv open</code>.</p>"
        "<p>Scripts ask with <code>devenv api</code>.</p></html>\n"
    ).encode()


async def _send_answer(send: Send, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
