"""What the access rules of one stack are made from; its supervisor says it in the environment of the API server."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

#: With it in the environment of `api-server`, requests need its permission.
KEY = "AIRFLOW_DEVENV_ACCESS_KEY"
HOST = "AIRFLOW_DEVENV_UI_HOST"
SESSION = "AIRFLOW_DEVENV_UI_SESSION"
SINCE = "AIRFLOW_DEVENV_UI_SINCE"


@dataclass(frozen=True)
class AccessSettings:
    #: The project's access key: permission for scripts, and what tickets and cookies are signed with.
    key: str
    port: int
    #: The name by which browsers know this server: what they keep for it goes to no other server of 127.0.0.1.
    host: str = "127.0.0.1"
    #: Another text for each life of the stack: cookies of an earlier one are worth nothing.
    session: str = ""
    #: Seconds since the epoch, when this life began; tokens of Airflow's own are not older.
    since: int = 0


def take_access_settings(environ: MutableMapping[str, str], port: int) -> AccessSettings | None:
    """Removed from the environment, so that what this process starts does not inherit them."""
    key, host, session, since = (environ.pop(name, "") for name in (KEY, HOST, SESSION, SINCE))
    if not key:
        return None
    return AccessSettings(key, port, host or "127.0.0.1", session, int(since or 0))
