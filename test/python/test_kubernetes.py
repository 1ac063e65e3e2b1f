"""Operators that say `in_cluster=True` find the project's cluster from outside of it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from airflow_devenv.kubernetes import VARIABLE, install

#: The parts of the official client's module that matter: constants that are looked up when it is used.
INCLUSTER_CONFIG = """
import os
from pathlib import Path
SERVICE_HOST_ENV_NAME = "KUBERNETES_SERVICE_HOST"
SERVICE_PORT_ENV_NAME = "KUBERNETES_SERVICE_PORT"
SERVICE_TOKEN_FILENAME = "/var/run/secrets/kubernetes.io/serviceaccount/token"
SERVICE_CERT_FILENAME = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

def load_incluster_config():
    place = os.environ[SERVICE_HOST_ENV_NAME], os.environ[SERVICE_PORT_ENV_NAME]
    return *place, Path(SERVICE_TOKEN_FILENAME).read_text(), SERVICE_CERT_FILENAME
"""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with the layout of the asynchronous client; the name of its module."""
    package = tmp_path / "kubernetes_asyncio" / "config"
    package.mkdir(parents=True)
    (tmp_path / "kubernetes_asyncio" / "__init__.py").write_text("")
    (package / "__init__.py").write_text("from .incluster_config import load_incluster_config\n")
    (package / "incluster_config.py").write_text(INCLUSTER_CONFIG)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "kubernetes_asyncio.config"


def test_the_client_reads_token_and_address_of_the_project(
    client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "state" / "serviceaccount"
    account.mkdir(parents=True)
    (account / "token").write_text("the-token")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "state"))
    monkeypatch.setenv(f"{VARIABLE}_HOST", "127.0.0.1")
    monkeypatch.setenv(f"{VARIABLE}_PORT", "6444")
    install()
    config = importlib.import_module(client)
    try:
        expected = ("127.0.0.1", "6444", "the-token", str(account / "ca.crt"))
        assert config.load_incluster_config() == expected
    finally:
        for name in [name for name in sys.modules if name.startswith("kubernetes_asyncio")]:
            del sys.modules[name]


def test_a_project_without_a_cluster_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    before = list(sys.meta_path)
    install()
    assert sys.meta_path == before
