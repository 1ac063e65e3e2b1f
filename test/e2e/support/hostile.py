"""What another user of the machine tries against a running stack. Runs as that user; needs nothing but Python.

Standard input: the targets, as JSON. Standard output: for each attempt its name and what it got, as JSON; null is right.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TARGETS: dict[str, Any] = json.load(sys.stdin)
ROOT = Path(TARGETS["root"])
STATE = ROOT / ".devenv"
RUNTIME = Path(TARGETS["runtime"])
PIDS: list[int] = TARGETS["pids"]
ATTEMPTS: dict[str, Callable[[], str | None]] = {}


def attempt(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """The function gives what it got, and nothing (or an error of the system) where it got nothing."""

    def register(function: Callable[[], Any]) -> Callable[[], Any]:
        ATTEMPTS[name] = function
        return function

    return register


def denied(action: Callable[[], object]) -> str | None:
    try:
        return f"{action()!r}"[:200]
    except (PermissionError, FileNotFoundError, ProcessLookupError):
        return None


def first(found: Iterator[str | None]) -> str | None:
    return next((each for each in found if each is not None), None)


# The first one: a browser is being opened while it looks.
@attempt("uses what the command lines of all processes show while a browser is opened")
def _command_lines() -> str | None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = [each.decode(errors="replace") for each in command_lines()]
        opened = [line for line in lines if TARGETS["opener"] in line]
        if opened:
            return first(use(line) for line in opened + lines)
        time.sleep(0.05)
    return "no browser was opened"


def command_lines() -> Iterator[bytes]:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            yield Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue


def use(line: str) -> str | None:
    """Tickets, keys, and files that are named."""
    if "ticket=" in line:
        return line
    for path in re.findall(r"file://([^\0]+)", line):
        got = denied(lambda path=path: Path(path).read_text())
        if got is not None:
            return got
    keys = re.findall(r"\b[0-9a-f]{64}\b", line)
    return first(let_in("GET", path, {"Authorization": f"Bearer {key}"}) for key in keys for path in ("/", *API))


@attempt("looks into the folder of the sockets")
def _runtime_folder() -> str | None:
    return denied(lambda: os.listdir(RUNTIME))


@attempt("connects to a socket of the supervisor, the logs, the preloaded process or Postgres")
def _sockets() -> str | None:
    def connect(path: str) -> str:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            return f"connected to {path}"

    return first(denied(lambda each=each: connect(each)) for each in TARGETS["sockets"])


@attempt("puts a socket or a file into the folder of the sockets")
def _plant_socket() -> str | None:
    return denied(lambda: (RUNTIME / "planted").write_text("x"))


@attempt("reads keys, logs, the database, or the page that lets a browser in")
def _read_state() -> str | None:
    names = [".", "keys.json", "logs/scheduler.log", "postgres/data/PG_VERSION", "ports.json", "hdfs", "open"]

    def look(path: Path) -> object:
        return os.listdir(path) if path.is_dir() else path.read_bytes()

    return first(denied(lambda each=each: look(STATE / each)) for each in names)


@attempt("writes into the state folder, takes it away, or puts another in its place")
def _write_state() -> str | None:
    actions = [
        lambda: (STATE / "planted").write_text("x"),
        lambda: os.rename(STATE, ROOT / "taken"),
        lambda: os.symlink("/tmp", ROOT / ".devenv.new"),
        lambda: os.chmod(STATE, 0o777),
    ]
    return first(denied(each) for each in actions)


@attempt("changes a DAG, or adds one")
def _write_dags() -> str | None:
    dags = ROOT / "dags"
    return first(
        denied(lambda each=each: each.open("a").write("import os\n"))
        for each in (dags / "one.py", dags / "planted.py", ROOT / "devenv.yaml")
    )


@attempt("ends or stops a process of the stack")
def _kill() -> str | None:
    signals = (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL, 0)
    return first(
        denied(lambda pid=pid, number=number: f"{os.kill(pid, number)} {pid} {number}")
        for number in signals
        for pid in PIDS
    )


@attempt("reads the environment, the memory or the open files of a process of the stack")
def _proc() -> str | None:
    def look(pid: int, name: str) -> object:
        path = f"/proc/{pid}/{name}"
        return os.listdir(path) if name == "fd" else Path(path).open("rb").read(16)

    return first(
        denied(lambda pid=pid, name=name: look(pid, name)) for pid in PIDS for name in ("environ", "mem", "fd")
    )


def request(
    method: str, path: str, headers: dict[str, str] | None = None, *, hdfs: bool = False, body: str | None = None
) -> tuple[int, str]:
    address, port = TARGETS["hdfs"] if hdfs else ("127.0.0.1", TARGETS["port"])
    connection = http.client.HTTPConnection(address, port, timeout=20)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(2000).decode(errors="replace")
    except (ConnectionError, http.client.HTTPException):
        # The server hangs up.
        return 0, ""
    finally:
        connection.close()


def let_in(method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> str | None:
    status, text = request(method, path, headers, **more)
    return None if status == 0 or status >= 400 else f"{method} {path} {headers}: {status} {text[:200]}"


PAGES = ["/", "/home", "/login/", "/docs", "/openapi.json", "/auth/token", "/auth/login", "/static/"]
API = [f"/api/v{version}/{what}" for version in (1, 2) for what in ("dags", "variables", "connections", "config")]


@attempt("opens the UI and the API as nobody in particular")
def _api_without() -> str | None:
    return first(let_in("GET", path) for path in PAGES + API)


@attempt("writes by the API: starts a DAG run, sets a variable")
def _api_write() -> str | None:
    json_type = {"Content-Type": "application/json"}
    return first(
        let_in("POST", f"/api/v{version}/{what}", json_type, body="{}")
        for version in (1, 2)
        for what in ("dags/one/dagRuns", "variables")
    )


@attempt("logs in as admin, with well-known passwords and forged tokens")
def _api_admin() -> str | None:
    basic = base64.b64encode(b"admin:admin").decode()
    forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."
    headers = [
        {"Authorization": f"Basic {basic}"},
        {"Authorization": f"Bearer {forged}"},
        {"Authorization": "Bearer "},
        {"Cookie": f"airflow_devenv_{TARGETS['port']}=; _token={forged}"},
    ]
    return first(let_in("GET", path, each) for path in ("/", *API) for each in headers)


@attempt("reaches pages by other spellings of a path that is free")
def _api_paths() -> str | None:
    paths = [
        "/health/../api/v2/dags",
        "/api/v2/monitor/health/../../dags",
        "/api/v2/version/../variables",
        "//api/v2/dags",
        "/execution/../api/v2/dags",
        "/execution/%2e%2e/api/v2/dags",
        "/execution/task-instances/1/run",
        "/execution/variables/x",
        "/devenv/enter",
        "/devenv/enter?ticket=9999999999.a." + "0" * 64,
    ]
    return first(let_in("GET", path) for path in paths)


@attempt("comes by another host name, as a page that rebinds DNS does")
def _api_host() -> str | None:
    return first(let_in("GET", "/api/v2/version", {"Host": host}) for host in ("evil.example", "evil.example:8080"))


FILE = "/webhdfs/v1/user/root/secret.txt"


@attempt("reads, writes and removes files of HDFS under another name")
def _hdfs() -> str | None:
    names = ["root", "hdfs", "hive"]
    calls = [("GET", "OPEN"), ("GET", "GETFILESTATUS"), ("DELETE", "DELETE"), ("PUT", "CREATE"), ("PUT", "MKDIRS")]
    return first(
        let_in(method, f"{FILE}?op={operation}&user.name={name}{more}", hdfs=True)
        for method, operation in calls
        for name in names
        for more in ("", "&doas=root", "&delegation=AAAA", "&overwrite=true")
    )


@attempt("reads HDFS by another host name, as a page that rebinds DNS does")
def _hdfs_host() -> str | None:
    return let_in("GET", f"{FILE}?op=OPEN&user.name=root", {"Host": "evil.example:9870"}, hdfs=True)


if __name__ == "__main__":
    results = {}
    for name, function in ATTEMPTS.items():
        try:
            results[name] = function()
        except Exception as error:
            results[name] = f"the attempt itself failed: {type(error).__name__}: {error}"
    print(json.dumps(results))
