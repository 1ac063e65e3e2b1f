"""What each test begins with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from airflow_devenv.contract import accelerators


@pytest.fixture(autouse=True)
def _contract_not_looked_at_yet(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """No Airflow is installed beside the tools; a file's stand-ins are of the line that its name says."""
    installed = "2.11.2" if request.module.__name__.endswith("2") else "3.3.2"
    monkeypatch.setattr(accelerators, "installed_version", lambda: installed)
    accelerators.forget()
    yield
    accelerators.forget()
