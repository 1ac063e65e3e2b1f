"""From a DAG id to the file that defines it: where Airflow itself would find it, and nowhere else."""

from __future__ import annotations

import difflib
import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airflow_devenv.dag_text import contains, has_text, names_dag
from airflow_devenv.failures import RunFailure
from airflow_devenv.folder_walks import second_names, walk
from airflow_devenv.fresh_interpreter import Interpreter, fresh_interpreter
from airflow_devenv.lines.line import AirflowLine, ParsedFile
from airflow_devenv.lines.parse import (
    discovered,
    drop_connections,
    ignoring_file,
    might_contain_dag,
    real,
    records_of,
)
from airflow_devenv.parsing import bundle_of
from airflow_devenv.processes import die_with_parent
from airflow_devenv.protocol import Bundle, Emit, RunRequest


@dataclass(frozen=True)
class DagSource:
    path: str
    #: None: the only DAG of the file.
    dag_id: str | None
    #: Of the file, when it has been parsed in this process already.
    parsed: ParsedFile | None = None


@dataclass
class Tried:
    """What a search has seen in files that do not define the DAG."""

    dag_ids: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


def find_dag_file(
    line: AirflowLine, request: RunRequest, dag_id: str, *, naming_only: bool = False
) -> DagSource:
    """The file that the database knows, else one that contains its name, else any that Airflow reads.

    `naming_only`: not the last, for which every file of the project is parsed.
    Raises RunFailure where no such file is, and for folders that Airflow refuses to walk.
    """
    refuse_loops(request.bundles)
    tried = Tried()
    known = known_file(line, request, dag_id)
    if known is not None and reason_not_read(request, known) is None:
        before = Interpreter()
        parsed = _parse(line, request, known)
        if parsed is not None and dag_id in parsed.dags:
            return DagSource(known, dag_id, parsed)
        before.restore(request)
    files = list(records_of(line).listed_files(request))
    naming = [each for each in files if _may_name(each, dag_id)]
    # Each once, those that name it first.
    candidates = naming if naming_only else list(dict.fromkeys([*naming, *files]))
    found = _search(line, request, dag_id, candidates, tried)
    if found is None:
        raise _unknown_dag(line, request, dag_id, tried)
    return DagSource(found, dag_id)


def refuse_loops(bundles: Iterable[Bundle]) -> None:
    """Raises RunFailure for a DAGs folder that Airflow can't walk: by its id no DAG of it is found."""
    for bundle in bundles:
        if second_names(bundle.path):
            discovered(bundle.path)


def warn_if_not_read(request: RunRequest, path: str, emit: Emit) -> None:
    """A file runs when it is named, also where production would not read it."""
    bundle = _bundle_with(request, path)
    if bundle is None:
        return
    try:
        refuse_loops([bundle])
    except RunFailure as failure:
        emit("warning", code=failure.code, text=f"{failure.what} {failure.why}")
        return
    reason = reason_not_read(request, path)
    if reason is not None:
        emit(
            "warning",
            code="dag_file_not_read",
            text=f"{path} {reason}: Airflow itself would not find its DAGs.",
        )


def known_file(line: AirflowLine, request: RunRequest, dag_id: str) -> str | None:
    """Where the database saw the DAG last, if a file is still there; the archive for what lies in one."""
    known = line.dag_file(dag_id)
    if known is None:
        return None
    archive = os.path.dirname(known)
    if not os.path.exists(known) and os.path.isfile(archive) and zipfile.is_zipfile(archive):
        known = archive
    if not os.path.isfile(known):
        return None
    if _bundle_with(request, known) is None and _bundle_with(request, real(known)) is not None:
        # Airflow 2 sees several repositories through links in its one DAGs folder.
        return real(known)
    return known


def reason_not_read(request: RunRequest, path: str) -> str | None:
    """Why Airflow does not read this file for DAGs; None when it does."""
    bundle = _bundle_with(request, path)
    if bundle is None:
        return "the file lies in no DAGs folder"
    ignoring = ignoring_file(path, bundle.path)
    if ignoring is not None:
        return f"{ignoring} leaves it out"
    if not might_contain_dag(path):
        return (
            'has not both of the words "airflow" and "dag", which core.dag_discovery_safe_mode wants to see'
        )
    return None


