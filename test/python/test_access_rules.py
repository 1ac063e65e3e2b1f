"""Who is let in to the UI and the API, with every way in that was thought of."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest

from airflow_devenv import access_rules
from airflow_devenv.access_rules import AccessRules, Decision, RequestFacts, Verdict
from airflow_devenv.access_settings import AccessSettings, take_access_settings

KEY, PORT, NOW = "c0ffee" * 10, 8080, 1_000_000.0
HOST = ("host", f"127.0.0.1:{PORT}")
SETTINGS = AccessSettings(KEY, PORT, host="shop-0a1b2c3d4e.localhost", session="one life")


def rules(**values: Any) -> AccessRules:
    return AccessRules(SETTINGS, now=lambda: NOW, **values)


def facts(path: str, *headers: tuple[str, str], method: str = "GET", query: str = "") -> RequestFacts:
    return RequestFacts(method, path, query, (HOST, *headers))


def ticket(*, key: str = KEY, expiry: object = int(NOW) + 60, nonce: str = "abc123") -> str:
    signed = f"{expiry}.{nonce}"
    return f"{signed}.{hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()}"


def bearer(token: str) -> tuple[str, str]:
    return ("authorization", f"Bearer {token}")


def cookie(value: str | None = None, port: int = PORT) -> tuple[str, str]:
    return ("cookie", f"airflow_devenv_{port}={rules().cookie_value if value is None else value}")


def enter(query: str, access: AccessRules | None = None, *headers: tuple[str, str]) -> Decision:
    return (access or rules()).decide(facts("/devenv/enter", *headers, query=query))


@pytest.mark.parametrize("path", ["/", "/api/v2/dags", "/auth/token", "/auth/token/login", "/static/a.js"])
def test_without_permission_nothing_is_shown(path: str) -> None:
    assert rules().decide(facts(path)).verdict is Verdict.REFUSE


@pytest.mark.parametrize("path", ["/health", "/api/v2/monitor/health", "/api/v2/version"])
def test_health_and_version_are_free(path: str) -> None:
    assert rules().decide(facts(path)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "path",
    [
        "/execution/task-instances/1/run",
        "/execution/health",
    ],
)
def test_tasks_show_tokens_of_their_own(path: str) -> None:
    assert rules().decide(facts(path)).verdict is Verdict.PASS
    assert rules(has_execution_api=False).decide(facts(path)).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    "path",
    [
        "//api/v2/dags",
        "//health",
        "/health/",
        "/health/../home",
        "/HEALTH",
        "/execution",
        "/executions/x",
        "/execution/../api/v2/dags",
        "/execution/./x",
        "/execution//../api",
        "/execution//x",
        "/execution/..\\api",
        "/api/v2/monitor/health/../dags",
        "/api/v2/monitor/health\x00",
        "/api/v2/monitor/healthz",
        "/devenv/enter/",
        "/devenv/../health",
    ],
)
def test_a_path_that_only_looks_free_is_not(path: str) -> None:
    assert rules().decide(facts(path)).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    "host",
    [
        "evil.com:8080",
        "evil.com",
        "shop.localhost:8080",
        "shop-0a1b2c3d4e.localhost",
        "x.shop-0a1b2c3d4e.localhost:8080",
        "127.0.0.1",
        "127.0.0.1:8081",
        "127.0.0.1:80800",
        "127.0.0.1:8080.evil.com",
        "evil.com@127.0.0.1:8080",
        "localhost.:8080",
        "0.0.0.0:8080",
        "[::1]:8080",
        "",
    ],
)
def test_another_host_name_is_refused_whatever_it_shows(host: str) -> None:
    for path in ("/", "/health"):
        request = RequestFacts("GET", path, "", (("host", host), bearer(KEY), cookie()))
        assert rules().decide(request).status == 421


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1:8080", "evil.com"], ["127.0.0.1:8080"] * 2])
def test_there_must_be_one_host(hosts: list[str]) -> None:
    headers = (*(("host", each) for each in hosts), bearer(KEY))
    assert rules().decide(RequestFacts("GET", "/", "", headers)).status == 421


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost:8080", "LocalHost:8080", "shop-0a1b2c3d4e.localhost:8080"]
)
def test_names_of_this_machine_are_fine(host: str) -> None:
    request = RequestFacts("GET", "/", "", (("Host", host), bearer(KEY), ("Origin", f"http://{host}")))
    assert rules().decide(request).verdict is Verdict.PASS_AS_ADMIN


def test_browsers_leave_port_80_out() -> None:
    request = RequestFacts("GET", "/health", "", (("host", "localhost"), ("origin", "http://localhost")))
    assert AccessRules(AccessSettings(KEY, 80)).decide(request).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.com",
        "null",
        "",
        "http://127.0.0.1:8081",
        "http://127.0.0.1",
        "https://127.0.0.1:8080",
        "http://127.0.0.1:8080.evil.com",
    ],
)
def test_pages_of_another_origin_are_refused(origin: str) -> None:
    for method in ("GET", "POST"):
        request = facts("/api/v2/dags", ("origin", origin), bearer(KEY), cookie(), method=method)
        assert rules().decide(request).verdict is Verdict.REFUSE
    assert enter(f"ticket={ticket()}", None, ("origin", origin)).verdict is Verdict.REFUSE


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_access_key_lets_in_as_admin(scheme: str) -> None:
    request = facts("/api/v2/dags", ("Authorization", f"{scheme}  {KEY} "))
    assert rules().decide(request).verdict is Verdict.PASS_AS_ADMIN


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer{KEY}"])
def test_what_is_no_bearer_token_is_no_permission(value: str) -> None:
    assert rules().decide(facts("/", ("authorization", value))).verdict is Verdict.REFUSE


@pytest.mark.parametrize("token", [KEY[:-1], KEY + "0", KEY.upper(), "ü" * 60, "\udcff", f"{KEY} {KEY}"])
def test_another_token_is_asked_of_airflow(token: str) -> None:
    decision = rules().decide(facts("/api/v2/dags", bearer(token)))
    assert (decision.verdict, decision.token) == (Verdict.ASK_AIRFLOW, token)


def test_two_authorizations_are_none() -> None:
    """Airflow would take the first, or the last."""
    assert rules().decide(facts("/", bearer(KEY), bearer("x"))).verdict is Verdict.REFUSE
    assert rules().decide(facts("/", bearer("x"), bearer(KEY))).verdict is Verdict.REFUSE


def test_the_cookie_lets_in() -> None:
    assert rules().decide(facts("/", cookie())).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "before", ["a=b; ", "airflow_devenv_8081=x;", "airflow_devenv_8080=wrong; ", "broken; "]
)
def test_it_is_found_among_others(before: str) -> None:
    name, value = cookie()
    assert rules().decide(facts("/", (name, before + value + "; z=1"))).verdict is Verdict.PASS
    assert rules().decide(facts("/", (name, before), (name, value))).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "value", ["", "0", KEY, AccessRules(replace(SETTINGS, key="other" * 10)).cookie_value, "ü"]
)
def test_another_cookie_does_not(value: str) -> None:
    assert rules().decide(facts("/", cookie(value))).verdict is Verdict.REFUSE


def test_the_cookie_of_another_port_or_name_does_not() -> None:
    value = rules().cookie_value
    other_name = (
        "cookie",
        f"airflow_devenv={value}; xairflow_devenv_8080={value}; airflow_devenv_8080x={value}",
    )
    assert rules().decide(facts("/", other_name)).verdict is Verdict.REFUSE
    assert rules().decide(facts("/", cookie(port=8081))).verdict is Verdict.REFUSE
    assert AccessRules(replace(SETTINGS, port=8081)).cookie_value != value


def test_a_ticket_lets_in_once() -> None:
    access = rules()
    assert enter(f"ticket={ticket()}", access) == Decision(Verdict.ENTER, to="/")
    assert enter(f"ticket={ticket()}", access).verdict is Verdict.REFUSE
    assert enter(f"ticket={ticket(nonce='other')}", access).verdict is Verdict.ENTER


def test_who_has_the_cookie_needs_no_ticket() -> None:
    assert enter("to=/dags", None, cookie()) == Decision(Verdict.ENTER, to="/dags")


@pytest.mark.parametrize(
    "given",
    [
        ticket(key="another"),
        ticket(expiry=int(NOW) - 1),
        ticket(expiry="0"),
        ticket(expiry="-1"),
        ticket(expiry="1e9"),
        ticket(expiry="9" * 40),
        ticket(expiry="१२३४५६७८९"),
        ticket(nonce=""),
        ticket(nonce="a.b"),
        ticket()[:-1],
        ticket() + "0",
        ticket().upper(),
        ticket().replace("abc123", "abc124"),
        ticket().replace(str(int(NOW) + 60), str(int(NOW) + 600)),
        f"{int(NOW) + 60}.abc123.",
        f"{int(NOW) + 60}.abc123",
        "",
        "..",
        "%00",
        KEY,
    ],
)
def test_a_ticket_that_is_not_ours_does_not(given: str) -> None:
    assert enter(f"ticket={given}").verdict is Verdict.REFUSE


@pytest.mark.parametrize("query", ["", "to=/", f"ticket={ticket()}&ticket={ticket()}", f"Ticket={ticket()}"])
def test_there_must_be_one_ticket(query: str) -> None:
    assert enter(query).verdict is Verdict.REFUSE


def test_only_get_shows_a_ticket() -> None:
    access = rules()
    for method in ("POST", "HEAD", "OPTIONS"):
        request = facts("/devenv/enter", cookie(), method=method, query=f"ticket={ticket()}")
        assert access.decide(request).status == 405
    assert enter(f"ticket={ticket()}", access).verdict is Verdict.ENTER


@pytest.mark.parametrize("to", ["/", "/dags", "/dags/x%3Fa=1%26b=2", "/a%2F%2Fb", "/%C3%BC", "/dags#runs"])
def test_it_leads_to_a_path_of_this_site(to: str) -> None:
    assert enter(f"ticket={ticket()}&to={to}").verdict is Verdict.ENTER


@pytest.mark.parametrize(
    "to",
    [
        "//evil",
        "%2F%2Fevil",
        "/%5Cevil",
        "/\\evil",
        "\\\\evil",
        "https://evil",
        "javascript:alert(1)",
        "evil",
        "",
        "/%0D%0ASet-Cookie:x",
        "/%00",
        "/%09/evil",
        "/a%5C..%5Cb",
        "%20//evil",
        "/a&to=//evil",
    ],
)
def test_and_never_to_another(to: str) -> None:
    access = rules()
    assert enter(f"ticket={ticket()}&to={to}", access).status == 400
    # The ticket is not spent on it.
    assert enter(f"ticket={ticket()}", access).verdict is Verdict.ENTER


def test_secrets_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append((given, expected))
        return given == expected

    monkeypatch.setattr(access_rules.hmac, "compare_digest", compare)  # type: ignore[attr-defined]
    rules().decide(facts("/", bearer("token"), cookie("biscuit")))
    enter(f"ticket={ticket(key='another')}")
    given = [each[0] for each in compared]
    assert b"token" in given
    assert b"biscuit" in given
    assert len(given[-1]) == 64


def test_a_cookie_is_good_for_one_life_of_the_stack() -> None:
    value = rules().cookie_value
    later = AccessRules(replace(SETTINGS, session="another life"))
    assert later.decide(facts("/", cookie(value))).verdict is Verdict.REFUSE
    assert AccessRules(SETTINGS).decide(facts("/", cookie(value))).verdict is Verdict.PASS


def test_settings_are_taken_out_of_the_environment() -> None:
    environ = {
        "AIRFLOW_DEVENV_ACCESS_KEY": KEY,
        "AIRFLOW_DEVENV_UI_HOST": "a.localhost",
        "AIRFLOW_DEVENV_UI_SESSION": "life",
        "AIRFLOW_DEVENV_UI_SINCE": "17",
        "HOME": "/home",
    }
    assert take_access_settings(environ, 81) == AccessSettings(KEY, 81, "a.localhost", "life", 17)
    assert environ == {"HOME": "/home"}
    assert take_access_settings(environ, 81) is None
