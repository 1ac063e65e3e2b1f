"""Who may see the UI and the API of a project: the rules, without a web server.

Everything listens on 127.0.0.1, where other users of the machine and the pages of other sites, through a
browser, can reach it too. A person's browser is let in once by a ticket that only their own `devenv` can make, and
remembered by a cookie; scripts send the access key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qs

from airflow_devenv.access_settings import AccessSettings

ENTER_PATH = "/devenv/enter"
#: Answered to everybody: whether this Airflow is healthy, and which it is.
OPEN_PATHS = frozenset({"/health", "/api/v2/monitor/health", "/api/v2/version"})
#: Tasks of Airflow 3 speak to it with tokens of their own, each for its own task only.
EXECUTION_PREFIX = "/execution/"
#: A path of this site, and no more: browsers take `//` and `/\\` for the begin of another site's address.
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
TICKET = re.compile(r"(\d{1,12})\.([0-9A-Za-z_-]{1,128})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class RequestFacts:
    """What the rules look at. Header names are lower-case; a header that was sent twice is there twice."""

    method: str
    #: Percent-decoded: the very text by which the application finds its route.
    path: str
    #: As sent, without the question mark.
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


class Verdict(Enum):
    #: To the application as it is.
    PASS = "pass"
    #: The access key was shown: to the application as the admin.
    PASS_AS_ADMIN = "pass_as_admin"
    #: Whatever the application's own token in `token` is worth.
    ASK_AIRFLOW = "ask_airflow"
    #: Set the cookie and go to `to`.
    ENTER = "enter"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    token: str = ""
    to: str = "/"
    #: Of a refusal: HTTP status and a sentence for the person.
    status: int = 403
    why: str = ""


@dataclass
class AccessRules:
    """The rules for one stack."""

    settings: AccessSettings
    #: Airflow 3: tasks speak to this application too.
    has_execution_api: bool = True
    now: Callable[[], float] = time.time
    #: Tickets that were used already, with their expiry.
    _used: dict[str, int] = field(default_factory=dict)

    @property
    def cookie_name(self) -> str:
        """Browsers send a cookie to every port of a host: where two projects share one they need two names."""
        return f"airflow_devenv_{self.settings.port}"

    @property
    def cookie_value(self) -> str:
        """Good for one life of the stack: another program may listen on its port afterwards."""
        return _signature(self.settings.key, f"cookie {self.settings.port} {self.settings.session}")

    def decide(self, request: RequestFacts) -> Decision:
        return (
            self._refuse_foreign(request)
            or self._enter(request)
            or self._by_access_key(request)
            or self._by_cookie(request)
            or self._without_permission(request)
        )

    def _refuse_foreign(self, request: RequestFacts) -> Decision | None:
        """A site whose name leads to 127.0.0.1 (DNS rebinding), or whose page sends requests here."""
        hosts = request.header("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._own_hosts():
            return Decision(
                Verdict.REFUSE,
                status=421,
                why=f"This is http://127.0.0.1:{self.settings.port}, nothing else.",
            )
        origins = {f"http://{each}" for each in self._own_hosts()}
        if any(each.lower() not in origins for each in request.header("origin")):
            return Decision(Verdict.REFUSE, why="Pages of other sites may not send requests here.")
        return None

    def _own_hosts(self) -> set[str]:
        names = {"127.0.0.1", "localhost", self.settings.host}
        hosts = {f"{name}:{self.settings.port}" for name in names}
        return hosts | names if self.settings.port == 80 else hosts

    def _enter(self, request: RequestFacts) -> Decision | None:
        if request.path != ENTER_PATH:
            return None
        if request.method != "GET":
            return Decision(Verdict.REFUSE, status=405, why="A ticket is shown by GET.")
        given = parse_qs(request.query, keep_blank_values=True)
        to = given.get("to", ["/"])
        if len(to) != 1 or OWN_PATH.fullmatch(to[0]) is None:
            return Decision(Verdict.REFUSE, status=400, why="`to` must be a path of this site.")
        tickets = given.get("ticket", [])
        # The cookie is looked at first, so that a reload of the page does not spend a ticket or need one.
        if self._by_cookie(request) is None and (len(tickets) != 1 or not self._use(tickets[0])):
            return Decision(Verdict.REFUSE, why="This ticket is not valid, or no longer.")
        return Decision(Verdict.ENTER, to=to[0])

    def _use(self, ticket: str) -> bool:
        now = self.now()
        self._used = {each: expiry for each, expiry in self._used.items() if expiry >= now}
        match = TICKET.fullmatch(ticket)
        if match is None:
            return False
        expiry, nonce, signature = match.groups()
        if not _same(signature, _signature(self.settings.key, f"{expiry}.{nonce}")):
            return False
        if int(expiry) < now or ticket in self._used:
            return False
        self._used[ticket] = int(expiry)
        return True

    def _by_access_key(self, request: RequestFacts) -> Decision | None:
        token = bearer_token(request)
        if token is not None and _same(token, self.settings.key):
            return Decision(Verdict.PASS_AS_ADMIN)
        return None

    def _by_cookie(self, request: RequestFacts) -> Decision | None:
        values = list(_cookies(request.header("cookie"), self.cookie_name))
        if any(_same(each, self.cookie_value) for each in values):
            return Decision(Verdict.PASS)
        return None

    def _without_permission(self, request: RequestFacts) -> Decision:
        if request.path in OPEN_PATHS or (self.has_execution_api and is_execution_path(request.path)):
            return Decision(Verdict.PASS)
        token = bearer_token(request)
        if token is not None:
            return Decision(Verdict.ASK_AIRFLOW, token=token)
        return refusal()


def refusal() -> Decision:
    return Decision(Verdict.REFUSE, why="This Airflow is personal.")


def is_execution_path(path: str) -> bool:
    """Of the Execution API and nothing that some part of the way might make into another path."""
    if not path.startswith(EXECUTION_PREFIX) or "\\" in path:
        return False
    return not {".", ".."}.intersection(path.split("/")) and "//" not in path


def bearer_token(request: RequestFacts) -> str | None:
    """None also where several were sent: which of them the application takes is its own affair."""
    values = request.header("authorization")
    if len(values) != 1:
        return None
    scheme, _, token = values[0].strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _cookies(headers: Iterable[str], name: str) -> Iterable[str]:
    for header in headers:
        for each in header.split(";"):
            key, separator, value = each.strip().partition("=")
            if separator and key.strip() == name:
                yield value.strip().strip('"')


def _signature(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _same(given: str, expected: str) -> bool:
    """In a time that does not tell how much of it was right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())
