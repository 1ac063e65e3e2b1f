"""What both lines do to run a service."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from airflow_devenv.access_settings import AccessSettings
from airflow_devenv.failures import RunFailure
from airflow_devenv.lines import services as services_module
from airflow_devenv.lines.seeded_masks import SeededMasks
from airflow_devenv.lines.services import PORT_TAKEN, Services, listen
from airflow_devenv.service_request import ServiceRequest


@pytest.fixture(autouse=True)
def without_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_module, "installation_secrets", lambda: ["key-of-the-installation"])


class Recorded(Services):
    commands = {"scheduler": ["scheduler"]}  # noqa: RUF012 - never changed
    modules = ()

    def __init__(self) -> None:
        self.steps: list[Any] = []
        super().__init__(lambda: self.steps.append("leave test runs alone"))

    def _load_commands(self) -> None:
        self.steps.append("load commands")
        self._parser = "parser"

    def _run_command(self, service: str) -> None:
        self.steps.append(f"run {service}")

    def _dags_folders(self) -> list[str]:
        return []

    def _begin(self) -> None:
        self.steps.append("begin")

    def _mask_seeded(self, masks: SeededMasks) -> None:
        self.steps.append("mask")

    def _prepare_command(self, service: str) -> None: ...

    def _build_app(self) -> Any:
        self.steps.append("build app")
        return "app"

    def _with_author_plugins(self, app: Any) -> Any:
        return f"{app} with plugins"

    def _serve(self, app: Any, listener: socket.socket, access: AccessSettings | None) -> None:
        with listener:
            self.steps.append((app, listener.getsockname(), access))


@pytest.fixture(autouse=True)
def without_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_module, "use_author_plugins", lambda folders: None)
    monkeypatch.setattr(services_module, "tell_broken_plugins", lambda folders: None)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_fresh_process_loads_first() -> None:
    services = Recorded()
    services.run(ServiceRequest("scheduler", "/logs.sock"))
    assert services.steps == [
        "begin",
        "mask",
        "load commands",
        "leave test runs alone",
        "run scheduler",
    ]


def test_a_forked_process_finds_it_loaded() -> None:
    services = Recorded()
    services.load("scheduler")
    assert services.has_loaded("scheduler")
    assert not services.has_loaded("api-server")
    services.run(ServiceRequest("scheduler", "/logs.sock"))
    assert services.steps == [
        "load commands",
        "begin",
        "mask",
        "leave test runs alone",
        "run scheduler",
    ]


def test_the_server_takes_the_access_key_out_of_the_environment(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_DEVENV_ACCESS_KEY", "secret")
    services = Recorded()
    services.run(ServiceRequest("api-server", "/logs.sock", port=port))
    assert services.steps[-1] == ("app", ("127.0.0.1", port), AccessSettings("secret", port))
    assert "AIRFLOW_DEVENV_ACCESS_KEY" not in os.environ


def test_an_app_that_was_built_before_gets_the_plugins_of_the_author(tmp_path: Path, port: int) -> None:
    (tmp_path / "mine.py").write_text("class Mine(AirflowPlugin): pass")
    plugins = [str(tmp_path)]
    services = Recorded()
    services.load("api-server")
    services.run(ServiceRequest("api-server", "/logs.sock", plugins_folders=plugins, port=port))
    assert services.steps[-1][0] == "app with plugins"
    fresh = Recorded()
    fresh.run(ServiceRequest("api-server", "/logs.sock", plugins_folders=plugins, port=port))
    assert fresh.steps[-1][0] == "app"


def test_the_listener_is_tcp_without_delay_on_loopback(port: int) -> None:
    with listen(port) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert listener.getsockname() == ("127.0.0.1", port)


def test_a_taken_port_is_one_line_and_a_code_of_its_own(
    port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with listen(port), pytest.raises(SystemExit) as ending:
        listen(port)
    assert ending.value.code == PORT_TAKEN
    assert capsys.readouterr().out == f"Port {port} of 127.0.0.1 is taken by another process.\n"


def test_a_dags_folder_that_airflow_refuses_is_named_before_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop").symlink_to(".")

    def refuse(folder: str) -> list[str]:
        raise RunFailure("dags_folder_loop", f"{folder}/loop is a link.", next_steps=["Remove it."])

    monkeypatch.setattr(services_module, "discovered", refuse)
    with pytest.raises(SystemExit) as end:
        services_module.refuse_loops([str(tmp_path)])
    assert end.value.code == services_module.DAGS_REFUSED
    assert capsys.readouterr().out == f"{tmp_path}/loop is a link.\n→ Remove it.\n"


def test_a_dags_folder_without_such_links_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services_module, "discovered", pytest.fail)
    services_module.refuse_loops([str(tmp_path)])
