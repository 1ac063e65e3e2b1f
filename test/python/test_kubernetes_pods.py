"""Pods of operators find loaded images, and ask for no more than a laptop has."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.kubernetes.pods import fit_pod, full_image_name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a cluster with an image and a node of two cores; the official client is replaced by what is used of it."""
    (tmp_path / "images.json").write_text(json.dumps({"version": 1, "images": ["reg.example.org/job:1"]}))
    (tmp_path / "node.json").write_text(json.dumps({"version": 1, "cpu": "2", "memory": "8000"}))
    client, quantity = ModuleType("kubernetes.client"), ModuleType("kubernetes.utils.quantity")
    client.models = SimpleNamespace(V1EnvVar=SimpleNamespace, V1ResourceRequirements=SimpleNamespace)  # type: ignore[attr-defined]
    quantity.parse_quantity = number  # type: ignore[attr-defined]
    for module in (ModuleType("kubernetes"), client, ModuleType("kubernetes.utils"), quantity):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.delenv("HADOOP_USER_NAME", raising=False)
    return str(tmp_path)


def number(text: str) -> float:
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def container(**values: Any) -> Any:
    return SimpleNamespace(
        **{"image": None, "image_pull_policy": None, "env": None, "resources": None, **values}
    )


def pod(*containers: Any) -> Any:
    return SimpleNamespace(spec=SimpleNamespace(containers=list(containers), init_containers=None))


def resources(**values: Any) -> Any:
    return SimpleNamespace(**{"claims": None, "limits": None, "requests": None, **values})


def test_a_loaded_image_is_not_pulled_and_any_other_is_as_the_pod_says(folder: str) -> None:
    loaded = container(image="reg.example.org/job:1", image_pull_policy="Always")
    other = container(image="reg.example.org/job:2", image_pull_policy="Always")
    fit_pod(pod(loaded, other), folder)
    assert (loaded.image_pull_policy, other.image_pull_policy) == ("IfNotPresent", "Always")


def test_requests_above_a_share_of_the_node_are_lowered_and_limits_and_gpus_stay(folder: str) -> None:
    limits = {"cpu": "4000m", "memory": "1000", "amd.com/gpu": 1}
    train = container(resources=resources(limits=limits, requests={"cpu": "2000m", "memory": "1000"}))
    fit_pod(pod(train), folder)
    assert train.resources.limits == limits
    assert train.resources.requests == {"cpu": "500m", "memory": "1000"}


def test_a_limit_without_a_request_is_one(folder: str) -> None:
    train = container(resources=resources(limits={"memory": "9000"}))
    fit_pod(pod(train), folder)
    assert train.resources.requests == {"memory": "2000"}


def test_the_pod_is_in_hdfs_who_the_task_is(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HADOOP_USER_NAME", "analytics")
    own = container(env=[SimpleNamespace(name="HADOOP_USER_NAME", value="other")])
    copy = container()
    fit_pod(pod(own, copy), folder)
    assert [each.env[0].value for each in (own, copy)] == ["other", "analytics"]


def test_names_are_completed_as_container_runtimes_do() -> None:
    assert full_image_name("debian") == "docker.io/library/debian:latest"
    assert full_image_name("me/job:1") == "docker.io/me/job:1"
    assert full_image_name("localhost:5000/job") == "localhost:5000/job:latest"
