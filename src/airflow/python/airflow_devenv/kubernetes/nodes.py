"""Which node came nearest to a pod that none can take, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: Phases in which a pod holds nothing of its node any more.
ENDED = frozenset({"Succeeded", "Failed"})


def nearest_node(
    pod: Any, nodes: Iterable[Any], pods: Iterable[Any], number: Callable[[str], float] | None = None
) -> list[str]:
    """
    One line about the node that lacks least; nothing where labels and resources are not what is missing.

    :param pods: of all namespaces.
    """
    number = number or _parse
    placed = list(pods)
    found = [
        (node, _lacks(pod, node, [each for each in placed if _is_on(each, node)], number)) for node in nodes
    ]
    found = [each for each in found if each[1]]
    if not found:
        return []
    node, lacks = min(found, key=lambda each: len(each[1]))
    name = f"the nearest node, {node.metadata.name}," if len(found) > 1 else f"node {node.metadata.name}"
    return [f"{name} lacks: {'; '.join(lacks)} (kubernetes.nodes in devenv.yaml)"]


def _lacks(pod: Any, node: Any, placed: Iterable[Any], number: Callable[[str], float]) -> list[str]:
    lacks = []
    labels: Mapping[str, str] = node.metadata.labels or {}
    for key, wanted in (pod.spec.node_selector or {}).items():
        if key not in labels:
            lacks.append(f"label {key}={wanted}")
        elif labels[key] != wanted:
            lacks.append(f"label {key}={wanted}, it has {labels[key]}")
    used: dict[str, float] = {}
    for each in placed:
        for name, amount in _requests(each, number).items():
            used[name] = used.get(name, 0.0) + amount
    allocatable: Mapping[str, str] = node.status.allocatable or {}
    for name, amount in _requests(pod, number).items():
        total = number(allocatable[name]) if name in allocatable else 0.0
        free = total - used.get(name, 0.0)
        if amount > free:
            lacks.append(
                f"{name}: {_text(name, amount)} asked for, "
                f"{_text(name, max(free, 0.0))} of {_text(name, total)} free"
            )
    return lacks


def _is_on(pod: Any, node: Any) -> bool:
    return pod.spec.node_name == node.metadata.name and pod.status.phase not in ENDED


def _requests(pod: Any, number: Callable[[str], float]) -> dict[str, float]:
    asked: dict[str, float] = {}
    for container in pod.spec.containers:
        resources = container.resources
        if resources is None:
            continue
        for name, amount in {**(resources.limits or {}), **(resources.requests or {})}.items():
            asked[name] = asked.get(name, 0.0) + number(str(amount))
    return asked


def _text(name: str, amount: float) -> str:
    if "memory" in name or "storage" in name:
        return f"{amount / 1024**3:.1f}Gi"
    return f"{amount:g}"


def _parse(quantity: str) -> float:
    from kubernetes.utils.quantity import parse_quantity

    return float(parse_quantity(quantity))
