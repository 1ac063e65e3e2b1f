"""What containers ask for beforehand, where a laptop stands for production's nodes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

#: Of a node, for each container: several pods of a DAG fit beside Kubernetes' own.
SHARE = 4


def lower_requests(container: Any, folder: str) -> None:
    """
    :param container: a `V1Container`; its requests are changed where they are more than a share of a node. Where it
        names a limit and no request, Kubernetes takes the limit for both.
    :param folder: of the project's cluster, with `node.json`.
    """
    from kubernetes.client import models

    largest = _largest(folder)
    resources = container.resources
    if resources is None or not largest:
        return
    asked = {**_quantities(resources.limits), **_quantities(resources.requests)}
    lowered = {
        name: largest[name]
        for name in largest
        if name in asked and _number(asked[name]) > _number(largest[name])
    }
    if lowered:
        container.resources = models.V1ResourceRequirements(
            claims=resources.claims,
            limits=resources.limits,
            requests={**_quantities(resources.requests), **lowered},
        )


def _largest(folder: str) -> dict[str, str]:
    """`cpu` and `memory` that one container may ask for; nothing when it is not known."""
    try:
        with open(os.path.join(folder, "node.json"), encoding="utf-8") as file:
            node = json.load(file)
        cpu, memory = _number(node["cpu"]), _number(node["memory"])
    except (OSError, ValueError, KeyError):
        return {}
    return {"cpu": f"{int(cpu * 1000 / SHARE)}m", "memory": str(int(memory / SHARE))}


def _quantities(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (values or {}).items()}


def _number(quantity: str) -> float:
    from kubernetes.utils.quantity import parse_quantity

    return float(parse_quantity(quantity))
