from __future__ import annotations

import os
from typing import Any

#: Seconds for each question to the cluster: one that does not answer must not keep a run from ending.
REQUEST_TIMEOUT = 5


def admin_client() -> Any:
    """
    A `CoreV1Api` of the project's own kubeconfig, whose user may see nodes and events, too. Tasks have the rights
    of their service account.
    """
    from kubernetes import client, config

    return client.CoreV1Api(config.new_client_from_config(config_file=os.environ["KUBECONFIG"]))
