"""From sentences that editors have marked to a model that tells praise from information."""

import textwrap
from datetime import datetime

from airflow import DAG
from kubernetes.client.models import V1PodSecurityContext

from airflow_common.kubernetes import (
    WMFKubernetesPodOperator,
    airflow_pod_template_path,
    make_persistent_volume_claim_volume,
    make_volumemount,
)
from airflow_common.spark import SparkSubmitOperator
from ml.config.dag_config import artifact, hadoop_name_node

conda_artifact_name = "tone_check-0.1.0.conda.tgz"
docker_image_uri = "docker-registry.example.org/machine-learning/ml-pipelines"
copy_docker_image_tag = "tone-check-copy-0.1.0"
train_docker_image_tag = "tone-check-train-0.1.0"

pvc_name = "airflow-ml-model-training"
pvc_mount_path = "/mnt/model-training"

# Of one DAG run; HDFS takes no colon in a name.
stamp = "{{ run_id | replace(':', '') | replace('+', '') }}"
hdfs_timestamped_data_path = f"{hadoop_name_node}/tmp/ml/tone_check/{stamp}"
pvc_timestamped_data_path = f"{pvc_mount_path}/tone_check/data/{stamp}"
train_data_path = f"{pvc_timestamped_data_path}/train_data.parquet"
validation_data_path = f"{pvc_timestamped_data_path}/validation_data.parquet"
base_model_path = f"{pvc_mount_path}/tone_check/base/model.joblib"
output_model_path = f"{pvc_mount_path}/tone_check/models/{stamp}"

with DAG(
    dag_id="tone_check_training_dag",
    start_date=datetime(2025, 5, 1),
    schedule=None,
    catchup=False,
    tags=["ml", "training"],
):
    generate_training_data = SparkSubmitOperator.for_virtualenv(
        task_id="generate_training_data",
        virtualenv_archive=artifact(conda_artifact_name),
        entry_point="bin/tone_check_generate_training_data.py",
        application_args=[
            "--output-path",
            hdfs_timestamped_data_path,
            "--wiki-db",
            "enwiki",
            "--snapshot",
            "2025-04",
        ],
        driver_cores=4,
        driver_memory="8G",
        executor_cores=4,
        executor_memory="20G",
        max_executors=64,
        conf={
            "spark.executor.memoryOverhead": "8G",
            "spark.driver.memoryOverhead": "8G",
            "spark.driver.maxResultSize": "16G",
            "spark.sql.shuffle.partitions": 16384,
            "spark.sql.autoBroadcastJoinThreshold": -1,
            "spark.sql.adaptive.enabled": "true",
            "spark.network.timeout": "1200s",
        },
    )

    copy_hdfs_to_pvc = WMFKubernetesPodOperator(
        task_id="copy_hdfs_to_pvc",
        name="copy_hdfs_to_pvc",
        image=f"{docker_image_uri}:{copy_docker_image_tag}",
        cmds=["bash", "-c"],
        arguments=[
            textwrap.dedent(
                f"""
                set -e
                set -x
                echo "Creating local output directory on PVC if missing: {pvc_timestamped_data_path}"
                mkdir -p {pvc_timestamped_data_path}
                echo "Copying contents from HDFS '{hdfs_timestamped_data_path}' to PVC '{pvc_timestamped_data_path}'"
                hdfs dfs -get {hdfs_timestamped_data_path}/* {pvc_timestamped_data_path}
                echo "Verifying contents of PVC output directory after copy"
                ls -lR {pvc_timestamped_data_path}
                """
            )
        ],
        volumes=[make_persistent_volume_claim_volume(pvc_name=pvc_name, read_only=False)],
        volume_mounts=[make_volumemount(volume_name=pvc_name, mount_path=pvc_mount_path, read_only=False)],
        pod_template_file=airflow_pod_template_path("kubernetes_pod_operator_hadoop_pod_template"),
        security_context=V1PodSecurityContext(fs_group=900),
    )

    train_tone_check = WMFKubernetesPodOperator(
        task_id="train_tone_check",
        name="train_tone_check",
        image=f"{docker_image_uri}:{train_docker_image_tag}",
        cmds=["bash", "-c"],
        arguments=[
            textwrap.dedent(
                f"""
                set -e
                set -x
                echo "Ensuring output model directory exists"
                mkdir -p {output_model_path}
                echo "Verifying input data exists on PVC"
                ls -lR {pvc_timestamped_data_path}
                echo "Starting model training"
                python3 training/tone_check/retrain/retrain.py \\
                    --train-data-path "{train_data_path}" \\
                    --validation-data-path "{validation_data_path}" \\
                    --output-model-path "{output_model_path}" \\
                    --base-model-path "{base_model_path}"
                echo "Verifying model output"
                ls -l {output_model_path}
                """
            )
        ],
        volumes=[make_persistent_volume_claim_volume(pvc_name=pvc_name, read_only=False)],
        volume_mounts=[make_volumemount(volume_name=pvc_name, mount_path=pvc_mount_path, read_only=False)],
        node_selector={"amd.com/gpu.vram": "64G"},
        container_resources={
            "limits": {
                "cpu": "4000m",
                "memory": "8Gi",
                "amd.com/gpu": 1,
            },
            "requests": {
                "cpu": "2000m",
                "memory": "8Gi",
            },
        },
        security_context=V1PodSecurityContext(fs_group=900),
        deferrable=True,
        in_cluster=True,
    )

    generate_training_data >> copy_hdfs_to_pvc >> train_tone_check
