"""What the installed Airflow has of the contract, as JSON for environment.json and `devenv doctor`."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

from airflow_devenv.contract.accelerators import installed_version
from airflow_devenv.contract.entry import Entry
from airflow_devenv.contract.table import ENTRIES


def print_report() -> None:
    """One line on standard output; what Airflow says while it is imported goes to standard error."""
    out = os.dup(1)
    os.dup2(2, 1)
    with contextlib.redirect_stdout(sys.stderr):
        report = look()
    with os.fdopen(out, "w", encoding="utf-8") as file:
        file.write(json.dumps(report) + "\n")


def look() -> dict[str, Any]:
    version = installed_version()
    from airflow_devenv.lines.detect import detect_line

    # The order of imports that Airflow needs.
    detect_line().preload()
    here = [each for each in ENTRIES if each.is_expected_in(version)]
    reasons = {each.name: each.missing() for each in here}
    return {
        "airflow": version,
        "holding": [each.name for each in here if not reasons[each.name]],
        "missing": [_absence(each, reasons[each.name]) for each in here if reasons[each.name]],
        "elsewhere": [each.name for each in ENTRIES if each not in here],
    }


def _absence(entry: Entry, reasons: list[str]) -> dict[str, Any]:
    return {"name": entry.name, "kind": entry.kind.value, "without": entry.without, "reasons": reasons}
