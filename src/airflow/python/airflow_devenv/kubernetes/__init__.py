"""
Makes `in_cluster=True` mean the project's own cluster, in processes that run outside of it.

The official clients read the token and the certificate of a pod from fixed paths, and the address of the API
server from fixed variables. Both names are constants of one module; here they point to files of the project. So the
road of an operator through its hook is production's, with the service account's rights.
"""

from __future__ import annotations

import os
from typing import Any

from airflow_devenv.hadoop.after_import import after_import
from airflow_devenv.kubernetes.operators import follow_pods
from airflow_devenv.kubernetes.run_pods import own_pods

#: The folder with `serviceaccount/`, of a project that has a cluster.
VARIABLE = "AIRFLOW_DEVENV_KUBERNETES"
#: The synchronous client, and the one of deferred tasks.
MODULES = ("kubernetes.config.incluster_config", "kubernetes_asyncio.config.incluster_config")

#: Where the operator reads the namespace of the pod that it believes to run in.
OPERATOR_MODULE = "airflow.providers.cncf.kubernetes.operators.pod"


def install() -> None:
    """Does nothing in a project without a cluster."""
    if os.environ.get(VARIABLE):
        for name in MODULES:
            after_import(name, _patch)
        after_import(OPERATOR_MODULE, _patch_operator)


def has_cluster() -> bool:
    return bool(os.environ.get(VARIABLE))


def begin_run_pods() -> None:
    """From here on the pods of this process are ended with it."""
    if os.environ.get(VARIABLE):
        own_pods.begin(os.environ[VARIABLE])


def end_run_pods() -> None:
    own_pods.end_all()


def namespace_file() -> str:
    return os.path.join(os.environ[VARIABLE], "serviceaccount", "namespace")


def _patch(module: Any) -> None:
    folder = os.path.join(os.environ[VARIABLE], "serviceaccount")
    module.SERVICE_TOKEN_FILENAME = os.path.join(folder, "token")
    module.SERVICE_CERT_FILENAME = os.path.join(folder, "ca.crt")
    module.SERVICE_HOST_ENV_NAME = f"{VARIABLE}_HOST"
    module.SERVICE_PORT_ENV_NAME = f"{VARIABLE}_PORT"


def _patch_operator(module: Any) -> None:
    """
    Without the namespace the operator falls back to the connection's, and then to `default`. In production's pods
    KUBECONFIG is not set; here it is, for programs that tasks start, and a deferred operator that says
    `in_cluster=True` would refuse to have both.
    """
    if hasattr(module, "KUBE_CONFIG_ENV_VAR"):
        module.KUBE_CONFIG_ENV_VAR = f"{VARIABLE}_NO_KUBECONFIG"
    operator: Any = getattr(module, "KubernetesPodOperator", None)
    if operator is None:
        return
    if hasattr(operator, "_incluster_namespace"):
        operator._incluster_namespace = property(lambda _: _read_namespace())
    follow_pods(operator, os.environ[VARIABLE])


def _read_namespace() -> str | None:
    try:
        with open(namespace_file(), encoding="utf-8") as file:
            return file.read().strip() or None
    except OSError:
        return None
