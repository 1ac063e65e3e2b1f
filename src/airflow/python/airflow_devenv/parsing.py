"""From a file to parsed DAGs, with errors that name the author's line."""

from __future__ import annotations

import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

from airflow_devenv.dag_text import line_of_dag_definition
from airflow_devenv.failures import RunFailure
from airflow_devenv.lines.line import AirflowLine, ParsedFile
from airflow_devenv.protocol import Bundle, RunRequest
from airflow_devenv.tracebacks import is_own

#: What `get_parsing_context()` reads, on both lines.
WANTED_DAG = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"
#: What plugins have to name, and the attribute of their class that does it.
REGISTERED = {
    "Timetable": "timetables",
    "Priority weight strategy": "priority_weight_strategies",
    "Window": "windows",
}
#: Of an import, or a use of what was imported, that failed.
MODULE_IN_MESSAGE = re.compile(
    r"No module named '([^']+)'|cannot import name '[^']+' from (?:partially initialized module )?'([^']+)'"
    r"|module '([^']+)' has no attribute"
)
FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)', re.MULTILINE)


def load_for_run(line: AirflowLine, request: RunRequest, path: str, dag_id: str) -> ParsedFile:
    """Parses the file once more, as the process of a task does: it is told which DAG is wanted."""
    os.environ[WANTED_DAG] = dag_id
    try:
        return load_file(line, request, path)
    finally:
        del os.environ[WANTED_DAG]


def load_file(line: AirflowLine, request: RunRequest, path: str) -> ParsedFile:
    """Parses one file. Raises RunFailure for what Airflow would call an import error."""
    try:
        parsed = line.parse(path, bundle_of(request, path))
    except SystemExit as end:
        text = "".join(traceback.format_exception(end))
        what = f"the file called sys.exit({end.code!r}) at its top level"
        raise _import_failure(request, path, what, "SystemExit", text) from end
    return without_errors(request, parsed)


def without_errors(request: RunRequest, parsed: ParsedFile) -> ParsedFile:
    for error in parsed.import_errors.values():
        raise import_failure(request, parsed.path, error)
    return parsed


def import_failure(request: RunRequest, path: str, error: str) -> RunFailure:
    """`error`: as Airflow keeps it, a traceback or only its last line."""
    message = exception_text(error)
    return _import_failure(request, path, message, message.split("\n")[0].split(":")[0], error)


def not_serializable(request: RunRequest, parsed: ParsedFile, error: Exception) -> RunFailure:
    """What Airflow can't write of the author's objects: the dag-processor refuses such a file, too."""
    text = "".join(traceback.format_exception_only(error)).strip()
    # What Airflow went through until then is nothing that the author wrote.
    detail = {**import_failure(request, parsed.path, text).event()["detail"], "traceback": []}
    place = f"{detail['file']}:{detail['line']}" if "line" in detail else detail["file"]
    return RunFailure(
        "dag_not_serializable",
        f"{place}: Airflow can't write this DAG to its database, and would refuse the file.",
        why=str(error),
        next_steps=_serialization_hints(str(error)),
        detail=detail,
    )


def _serialization_hints(message: str) -> list[str]:
    found = re.search(
        r"(Timetable|Priority weight strategy|Window) class '([\w.]+)' is not registered", message
    )
    if found is None:
        return ["Give the DAG and its operators only what JSON knows."]
    return [
        "A plugin in the plugins folder has to register it: "
        f"{REGISTERED[found.group(1)]} = [{found.group(2).rpartition('.')[2]}] in a class of AirflowPlugin."
    ]


def exception_text(error: str) -> str:
    """What a traceback, or an error without one, says: Airflow's own messages often have several lines."""
    lines = error.strip().split("\n")
    frames = [index for index, text in enumerate(lines) if FRAME.match(text)]
    begin = frames[-1] + 1 if frames else 0
    while frames and begin < len(lines) - 1 and lines[begin].startswith((" ", "\t")):
        begin += 1
    return "\n".join(lines[begin:])


def _import_failure(request: RunRequest, path: str, message: str, kind: str, trace: str | None) -> RunFailure:
    file, line_number = _authors_frame(request, path, trace)
    detail: dict[str, Any] = {
        "type": kind,
        "message": message,
        "traceback": _authors_lines(request, path, trace),
        "file": file,
    }
    if line_number:
        detail["line"] = line_number
    place = f"{file}:{line_number}" if line_number else file
    return RunFailure(
        "import_error",
        f"{place} can't be imported.",
        why=message,
        next_steps=_import_hints(request, message, path),
        detail=detail,
    )


def _authors_frame(request: RunRequest, path: str, trace: str | None) -> tuple[str, int | None]:
    roots = [*request.repositories, path]
    found = [(file, int(number)) for file, number in FRAME.findall(trace or "") if is_own(file, roots)]
    return found[-1] if found else (path, line_of_dag_definition(path, trace or ""))


def _authors_lines(request: RunRequest, path: str, trace: str | None) -> list[str]:
    lines = (trace or "").rstrip("\n").split("\n")
    for index, text in enumerate(lines):
        match = FRAME.match(text)
        if match and is_own(match.group(1), [*request.repositories, path]):
            return lines[index:]
    return lines if lines != [""] else []


def _import_hints(request: RunRequest, message: str, path: str) -> list[str]:
    hidden = _hidden_module(request, message, path)
    if hidden is not None:
        own, installed = hidden
        return [
            f"{own} is not what was imported: the installed {installed} has the same name, and comes first.",
            "Give the module another name, or import it by a package of yours.",
        ]
    match = re.search(r"No module named '([^']+)'", message)
    if match is None:
        return []
    name = match.group(1).split(".")[0]
    if match.group(1) == "airflow.sdk":
        return [
            "airflow.sdk is Airflow 3's. If the DAG is for it, name one in devenv.yaml: `airflow: {version: …}`.",
            "On Airflow 2 the same names are in `airflow` and `airflow.decorators`.",
        ]
    if (Path(path).parent / f"{name}.py").exists() or (Path(path).parent / name).is_dir():
        if str(Path(path).parent) not in sys.path:
            return [
                f"{name} lies beside this file, but production does not have that folder on its import path.",
                "Import it from the DAGs folder or the repository root, or name the folder under `pythonpath:`.",
            ]
    return [
        f"If {name} comes from PyPI, name it in a requirements file and that under `airflow.requirements`.",
        "If it is code of yours, name its folder under `pythonpath:` of the repository in devenv.yaml.",
    ]


def _hidden_module(request: RunRequest, message: str, path: str) -> tuple[str, str] | None:
    """The author's module that the failed import meant, and the installed one that it got."""
    match = MODULE_IN_MESSAGE.search(message)
    if match is None:
        return None
    name = next(each for each in match.groups() if each).split(".")[0]
    module = sys.modules.get(name)
    installed = str(getattr(module, "__file__", None) or "")
    if not installed or is_own(installed, request.repositories):
        return None
    for folder in (*request.import_paths, str(Path(path).parent)):
        for own in (Path(folder) / f"{name}.py", Path(folder) / name):
            if own.exists():
                return str(own), installed
    return None


def bundle_of(request: RunRequest, path: str) -> Bundle:
    """The DAGs folder that a file lies in; a bundle of its own for a file outside all of them."""
    inside = [each for each in request.bundles if path.startswith(each.path.rstrip("/") + "/")]
    if inside:
        return max(inside, key=lambda each: len(each.path))
    return Bundle("devenv-other-files", str(Path(path).parent))
