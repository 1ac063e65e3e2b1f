"""What the supervisor says of a service that it wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ServiceRequest:
    #: As Airflow's command names it; `api-server` is the webserver on Airflow 2.
    service: str
    #: Path of the Unix socket that gets the service's output: one JSON line that says who it is, then text.
    log_socket: str
    #: Every Airflow setting the service has, and other variables on top of those of the process.
    environment: dict[str, str] = field(default_factory=dict)
    #: Appended to sys.path.
    import_paths: list[str] = field(default_factory=list)
    plugins_folders: list[str] = field(default_factory=list)
    #: Where `api-server` listens, on 127.0.0.1.
    port: int | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ServiceRequest:
        """Raises KeyError, TypeError or ValueError for what is no request."""
        port = data.get("port")
        return cls(
            service=str(data["service"]),
            log_socket=str(data["log_socket"]),
            environment={str(name): str(value) for name, value in data.get("environment", {}).items()},
            import_paths=[str(each) for each in data.get("import_paths", [])],
            plugins_folders=[str(each) for each in data.get("plugins_folders", [])],
            port=None if port is None else int(port),
        )
