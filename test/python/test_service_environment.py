"""What a service finds in its environment."""

from __future__ import annotations

import os
from typing import Any

import pytest

from airflow_devenv.service_environment import enter_environment, loading_environment
from airflow_devenv.service_request import ServiceRequest


def request(**environment: str) -> ServiceRequest:
    return ServiceRequest("scheduler", "/logs.sock", environment)


@pytest.fixture(autouse=True)
def preloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the preloaded process has it."""
    monkeypatch.setattr(os, "environ", FakeEnvironment(os.environ))
    os.environ.update(
        {
            "AIRFLOW__CORE__PLUGINS_FOLDER": "/no-plugins",
            "AIRFLOW__LOGGING__JSON_LOGS": "True",
            "PGAPPNAME": "airflow-devenv run-dag",
            "FORCE_COLOR": "1",
            "HOME": "/home/author",
        }
    )


class FakeEnvironment(dict[str, Any]):
    pass


def test_the_settings_are_those_of_the_request_and_no_others() -> None:
    enter_environment(request(AIRFLOW__CORE__EXECUTOR="LocalExecutor", AIRFLOW_DEVENV_STACK="s"))
    settings = {name for name in os.environ if name.startswith("AIRFLOW__")}
    assert settings == {
        "AIRFLOW__CORE__EXECUTOR",
        "AIRFLOW__DATABASE__CHECK_MIGRATIONS",
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME",
    }
    assert os.environ["AIRFLOW_DEVENV_STACK"] == "s"
    assert os.environ["HOME"] == "/home/author"
    assert os.environ["PGAPPNAME"] == "airflow-devenv-scheduler"


def test_defaults_give_way() -> None:
    enter_environment(request(AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME="1", PGAPPNAME="mine"))
    assert os.environ["AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME"] == "1"
    assert os.environ["PGAPPNAME"] == "mine"


def test_logs_are_plain_whatever_is_asked_for() -> None:
    enter_environment(
        request(AIRFLOW__LOGGING__JSON_LOGS="True", AIRFLOW__LOGGING__COLORED_CONSOLE_LOG="True")
    )
    assert "AIRFLOW__LOGGING__JSON_LOGS" not in os.environ
    assert os.environ["AIRFLOW__LOGGING__COLORED_CONSOLE_LOG"] == "False"
    assert "FORCE_COLOR" not in os.environ


def test_loading_has_the_settings_but_no_plugins_of_the_author_and_leaves_nothing() -> None:
    before = dict(os.environ)
    with loading_environment(request(AIRFLOW__CORE__PLUGINS_FOLDER="/mine", AIRFLOW__API__PORT="1")):
        assert os.environ["AIRFLOW__API__PORT"] == "1"
        assert os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] == "/no-plugins"
    assert dict(os.environ) == before
