"""What a pod of an operator gets here, so that it finds what it would in production's cluster."""

from __future__ import annotations

import json
import os
from typing import Any

from airflow_devenv.kubernetes.requests import lower_requests

#: Who tasks are in HDFS. In production a keytab says it.
HADOOP_USER = "HADOOP_USER_NAME"


def fit_pod(pod: Any, folder: str) -> Any:
    """
    Production's nodes are large: what a container asks for beforehand of processor and memory is lowered to a share
    of the node that is here. Its limits stay, and so do GPUs. Images that were loaded from the engine are taken
    from there, whatever the pod's pull policy says; nothing of theirs is in a registry. Who the task is in HDFS,
    the pod is, too.

    :param pod: a `V1Pod`; it is changed.
    :param folder: of the project's cluster, with `images.json`.
    """
    loaded = _loaded_images(folder)
    user = os.environ.get(HADOOP_USER)
    spec = pod.spec
    for container in [*(spec.init_containers or []), *(spec.containers or [])]:
        lower_requests(container, folder)
        if container.image is not None and full_image_name(container.image) in loaded:
            container.image_pull_policy = "IfNotPresent"
        if user is not None:
            _set_default(container, HADOOP_USER, user)
    return pod


def full_image_name(name: str) -> str:
    """As container runtimes list it, and as devenv notes it: `debian` is `docker.io/library/debian:latest`."""
    first, _, rest = name.partition("/")
    if not rest or not ("." in first or ":" in first or first == "localhost"):
        name = f"docker.io/{name}" if rest else f"docker.io/library/{name}"
    last = name.rpartition("/")[2]
    return name if ":" in last or "@" in last else f"{name}:latest"


def _loaded_images(folder: str) -> frozenset[str]:
    try:
        with open(os.path.join(folder, "images.json"), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return frozenset()
    return frozenset(found.get("images", ())) if found.get("version") == 1 else frozenset()


def _set_default(container: Any, name: str, value: str) -> None:
    from kubernetes.client import models

    variables = container.env or []
    if all(each.name != name for each in variables):
        container.env = [*variables, models.V1EnvVar(name=name, value=value)]
