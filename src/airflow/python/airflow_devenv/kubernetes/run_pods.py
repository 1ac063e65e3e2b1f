"""
Pods of a run belong to it: those that its tasks have not ended themselves end with it.

Each is noted before it is made. What a killed process leaves noted is ended by the next command.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

from airflow_devenv.kubernetes.admin import REQUEST_TIMEOUT, admin_client
from airflow_devenv.processes import start_mark


class RunPods:
    """The pods of this process. Inactive in services: there a pod may outlive the process, and be found again."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._noted: dict[str, str] = {}

    def begin(self, cluster_folder: str) -> None:
        self._folder = os.path.join(cluster_folder, "pods")

    def note(self, pod: Any) -> None:
        if self._folder is None:
            return
        name, namespace = pod.metadata.name, pod.metadata.namespace or "default"
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        record = {
            "version": 1,
            "pid": os.getpid(),
            "startTime": start_mark(os.getpid()),
            "namespace": namespace,
        }
        with open(self._file(name), "w", encoding="utf-8") as file:
            json.dump(record, file)
        self._noted[name] = namespace

    def forget(self, name: str) -> None:
        if self._noted.pop(name, None) is not None:
            with contextlib.suppress(OSError):
                os.remove(self._file(name))

    def end_all(self) -> None:
        """Removes the pods that are still noted: their tasks have not come to the point where they do it."""
        for name, namespace in list(self._noted.items()):
            try:
                admin_client().delete_namespaced_pod(
                    name, namespace, grace_period_seconds=0, _request_timeout=REQUEST_TIMEOUT
                )
            except Exception as error:  # noqa: BLE001 - clients have no common class for it
                if getattr(error, "status", None) != 404:
                    continue
            self.forget(name)

    def _file(self, name: str) -> str:
        return os.path.join(self._folder or "", f"{name}.json")


own_pods = RunPods()
