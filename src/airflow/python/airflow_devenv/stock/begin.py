"""What a process does before it loads Airflow, to watch it without replacing anything."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from airflow_devenv.contract.accelerators import WITHOUT

METADATA = "Metadata-Version: 2.1\nName: airflow-devenv-stock\nVersion: 0\n"
ENTRY_POINTS = "[airflow.plugins]\nairflow_devenv_stock = airflow_devenv.stock.plugin:StockPlugin\n"
#: Kept: it is removed when it is garbage-collected.
_offered: list[tempfile.TemporaryDirectory[str]] = []


def begin_stock(plugins_folders: list[str]) -> None:
    """Before Airflow is imported: it finds our listener as it finds a plugin of any installed package."""
    os.environ[WITHOUT] = "stock"
    folder = next((each for each in plugins_folders if os.path.isdir(each)), None)
    if folder is not None:
        os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = folder
    _offered.append(tempfile.TemporaryDirectory(prefix="devenv-stock-"))
    package = Path(_offered[-1].name) / "airflow_devenv_stock-0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text(METADATA, encoding="utf-8")
    (package / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    sys.path.append(_offered[-1].name)
