"""
What the DAG's tasks send to YARN and to Kubernetes is what the fixture says. After a change that is meant:

    REBUILD_FIXTURES=yes devenv python -m unittest discover airflow-dags/tests
"""

import json
import os
import unittest
from pathlib import Path

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import ApiClient

from airflow_common.spark import SparkSubmitOperator
from ml.dags.tone_check_training_dag import train_tone_check

FIXTURE = Path(__file__).parent / "fixtures" / "tone_check_training_dag.json"


SPARK = ("application", "application_args", "archives", "conf", "executor_memory", "driver_memory")
POD = (
    "image",
    "cmds",
    "arguments",
    "node_selector",
    "container_resources",
    "volumes",
    "volume_mounts",
    "security_context",
    "deferrable",
    "in_cluster",
)


def sent(task) -> dict:
    if isinstance(task, SparkSubmitOperator):
        # Releases of the provider keep some of them under a name of their own.
        return {name: getattr(task, name, None) or getattr(task, f"_{name}", None) for name in SPARK}
    assert isinstance(task, KubernetesPodOperator)
    values = {name: ApiClient().sanitize_for_serialization(getattr(task, name)) for name in POD}
    return {**values, "pod_template_file": Path(task.pod_template_file).name}


class ToneCheckTest(unittest.TestCase):
    maxDiff = None

    def test_tasks_send_what_the_fixture_says(self) -> None:
        found = {task.task_id: sent(task) for task in train_tone_check.dag.tasks}
        text = json.dumps(found, indent=2, sort_keys=True) + "\n"
        if os.environ.get("REBUILD_FIXTURES") == "yes":
            FIXTURE.write_text(text, encoding="utf-8")
        self.assertEqual(json.loads(text), json.loads(FIXTURE.read_text(encoding="utf-8")))
