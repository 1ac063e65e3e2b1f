"""What the supervisor says of a service."""

from __future__ import annotations

import pytest

from airflow_devenv.service_request import ServiceRequest


def test_the_whole_message() -> None:
    message = {
        "kind": "fork",
        "id": 1,
        "service": "api-server",
        "environment": {"A": "b"},
        "import_paths": ["/x"],
        "plugins_folders": ["/y"],
        "log_socket": "/logs.sock",
        "port": 8080,
    }
    assert ServiceRequest.from_json(message) == ServiceRequest(
        "api-server", "/logs.sock", {"A": "b"}, ["/x"], ["/y"], 8080
    )


def test_a_service_without_a_port() -> None:
    assert ServiceRequest.from_json({"service": "scheduler", "log_socket": "/l", "port": None}).port is None


@pytest.mark.parametrize(
    "message", [{}, {"service": "scheduler"}, {"service": "api-server", "log_socket": "/l", "port": "many"}]
)
def test_what_is_no_request(message: dict[str, str]) -> None:
    with pytest.raises((KeyError, ValueError)):
        ServiceRequest.from_json(message)
