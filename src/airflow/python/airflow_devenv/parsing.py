"""From a file or a DAG id to parsed DAGs, with errors that name the author's line."""

from __future__ import annotations

import ast
import difflib
import os
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_devenv.failures import RunFailure
from airflow_devenv.lines.line import AirflowLine, ParsedFile
from airflow_devenv.protocol import Bundle, Emit, RunRequest
from airflow_devenv.registration import exclusively_in
from airflow_devenv.tracebacks import is_own
from airflow_devenv.trigger_targets import trigger_target

FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)', re.MULTILINE)


@dataclass(frozen=True)
class DagSource:
    path: str
    #: None: the only DAG of the file.
    dag_id: str | None


def load_file(line: AirflowLine, request: RunRequest, path: str) -> ParsedFile:
    """Parses one file. Raises RunFailure for what Airflow would call an import error."""
    try:
        parsed = line.parse(path, bundle_of(request, path))
    except SystemExit as end:
        text = "".join(traceback.format_exception(end))
        what = f"the file called sys.exit({end.code!r}) at its top level"
        raise _import_failure(request, path, what, "SystemExit", text) from end
    for error in parsed.import_errors.values():
        raise import_failure(request, path, error)
    return parsed


def import_failure(request: RunRequest, path: str, error: str) -> RunFailure:
    """`error`: as Airflow keeps it, a traceback or only its last line."""
    message = exception_text(error)
    return _import_failure(request, path, message, message.split("\n")[0].split(":")[0], error)


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


def line_of_dag_definition(path: str, message: str) -> int | None:
    """For errors without a frame (a cycle, a bad DAG id): where the DAG that the message names is made."""
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("DAG", "dag")
    ]
    for call in calls:
        texts = [each.value for each in ast.walk(call) if isinstance(each, ast.Constant)]
        if any(isinstance(text, str) and text and text in message for text in texts):
            return call.lineno
    return calls[0].lineno if calls else None


def _authors_lines(request: RunRequest, path: str, trace: str | None) -> list[str]:
    lines = (trace or "").rstrip("\n").split("\n")
    for index, text in enumerate(lines):
        match = FRAME.match(text)
        if match and is_own(match.group(1), [*request.repositories, path]):
            return lines[index:]
    return lines if lines != [""] else []


def _import_hints(request: RunRequest, message: str, path: str) -> list[str]:
    match = re.search(r"No module named '([^']+)'", message)
    if match is None:
        return []
    name = match.group(1).split(".")[0]
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


def bundle_of(request: RunRequest, path: str) -> Bundle:
    """The DAGs folder that a file lies in; a bundle of its own for a file outside all of them."""
    inside = [each for each in request.bundles if path.startswith(each.path.rstrip("/") + "/")]
    if inside:
        return max(inside, key=lambda each: len(each.path))
    return Bundle("devenv-other-files", str(Path(path).parent))


def has_main_block(path: str) -> bool:
    try:
        source = Path(path).read_bytes()
        if b"__main__" not in source:
            return False
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.If) and _tests_main(node.test) for node in tree.body)


def _tests_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.comparators) != 1:
        return False
    sides = [test.left, test.comparators[0]]
    return any(isinstance(each, ast.Name) and each.id == "__name__" for each in sides) and any(
        isinstance(each, ast.Constant) and each.value == "__main__" for each in sides
    )


def find_dag_file(line: AirflowLine, request: RunRequest, dag_id: str) -> DagSource:
    """Where a DAG id is defined: the file the database knows, else files that contain its name, else all."""
    known = line.dag_file(dag_id)
    tried: dict[str, ParsedFile] = {}
    if known and os.path.exists(known) and _defines(line, request, known, dag_id, tried):
        return DagSource(known, dag_id)
    files = list(python_files(request))
    naming = [each for each in files if _contains(each, dag_id)]
    # Each once, those that name it first.
    for each in dict.fromkeys([*naming, *files]):
        if each not in tried and _defines(line, request, each, dag_id, tried):
            return DagSource(each, dag_id)
    raise _unknown_dag(line, dag_id, tried)


