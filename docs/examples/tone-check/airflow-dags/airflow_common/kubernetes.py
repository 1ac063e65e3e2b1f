from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

POD_TEMPLATES = Path(__file__).parent.parent / "pod_templates"


def airflow_pod_template_path(name: str) -> str:
    return str(POD_TEMPLATES / f"{name}.yaml")


def make_persistent_volume_claim_volume(pvc_name: str, read_only: bool = True) -> k8s.V1Volume:
    source = k8s.V1PersistentVolumeClaimVolumeSource(claim_name=pvc_name, read_only=read_only)
    return k8s.V1Volume(name=pvc_name, persistent_volume_claim=source)


def make_volumemount(volume_name: str, mount_path: str, read_only: bool = True) -> k8s.V1VolumeMount:
    return k8s.V1VolumeMount(name=volume_name, mount_path=mount_path, read_only=read_only)


class WMFKubernetesPodOperator(KubernetesPodOperator):
    """A pod as the cluster's policies want it: what a DAG leaves open, a pod template says."""

    def __init__(
        self, *, container_resources: dict[str, Any] | k8s.V1ResourceRequirements | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault(
            "pod_template_file", airflow_pod_template_path("kubernetes_pod_operator_default_pod_template")
        )
        kwargs.setdefault("in_cluster", True)
        kwargs.setdefault("get_logs", True)
        kwargs.setdefault("priority_class_name", "low-priority-pod")
        if isinstance(container_resources, dict):
            container_resources = k8s.V1ResourceRequirements(**container_resources)
        super().__init__(container_resources=container_resources, **kwargs)
