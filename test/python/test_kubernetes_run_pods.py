"""Pods of a run are noted before they are made, and what is left noted is ended."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.kubernetes import run_pods as module
from airflow_devenv.kubernetes.run_pods import RunPods

POD: Any = SimpleNamespace(metadata=SimpleNamespace(name="train-1", namespace="ml"))


def test_a_pod_is_noted_with_its_process_until_its_task_has_cleaned_up(tmp_path: Path) -> None:
    pods = RunPods()
    pods.begin(str(tmp_path))
    pods.note(POD)
    noted = json.loads((tmp_path / "pods" / "train-1.json").read_text())
    assert (noted["pid"], noted["namespace"], noted["version"]) == (os.getpid(), "ml", 1)
    pods.forget("train-1")
    assert list((tmp_path / "pods").iterdir()) == []


def test_services_note_nothing(tmp_path: Path) -> None:
    RunPods().note(POD)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("status", "left"), [(None, []), (404, []), (500, ["train-1.json"])])
def test_the_end_of_a_run_removes_its_pods_and_keeps_the_note_of_one_that_it_could_not(
    status: int | None, left: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def delete(name: str, namespace: str, **_: Any) -> None:
        asked.append((name, namespace))
        if status is not None:
            error: Any = RuntimeError("refused")
            error.status = status
            raise error

    monkeypatch.setattr(module, "admin_client", lambda: SimpleNamespace(delete_namespaced_pod=delete))
    pods = RunPods()
    pods.begin(str(tmp_path))
    pods.note(POD)
    pods.end_all()
    assert asked == [("train-1", "ml")]
    assert [each.name for each in (tmp_path / "pods").iterdir()] == left
