"""Why a pod did not do what it was started for, as its task's author needs to know it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_devenv.kubernetes.admin import REQUEST_TIMEOUT, admin_client
from airflow_devenv.kubernetes.nodes import nearest_node

#: Of warnings that Kubernetes has sent about a pod.
MOST_EVENTS = 3

#: Reasons for which the kubelet does not start a container, with what helps here.
REMEDIES = {
    "ErrImagePull": "devenv image load {image} brings an image of your engine",
    "ImagePullBackOff": "devenv image load {image} brings an image of your engine",
    "ErrImageNeverPull": "devenv image load {image} brings an image of your engine",
    "CreateContainerConfigError": "kubernetes.config_maps in devenv.yaml makes what pods name",
}


class PodReports:
    """The last report of each task of this process."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def keep(self, task_id: str, name: str, namespace: str) -> list[str]:
        """Asks the cluster about a pod that may be removed next."""
        client = admin_client()
        pod = client.read_namespaced_pod(name, namespace, _request_timeout=REQUEST_TIMEOUT)
        if pod.status.phase == "Succeeded":
            return []
        selector = f"involvedObject.name={name}"
        events = client.list_namespaced_event(
            namespace, field_selector=selector, _request_timeout=REQUEST_TIMEOUT
        ).items
        lines = describe_pod(pod, events)
        if is_unscheduled(pod):
            nodes = client.list_node(_request_timeout=REQUEST_TIMEOUT).items
            others = client.list_pod_for_all_namespaces(_request_timeout=REQUEST_TIMEOUT).items
            lines[0] = "; ".join([lines[0].removesuffix("."), *nearest_node(pod, nodes, others)])
        self._lines[task_id] = lines
        return lines

    def take(self, task_id: str) -> str | None:
        """The cause; the rest is in the task's log."""
        return next(iter(self._lines.pop(task_id, [])), None)


pod_reports = PodReports()


def describe_pod(pod: Any, events: Iterable[Any]) -> list[str]:
    """The cause first, then what Kubernetes has warned of besides."""
    lines = [f"pod {pod.metadata.name}: {cause_of(pod)}"]
    told = lines[0]
    warnings = [
        each for each in events if each.type == "Warning" and each.message and each.message not in told
    ]
    for each in warnings[-MOST_EVENTS:]:
        lines.append(f"event {each.reason}: {each.message}")
    return lines


def is_unscheduled(pod: Any) -> bool:
    return _scheduling_message(pod) is not None


def cause_of(pod: Any) -> str:
    message = _scheduling_message(pod)
    if message is not None:
        # What pre-emption could not do is no cause.
        message = message.partition(" no new claims")[0].partition(" preemption:")[0]
        missing = "persistentvolumeclaim" in message and "not found" in message
        hint = " (kubernetes.volumes in devenv.yaml makes claims)" if missing else ""
        return f"no node can take it: {message}{hint}"
    statuses = [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]
    images = {each.name: each.image for each in [*(pod.spec.init_containers or []), *pod.spec.containers]}
    for status in statuses:
        told = _container_cause(status, images.get(status.name, ""))
        if told is not None:
            return told
    return pod.status.message or f"it is {pod.status.phase}"


def _scheduling_message(pod: Any) -> str | None:
    for each in pod.status.conditions or []:
        if each.type == "PodScheduled" and each.status == "False":
            return str(each.message or each.reason)
    return None


def _container_cause(status: Any, image: str) -> str | None:
    state = status.state
    if state is None:
        return None
    if state.waiting is not None and state.waiting.reason not in (
        None,
        "ContainerCreating",
        "PodInitializing",
    ):
        text = f"container {status.name} can't start: {state.waiting.reason}"
        if state.waiting.message:
            text += f": {state.waiting.message}"
        remedy = REMEDIES.get(state.waiting.reason)
        return f"{text} ({remedy.format(image=image)})" if remedy else text
    ended = state.terminated
    if ended is None or ended.exit_code == 0:
        return None
    if ended.reason == "OOMKilled":
        return f"container {status.name} was killed: it used more memory than its limit (OOMKilled)"
    reason = "" if ended.reason in (None, "Error") else f" ({ended.reason})"
    said = f": {ended.message.strip()}" if ended.message else ""
    return f"container {status.name} ended with exit code {ended.exit_code}{reason}{said}"
