"""Errors that say too little to an author, by their class and text."""

from __future__ import annotations

from airflow_devenv.explanations import TaskPlace, explain

PLACE = TaskPlace("pod", "go", is_pod=True)


class ConfigException(Exception):
    __module__ = "kubernetes.config.config_exception"


class ApiException(Exception):
    __module__ = "kubernetes.client.exceptions"
    body = ""


class ForbiddenException(ApiException):
    __module__ = "kubernetes.client.exceptions"


class MaxRetryError(Exception):
    __module__ = "urllib3.exceptions"


def test_a_missing_cluster_is_named_also_as_the_cause_of_another_error() -> None:
    error = ConfigException("Service host/port is not set.")
    wrapped = RuntimeError("outer")
    wrapped.__cause__ = error
    for each in (error, wrapped):
        text = str(explain(each, PLACE))
        assert "no Kubernetes cluster for pod in this project (Service host/port is not set)" in text
        assert "Write kubernetes: {} into devenv.yaml" in text
    assert "does not answer" in str(explain(MaxRetryError("refused"), PLACE))


def test_what_the_cluster_refuses_is_told_in_its_own_words() -> None:
    error = ForbiddenException("(403)")
    error.body = '{"kind": "Status", "message": "exceeded quota: devenv"}'
    assert explain(error, PLACE) == "the cluster refused what pod asked for: exceeded quota: devenv"


def test_only_pods_have_a_cluster() -> None:
    assert explain(MaxRetryError("refused"), TaskPlace("fetch", "default", is_pod=False)) is None


def test_a_stub_belongs_to_workers_of_its_queue() -> None:
    text = explain(RuntimeError("@task.stub should not be executed directly -- we"), PLACE)
    assert text is not None
    assert "queue 'go'" in text


def test_an_error_of_the_author_speaks_for_itself() -> None:
    assert explain(ValueError("no"), PLACE) is None
