from pathlib import Path

from airflow_common.artifact import ArtifactRegistry

hadoop_name_node = "hdfs://analytics-hadoop"
artifact = ArtifactRegistry(Path(__file__).with_name("artifacts.yaml")).artifact_url
