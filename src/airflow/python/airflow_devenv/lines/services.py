"""What both lines do to run a service: Airflow's own command in this process, without its shell."""

from __future__ import annotations

import errno
import importlib
import os
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from airflow_devenv.access_settings import AccessSettings, take_access_settings
from airflow_devenv.author_plugins import load_author_plugins, note_broken
from airflow_devenv.contract.accelerators import is_stock, may_use, tell_left_out
from airflow_devenv.failures import RunFailure
from airflow_devenv.folder_walks import second_names
from airflow_devenv.lines.installation_secrets import installation_secrets
from airflow_devenv.lines.parse import discovered
from airflow_devenv.lines.plugins import author_plugins, use_author_plugins
from airflow_devenv.lines.seeded_masks import STATE, SeededMasks
from airflow_devenv.service_request import ServiceRequest

API_SERVER = "api-server"
SCHEDULER = "scheduler"
#: How the process of a server ends whose port somebody else has.
PORT_TAKEN = 98
#: How a process ends whose DAGs folders Airflow refuses to list.
DAGS_REFUSED = 97


class Services(ABC):
    #: Of Airflow's commands; the API server (Airflow 3) or webserver (Airflow 2) comes beside them.
    commands: ClassVar[dict[str, list[str]]] = {
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "triggerer": ["triggerer", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
    }
    #: Imported for the commands, where they exist.
    modules: Iterable[str]

    def __init__(self, leave_test_runs_alone: Callable[[], None]) -> None:
        self._leave_test_runs_alone = leave_test_runs_alone
        self._parser: Any = None
        self._app: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.commands, API_SERVER)

    def has_loaded(self, service: str) -> bool:
        return (self._parser if service in self.commands else self._app) is not None

    def load(self, service: str) -> None:
        """Imports all that the service needs, in a process that may be forked afterwards."""
        if service == API_SERVER:
            # Needed after the fork only, and then at once.
            importlib.import_module("airflow_devenv.access_control")
            self._app = self._build_app()
        else:
            self._load_commands()

    def run(self, request: ServiceRequest) -> None:
        """Until the service ends. The process is its own, and has its environment."""
        tell_left_out(lambda text: print(text, flush=True))
        self._begin()
        self._mask_seeded(SeededMasks(os.environ.get(STATE), installation_secrets()))
        was_loaded = self.has_loaded(request.service)
        if not is_stock():
            use_author_plugins(request.plugins_folders)
        if request.service == SCHEDULER:
            tell_broken_plugins(request.plugins_folders)
        if not was_loaded:
            self.load(request.service)
        if request.service != API_SERVER:
            self._leave_test_runs_alone()
            self._run_command(request.service)
            return
        if request.port is None:
            raise SystemExit("api-server needs a port")
        listener = listen(request.port)
        if was_loaded and author_plugins(request.plugins_folders) is not None:
            self._app = self._with_author_plugins(self._app)
        self._serve(self._app, listener, take_access_settings(os.environ, request.port))

    def _load_commands(self) -> None:
        from airflow.cli import cli_parser

        for name in self.modules:
            try:
                importlib.import_module(name)
            except ImportError:
                # It only saves time later; some are elsewhere in other minor versions.
                continue
        parser = cli_parser.get_parser()
        for arguments in self.commands.values():
            # The parser of a command is made when it is asked for, with what it imports.
            parser.parse_args(arguments)
        self._parser = parser

    def _run_command(self, service: str) -> None:
        if service in self._listing_dags():
            refuse_loops(self._dags_folders())
        arguments = self._parser.parse_args(self.commands[service])
        self._prepare_command(service)
        arguments.func(arguments)

    @abstractmethod
    def _dags_folders(self) -> list[str]: ...

    def _listing_dags(self) -> tuple[str, ...]:
        """The services that look for DAG files."""
        return ("dag-processor",)

    @abstractmethod
    def _begin(self) -> None:
        """Undoes what the process it was forked from has for itself only."""

    @abstractmethod
    def _mask_seeded(self, masks: SeededMasks) -> None:
        """In the logs of this process and of those that it forks, also what is seeded later."""

    @abstractmethod
    def _prepare_command(self, service: str) -> None: ...

    @abstractmethod
    def _build_app(self) -> Any: ...

    @abstractmethod
    def _with_author_plugins(self, app: Any) -> Any:
        """The application was built without them."""

    @abstractmethod
    def _serve(self, app: Any, listener: socket.socket, access: AccessSettings | None) -> None: ...


def tell_broken_plugins(folders: list[str]) -> None:
    """Once for all services: each of them loads the same ones."""
    broken = load_author_plugins(folders).broken
    note_broken(os.environ.get(STATE), broken)
    for each in broken:
        print(each.text, flush=True)


def refuse_loops(folders: list[str]) -> None:
    """Airflow's own end would be a traceback that does not name the link, after the first heartbeat."""
    try:
        for each in folders:
            if second_names(each):
                discovered(each)
    except RunFailure as failure:
        print("\n→ ".join([failure.what, *(failure.next_steps or [])]), flush=True)
        raise SystemExit(DAGS_REFUSED) from None


def ping_connections() -> None:
    """A service outlives a restart of its database: each connection is tried before it is used.

    Test runs do without, for speed, and share the engine that was made before the fork.
    """
    if not may_use("live_connections"):
        return
    from airflow import settings

    asynchronous = getattr(settings, "async_engine", None)
    for engine in (settings.engine, getattr(asynchronous, "sync_engine", None)):
        pool = getattr(engine, "pool", None)
        if pool is not None:
            pool._pre_ping = True


def listen(port: int) -> socket.socket:
    """Ends the process with `PORT_TAKEN` when somebody else listens there.

    asyncio switches Nagle's algorithm off only for sockets that say they are TCP; with it every request of a
    task waits 40 ms for an acknowledgement.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"Port {port} of 127.0.0.1 is taken by another process.", flush=True)
        raise SystemExit(PORT_TAKEN) from None
    return listener
