"""Runs one DAG once for each entry of the contract that runs rely on: with it absent, and with it failing.

`devenv python contract_cases.py PYTHON_FOLDER DAG_FILE [NAME…]`. Each case is a fork of one process.
One line of JSON for each: what was asked, and how the run ended.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

sys.path.append(sys.argv[1])

from airflow_devenv.child import serve
from airflow_devenv.contract import accelerators, table
from airflow_devenv.contract.entry import Entry, Kind
from airflow_devenv.contract.runs2 import RUNS_2
from airflow_devenv.contract.runs3 import RUNS_3
from airflow_devenv.contract.shared import SHARED
from airflow_devenv.lines import direct_client, inline_execution_api
from airflow_devenv.lines.detect import detect_line
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.protocol import Bundle, RunRequest

#: Whatever is said of them, nothing takes their place.
INDISPENSABLE = frozenset({"dag_run_rows", "registration2", "registration3", "maskers3", "dag_files"})


class Gone:
    def missing(self) -> str:
        return "it was taken away"


def take_away(entry: Entry) -> None:
    table._by_name()[entry.name] = dataclasses.replace(entry, needs=(Gone(),))


def let_fail(entry: Entry) -> None:
    """What takes the place of Airflow's own fails when it is called."""
    wrap = accelerators.GuardedPatches.wrap

    def failing_wrap(self: Any, owner: Any, attribute: str, make: Callable[[Any], Any]) -> None:
        wrap(self, owner, attribute, (lambda _original: fail) if self._name == entry.name else make)

    accelerators.GuardedPatches.wrap = failing_wrap  # type: ignore[method-assign]
    either = accelerators.either

    def failing_either(name: str, faster: Any, stock: Any) -> Any:
        return either(name, fail if name == entry.name else faster, stock)

    for module in (direct_client, inline_execution_api):
        module.either = failing_either  # type: ignore[attr-defined]


def fail(*_arguments: Any, **_keywords: Any) -> Any:
    raise RuntimeError("it fails on purpose")


def run(line: AirflowLine, file: str, begin: Callable[[], None]) -> dict[str, Any]:
    """In a fork of this process."""
    reader, writer = os.pipe()
    begun = time.monotonic()
    if os.fork() == 0:
        code = 1
        try:
            os.close(reader)
            begin()
            line.prepare_for_runs()
            code = serve(line, request_for(file), writer, lambda *_, **__: None, warm=False)
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as events:
        told = [json.loads(each) for each in events]
    _, status = os.wait()
    return {
        "code": os.waitstatus_to_exitcode(status),
        "states": {
            f"{each['task_id']}[{each['map_index']}]": each["state"]
            for event in told
            if event["event"] == "run_finished"
            for each in event["tasks"]
        },
        "left_out": [each["text"] for each in told if each.get("code") == "left_out"],
        "errors": [each.get("why") or each["what"] for each in told if each["event"] == "error"],
        "seconds": round(time.monotonic() - begun, 1),
    }


def request_for(file: str) -> RunRequest:
    folder = os.path.dirname(file)
    return RunRequest(
        file=file,
        working_directory=folder,
        bundles=[Bundle("contract", folder)],
        repositories=[folder],
    )


def main(file: str, names: list[str]) -> None:
    line = detect_line()
    line.preload()
    line.quiet()
    tell("", "", run(line, file, lambda: None))
    for entry in (*SHARED, *(RUNS_2 if line.version.startswith("2.") else RUNS_3)):
        is_wanted = not names or entry.name in names
        if not is_wanted or not entry.is_expected_in(line.version) or entry.name in INDISPENSABLE:
            continue
        tell(entry.name, "absent", run(line, file, lambda entry=entry: take_away(entry)))  # type: ignore[misc]
        if entry.kind is Kind.ACCELERATOR:
            tell(entry.name, "fails", run(line, file, lambda entry=entry: let_fail(entry)))  # type: ignore[misc]


def tell(name: str, way: str, result: dict[str, Any]) -> None:
    print(json.dumps({"entry": name, "way": way, **result}), flush=True)


if __name__ == "__main__":
    main(sys.argv[2], sys.argv[3:])