def _bundle_with(request: RunRequest, path: str) -> Bundle | None:
    bundle = bundle_of(request, path)
    return bundle if bundle in request.bundles else None


def _may_name(path: str, dag_id: str) -> bool:
    # The text of an archive is compressed.
    return not path.endswith(".py") or contains(path, dag_id)


def _parse(line: AirflowLine, request: RunRequest, path: str) -> ParsedFile | None:
    try:
        return line.parse(path, bundle_of(request, path))
    except SystemExit:
        return None


def _search(
    line: AirflowLine, request: RunRequest, dag_id: str, files: list[str], tried: Tried
) -> str | None:
    """In processes of their own: what a file leaves in one must not be seen by the next, nor by the run.

    On macOS in this one: its frameworks, which Airflow has loaded, may end a process that was forked from it.
    """
    drop_connections()
    notes = _try_files if sys.platform == "darwin" else _notes_of_child
    remaining = list(files)
    while remaining:
        for note in notes(line, request, dag_id, list(remaining)):
            remaining.remove(note["file"])
            if note["found"]:
                return str(note["file"])
            tried.dag_ids.update(note["dag_ids"])
            if note["broken"]:
                tried.broken.append(note["file"])
        if remaining:
            # It ended the process that read it, or must be read in a fresh one.
            tried.broken.append(remaining.pop(0))
    return None


def _notes_of_child(
    line: AirflowLine, request: RunRequest, dag_id: str, files: list[str]
) -> Iterator[dict[str, Any]]:
    read_end, write_end = os.pipe()
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_end)
            die_with_parent(parent, signal.SIGKILL)
            for note in _try_files(line, request, dag_id, files):
                sys.stdout.flush()
                sys.stderr.flush()
                os.write(write_end, (json.dumps(note) + "\n").encode())
        finally:
            os._exit(0)
    os.close(write_end)
    try:
        with os.fdopen(read_end, encoding="utf-8") as stream:
            for text in stream:
                yield json.loads(text)
    finally:
        os.waitpid(pid, 0)


def _try_files(
    line: AirflowLine, request: RunRequest, dag_id: str, files: list[str]
) -> Iterator[dict[str, Any]]:
    line.connect()
    for path in files:
        with fresh_interpreter(request):
            parsed = _parse(line, request, path)
            dag_ids = sorted(parsed.dags) if parsed is not None else []
            note = {
                "file": path,
                "found": dag_id in dag_ids,
                "dag_ids": dag_ids,
                "broken": parsed is None or bool(parsed.import_errors),
            }
        yield note
        if note["found"]:
            return


def _unknown_dag(line: AirflowLine, request: RunRequest, dag_id: str, tried: Tried) -> RunFailure:
    left_out = _left_out(line, request, dag_id)
    if left_out is not None:
        path, reason = left_out
        return RunFailure(
            "dag_unknown",
            f"There is no DAG {dag_id!r} that Airflow would find.",
            why=f"{path} names it, but {reason}.",
            next_steps=[f"devenv run-dag {path} runs it all the same."],
            misuse=True,
        )
    names = sorted(tried.dag_ids)
    nearest = difflib.get_close_matches(dag_id, names, n=3, cutoff=0.4)
    why = f"The nearest names are: {', '.join(nearest)}." if nearest else None
    if why is None:
        why = f"The DAGs here are: {', '.join(names[:10])}." if names else "No DAG was found at all."
    steps = [f"devenv run-dag {each}" for each in nearest]
    steps += [f"{each} can't be imported; it may be in there." for each in tried.broken[:3]]
    return RunFailure("dag_unknown", f"There is no DAG {dag_id!r}.", why=why, next_steps=steps, misuse=True)


def _left_out(line: AirflowLine, request: RunRequest, dag_id: str) -> tuple[str, str] | None:
    """A file that has the DAG, and why Airflow does not read it."""
    known = known_file(line, request, dag_id)
    candidates = [] if known is None else [known]
    for bundle in request.bundles:
        for folder, names in walk(bundle.path):
            paths = (os.path.join(folder, name) for name in names if name.endswith(".py"))
            candidates.extend(each for each in paths if has_text(each, dag_id))
    # What makes the DAG comes before what only has its name.
    for path in sorted(candidates, key=lambda each: each != known and not names_dag(each, dag_id)):
        reason = reason_not_read(request, path)
        if reason is not None and Path(path).is_file():
            return path, reason
    return None
