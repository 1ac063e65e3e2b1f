"""What the operators that start pods do besides, in a project with a cluster."""

from __future__ import annotations

import contextlib
from functools import wraps
from typing import Any

from airflow_devenv.kubernetes.pod_reports import pod_reports
from airflow_devenv.kubernetes.pods import fit_pod
from airflow_devenv.kubernetes.run_pods import own_pods


def follow_pods(operator: Any, folder: str) -> None:
    """
    :param operator: the class `KubernetesPodOperator`, of any release.
    :param folder: of the project's cluster.
    """
    build, cleanup = operator.build_pod_request_obj, operator.cleanup

    @wraps(build)
    def build_pod_request_obj(self: Any, *arguments: Any, **named: Any) -> Any:
        pod = fit_pod(build(self, *arguments, **named), folder)
        own_pods.note(pod)
        return pod

    @wraps(cleanup)
    def look_and_clean_up(self: Any, pod: Any, remote_pod: Any, *arguments: Any, **named: Any) -> Any:
        # The operator removes the pod next, with all that it could have told.
        if remote_pod is not None:
            with contextlib.suppress(Exception):
                metadata = remote_pod.metadata
                for line in pod_reports.keep(self.task_id, metadata.name, metadata.namespace):
                    self.log.error("%s", line)
        try:
            return cleanup(self, pod, remote_pod, *arguments, **named)
        finally:
            if pod is not None:
                own_pods.forget(pod.metadata.name)

    operator.build_pod_request_obj = build_pod_request_obj
    operator.cleanup = look_and_clean_up
