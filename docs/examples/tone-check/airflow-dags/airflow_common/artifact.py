from __future__ import annotations

from pathlib import Path

import yaml


class ArtifactRegistry:
    """Where the artifacts of an `artifacts.yaml` lie in HDFS."""

    def __init__(self, file: Path) -> None:
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
        self._cache: str = declared["cache"]
        self._names = frozenset(declared["artifacts"])

    def artifact_url(self, name: str) -> str:
        if name not in self._names:
            raise KeyError(f"{name} is not declared in artifacts.yaml")
        return f"{self._cache}/{name}"
