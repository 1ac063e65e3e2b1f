"""Why a pod did not do what it was started for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from airflow_devenv.kubernetes.nodes import nearest_node
from airflow_devenv.kubernetes.pod_reports import describe_pod


def thing(**values: Any) -> Any:
    return SimpleNamespace(**values)


def pod(
    statuses: Any = None,
    conditions: Any = None,
    limits: Any = None,
    selector: Any = None,
    node: str | None = None,
) -> Any:
    container = thing(name="base", image="reg/train:1", resources=thing(limits=limits, requests=None))
    return thing(
        metadata=thing(name="train-1"),
        spec=thing(init_containers=None, containers=[container], node_selector=selector, node_name=node),
        status=thing(
            phase="Pending",
            message=None,
            conditions=conditions,
            init_container_statuses=None,
            container_statuses=statuses,
        ),
    )


def status(**state: Any) -> Any:
    return thing(name="base", state=thing(**{"waiting": None, "terminated": None, **state}))


def node(name: str, labels: dict[str, str], **allocatable: str) -> Any:
    amounts = {key.replace("_", "/"): value for key, value in allocatable.items()}
    return thing(metadata=thing(name=name, labels=labels), status=thing(allocatable=amounts))


def test_what_the_scheduler_says_comes_first_and_events_that_repeat_it_are_left_out() -> None:
    message = "0/1 nodes are available: 1 Insufficient amd.com/gpu."
    waiting = pod(
        conditions=[thing(type="PodScheduled", status="False", message=message, reason="Unschedulable")]
    )
    events = [thing(type="Warning", reason="FailedScheduling", message=message)]
    assert describe_pod(waiting, events) == [f"pod train-1: no node can take it: {message}"]


def test_an_image_that_is_nowhere_and_what_brings_it() -> None:
    pulling = pod(statuses=[status(waiting=thing(reason="ImagePullBackOff", message="Back-off pulling"))])
    (line,) = describe_pod(pulling, [])
    assert "can't start: ImagePullBackOff: Back-off pulling" in line
    assert "devenv image load reg/train:1" in line


def test_a_container_that_ended() -> None:
    killed = pod(statuses=[status(terminated=thing(reason="OOMKilled", exit_code=137, message=None))])
    assert "used more memory than its limit (OOMKilled)" in describe_pod(killed, [])[0]
    failed = pod(statuses=[status(terminated=thing(reason="Error", exit_code=3, message="no data\n"))])
    assert describe_pod(failed, [])[0].endswith("ended with exit code 3: no data")


def test_the_node_that_lacks_least_and_what_it_lacks() -> None:
    asks = pod(selector={"vram": "128G"}, limits={"gpu": "2"})
    nodes = [
        node("far", {}, cpu="2"),
        node("near", {"vram": "128G"}, gpu="2"),
    ]
    running = pod(limits={"gpu": "1"}, node="near")
    running.status.phase = "Running"
    assert nearest_node(asks, nodes, [running], number=float) == [
        "the nearest node, near, lacks: gpu: 2 asked for, 1 of 2 free (kubernetes.nodes in devenv.yaml)"
    ]


def test_another_value_of_a_label_is_shown_and_ended_pods_hold_nothing() -> None:
    asks = pod(selector={"vram": "64G"}, limits={"gpu": "1"})
    ended = pod(limits={"gpu": "1"}, node="n")
    ended.status.phase = "Succeeded"
    lines = nearest_node(asks, [node("n", {"vram": "32G"}, gpu="1")], [ended], number=float)
    assert lines == ["node n lacks: label vram=64G, it has 32G (kubernetes.nodes in devenv.yaml)"]