def _defines(
    line: AirflowLine, request: RunRequest, path: str, dag_id: str, tried: dict[str, ParsedFile]
) -> bool:
    try:
        tried[path] = line.parse(path, bundle_of(request, path))
    except SystemExit:
        return False
    return dag_id in tried[path].dags


def _unknown_dag(line: AirflowLine, dag_id: str, tried: dict[str, ParsedFile]) -> RunFailure:
    names = {name for parsed in tried.values() for name in parsed.dags}
    broken = [path for path, parsed in tried.items() if parsed.import_errors]
    nearest = difflib.get_close_matches(dag_id, sorted(names), n=3, cutoff=0.4)
    why = f"The nearest names are: {', '.join(nearest)}." if nearest else None
    if why is None:
        why = f"The DAGs here are: {', '.join(sorted(names)[:10])}." if names else "No DAG was found at all."
    steps = [f"devenv run-dag {each}" for each in nearest]
    steps += [f"{each} can't be imported; it may be in there." for each in broken[:3]]
    return RunFailure("dag_unknown", f"There is no DAG {dag_id!r}.", why=why, next_steps=steps, misuse=True)


def python_files(request: RunRequest) -> Iterator[str]:
    for bundle in request.bundles:
        for folder, folders, files in os.walk(bundle.path, followlinks=True):
            folders[:] = sorted(each for each in folders if not each.startswith((".", "__pycache__")))
            for name in sorted(files):
                if name.endswith(".py"):
                    yield os.path.join(folder, name)


def _contains(path: str, text: str) -> bool:
    try:
        return text.encode() in Path(path).read_bytes()
    except OSError:
        return False


def register_with_targets(line: AirflowLine, request: RunRequest, parsed: ParsedFile, emit: Emit) -> None:
    """Writes the file's DAGs to the database, and those that they trigger.

    `TriggerDagRunOperator` fails for a target that Airflow has not seen; Airflow 3 therefore parses the whole
    bundle before each test run. Only the files that define the targets are needed.
    """
    _warn_about_duplicates(line, request, parsed, emit)
    exclusively = exclusively_in(request.runs_directory)
    line.register(parsed, exclusively)
    targets = {
        target
        for dag in parsed.dags.values()
        for task in dag.task_dict.values()
        if (target := trigger_target(task)) is not None
    } - set(parsed.dags)
    if not targets:
        return
    for target in sorted(targets - line.registered_dag_ids(sorted(targets))):
        try:
            source = find_dag_file(line, request, target)
            line.register(line.parse(source.path, bundle_of(request, source.path)), exclusively)
        except RunFailure as failure:
            emit("warning", code="trigger_target_unknown", text=f"A task triggers {target!r}: {failure.what}")


def _warn_about_duplicates(line: AirflowLine, request: RunRequest, parsed: ParsedFile, emit: Emit) -> None:
    for dag_id in parsed.dags:
        other = _other_file(line, request, parsed, dag_id)
        if other is not None:
            emit(
                "warning",
                code="dag_id_twice",
                text=f"DAG id {dag_id!r} is in {parsed.path} and in {other}: in production one of them wins.",
            )


def _other_file(line: AirflowLine, request: RunRequest, parsed: ParsedFile, dag_id: str) -> str | None:
    known = line.dag_file(dag_id)
    # All files are read only for a DAG that the database has not seen.
    candidates = [known] if known else python_files(request)
    here = os.path.realpath(parsed.path)
    for each in candidates:
        if os.path.realpath(each) == here or not _contains(each, dag_id):
            continue
        if each == known or names_dag(each, dag_id):
            return each
    return None


def names_dag(path: str, dag_id: str) -> bool:
    """Whether the file's text, without running it, makes a DAG of that id."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _function_name(node) in ("DAG", "dag"):
            given = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "dag_id")]
            if any(isinstance(each, ast.Constant) and each.value == dag_id for each in given):
                return True
        if isinstance(node, ast.FunctionDef) and node.name == dag_id:
            decorators = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
            if any(getattr(each, "id", getattr(each, "attr", "")) == "dag" for each in decorators):
                return True
    return False


def _function_name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))
