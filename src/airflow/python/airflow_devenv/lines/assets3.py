"""What a file says of an asset holds from its next run on.

Airflow keeps one asset active for each name and each URI. After a change of one of them the old pair stays active
until a scheduler looks, and every run with the new one fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def activate_assets(dags: Iterable[Any]) -> None:
    """Those of these DAGs, in the place of others with the same name or URI. The DAGs are in the database."""
    declared = {pair for dag in dags for pair in _declared(dag)}
    if not declared:
        return
    from airflow.models.asset import AssetActive, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import or_, select

    names, uris = {name for name, _ in declared}, {uri for _, uri in declared}
    with create_session() as session:
        near = or_(AssetActive.name.in_(names), AssetActive.uri.in_(uris))
        active = {(row.name, row.uri): row for row in session.scalars(select(AssetActive).where(near))}
        missing = declared - set(active)
        if not missing:
            return
        known = or_(AssetModel.name.in_(names), AssetModel.uri.in_(uris))
        stored = {tuple(row) for row in session.execute(select(AssetModel.name, AssetModel.uri).where(known))}
        fresh = pairs_to_activate(missing & stored, declared & set(active))
        for pair, row in active.items():
            if pair not in declared and not _is_free(pair, fresh):
                session.delete(row)
        session.flush()
        for name, uri in fresh:
            session.add(AssetActive(name=name, uri=uri))


def pairs_to_activate(missing: set[tuple[str, str]], kept: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of those that share a name or a URI one: the one that is active already, else the first."""
    chosen: list[tuple[str, str]] = []
    for pair in sorted(missing):
        if _is_free(pair, [*kept, *chosen]):
            chosen.append(pair)
    return chosen


def _is_free(pair: tuple[str, str], taken: Iterable[tuple[str, str]]) -> bool:
    return all(pair[0] != name and pair[1] != uri for name, uri in taken)


def _declared(dag: Any) -> Iterator[tuple[str, str]]:
    for task in dag.task_dict.values():
        for each in [*_listed(task, "outlets"), *_listed(task, "inlets")]:
            yield from _pair(each)
    condition = getattr(getattr(dag, "timetable", None), "asset_condition", None)
    iterate = getattr(condition, "iter_assets", None)
    for _, asset in iterate() if iterate else ():
        yield from _pair(asset)


def _listed(task: Any, name: str) -> Iterable[Any]:
    value = getattr(task, name, None) or (getattr(task, "partial_kwargs", None) or {}).get(name)
    return value if isinstance(value, (list, tuple, set)) else ()


def _pair(asset: Any) -> Iterator[tuple[str, str]]:
    """Aliases have no URI, references to an asset not both."""
    name, uri = getattr(asset, "name", None), getattr(asset, "uri", None)
    if isinstance(name, str) and isinstance(uri, str):
        yield name, uri
