"""What `required:` in `devenv.yaml` names, looked for before a DAG runs."""

from __future__ import annotations

import os
from typing import Any

from airflow_devenv.failures import RunFailure


def check_required(required: dict[str, list[str]]) -> None:
    """One query. Raises `RunFailure` that names what is missing and where to put it."""
    variables = [each for each in required.get("variables", []) if not _in_environment("VAR", each)]
    connections = [each for each in required.get("connections", []) if not _in_environment("CONN", each)]
    if not variables and not connections:
        return
    found = _stored(variables, connections)
    missing_variables = [
        each for each in variables if ("variable", each) not in found and not _kept("variable", each)
    ]
    missing_connections = [
        each for each in connections if ("connection", each) not in found and not _kept("connection", each)
    ]
    if missing_variables or missing_connections:
        raise _failure(missing_variables, missing_connections)


def _failure(variables: list[str], connections: list[str]) -> RunFailure:
    names = [f"variable {each!r}" for each in variables] + [f"connection {each!r}" for each in connections]
    examples = [f"variables: {{{each}: …}}" for each in variables[:3]]
    examples += [f"connections: {{{each}: {{conn_type: …, host: …}}}}" for each in connections[:3]]
    return RunFailure(
        "required_missing",
        f"This project requires {_listed(names)}, which {'is' if len(names) == 1 else 'are'} not there.",
        why="`required:` in devenv.yaml names it: some DAG would fail in the middle without it.",
        next_steps=[
            "If the seed files have it: devenv seed",
            *(f"Else put it into a seed file: {each}" for each in examples),
            "Passwords and tokens: devenv secrets set variables.NAME, or connections.ID.password",
        ],
    )


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= 10 else [*names[:10], f"{len(names) - 10} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _in_environment(kind: str, name: str) -> bool:
    return f"AIRFLOW_{kind}_{name.upper()}" in os.environ


def _stored(variables: list[str], connections: list[str]) -> set[tuple[str, str]]:
    from airflow.models.connection import Connection
    from airflow.models.variable import Variable
    from airflow.utils.session import create_session
    from sqlalchemy import literal, select, union_all

    query = union_all(
        select(literal("variable"), Variable.key).where(Variable.key.in_(variables)),
        select(literal("connection"), Connection.conn_id).where(Connection.conn_id.in_(connections)),
    )
    with create_session() as session:
        return {(str(row[0]), str(row[1])) for row in session.execute(query)}


def _kept(kind: str, name: str) -> bool:
    """Whether a secrets backend that the author has configured knows it."""
    from airflow.configuration import conf

    if not conf.get("secrets", "backend", fallback=""):
        return False
    from airflow.configuration import ensure_secrets_loaded

    backends: list[Any] = ensure_secrets_loaded()
    get = "get_variable" if kind == "variable" else "get_connection"
    return any(getattr(each, get)(name) is not None for each in backends)
