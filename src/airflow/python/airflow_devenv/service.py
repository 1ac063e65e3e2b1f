"""What a forked or a fresh process does to become one of Airflow's services."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

from airflow_devenv.child_imports import hand_on_import_paths
from airflow_devenv.contract.accelerators import is_stock
from airflow_devenv.hadoop import install as find_hdfs
from airflow_devenv.kubernetes import install as find_cluster
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.processes import die_with_parent, kill_family
from airflow_devenv.service_environment import enter_environment
from airflow_devenv.service_request import ServiceRequest

PRE_PING = "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_PRE_PING"
#: Seconds between two looks for the parent where the kernel does not tell of its end.
PARENT_TICK = 1.0
if sys.platform == "linux":
    #: A signal of its own. At SIGTERM a scheduler waits for its tasks; whoever takes their results may be gone as
    #: well, and then the next scheduler would run them once more.
    PARENT_ENDED = signal.SIGRTMIN + 1


def serve_fresh() -> NoReturn:
    """In an interpreter of its own: the request is one line on standard input."""
    from airflow_devenv.lines.detect import detect_line

    parent = os.getppid()
    request = ServiceRequest.from_json(json.loads(sys.stdin.readline()))
    os._exit(become_service(request, parent, detect_line))


def become_service(request: ServiceRequest, parent: int, make_line: Callable[[], AirflowLine]) -> int:
    """Runs the service to its end; gives the exit code. `make_line` is called when the environment is there."""
    code = 1
    try:
        _become_process(parent)
        _send_output_to(request)
        enter_environment(request)
        if is_stock():
            # Connections are tried by Airflow's own setting.
            os.environ[PRE_PING] = "True"
        find_hdfs()
        find_cluster()
        _be(request, make_line())
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - the process ends with it
        traceback.print_exc()
    _end_process(parent)
    return code


def _become_process(parent: int) -> None:
    with contextlib.suppress(OSError):
        # Refused where it leads a session already.
        os.setpgid(0, 0)
    for each in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(each, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "linux":
        signal.signal(PARENT_ENDED, lambda *_: kill_family())
        die_with_parent(parent, PARENT_ENDED)
    else:
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_TICK)
    kill_family()


def _send_output_to(request: ServiceRequest) -> None:
    output = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    output.connect(request.log_socket)
    output.sendall(json.dumps({"service": request.service, "pid": os.getpid()}).encode() + b"\n")
    sys.stdout.flush()
    sys.stderr.flush()
    for descriptor in (1, 2):
        os.dup2(output.fileno(), descriptor)
    output.close()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(line_buffering=True)
    # A handler of the preloaded process may be in its place, which writes JSON.
    sys.excepthook = sys.__excepthook__


def _be(request: ServiceRequest, line: AirflowLine) -> None:
    for path in request.import_paths:
        if path not in sys.path:
            sys.path.append(path)
    hand_on_import_paths(request.import_paths)
    with contextlib.suppress(ImportError):
        import setproctitle

        setproctitle.setproctitle(f"airflow {request.service}")
    sys.argv = ["airflow", request.service]
    line.services().run(request)


def _end_process(parent: int) -> None:
    """What the interpreter does at its end; then, where nobody is left to do it, the rest of the group ends."""
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    if os.getppid() != parent and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
