"""What the access rules need of Airflow: of Airflow 3 tokens of its own, of Airflow 2 the name of a cookie."""

from __future__ import annotations

from typing import Any


def name_session(app: Any, port: int) -> None:
    """Browsers send a cookie to every port of a host: a second project's session must not replace this one's.

    Airflow 2 keeps the token in it that each form needs. Its public role is Admin, so that is all it keeps.
    """
    config = getattr(app, "config", None)
    if config is not None:
        config["SESSION_COOKIE_NAME"] = f"session_{port}"


def admin_token() -> str:
    """A token of the one admin that `simple_auth_manager_all_admins` knows, as `/auth/token` makes it."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    return str(get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="Anonymous", role="ADMIN")))


async def is_valid_token(token: str, since: int) -> bool:
    """Whether Airflow itself would let this token in, and it was not made earlier (`since`: seconds since 1970).

    A browser keeps one for a day, and shows it to whichever server has this name and port.
    """
    import jwt
    from airflow.api_fastapi.app import get_auth_manager
    from jwt import InvalidTokenError

    try:
        await get_auth_manager().get_user_from_token(token)
        if int(jwt.decode(token, options={"verify_signature": False})["iat"]) < since:
            return False
    except (InvalidTokenError, KeyError, ValueError):
        return False
    return True
