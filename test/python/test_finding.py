"""Which files are looked at for a DAG id, and where. Airflow is a stand-in here: a file "defines" the id in it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_devenv import finding, registering
from airflow_devenv.failures import RunFailure
from airflow_devenv.outside import warn_about_outside
from airflow_devenv.protocol import Bundle, RunRequest


class Line:
    def __init__(self) -> None:
        self.parsed: list[str] = []
        self.processes: set[int] = set()
        self.known: str | None = None

    def connect(self) -> None:
        pass

    def dag_file(self, _dag_id: str) -> str | None:
        return self.known

    def registered_dag_ids(self, _dag_ids: list[str]) -> set[str]:
        return set()

    def parse(self, path: str, _bundle: Bundle) -> Any:
        with (Path(path).parent.parent / "read").open("a", encoding="utf-8") as notes:
            notes.write(f"{Path(path).name} {os.getpid()}\n")
        made = [
            each[4:]
            for each in Path(path).read_text(encoding="utf-8").splitlines()
            if each.startswith("DAG ")
        ]
        return SimpleNamespace(dags=dict.fromkeys(made), import_errors={})


class Project:
    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.line: Any = Line()
        self.events: list[Any] = []
        self.listings = 0
        (root / "dags").mkdir()
        (root / "other").mkdir()
        self.request = RunRequest(
            working_directory=str(root),
            bundles=[Bundle("dags", str(root / "dags")), Bundle("other", str(root / "other"))],
        )
        for module in (finding, registering):
            monkeypatch.setattr(module, "records_of", lambda _line: self)
        monkeypatch.setattr(finding, "drop_connections", lambda: None)
        monkeypatch.setattr(finding, "ignoring_file", lambda *_: None)
        monkeypatch.setattr(finding, "might_contain_dag", lambda *_: True)

    def write(self, name: str, text: str) -> str:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def listed_files(self, request: RunRequest) -> dict[str, Bundle]:
        self.listings += 1
        return {
            str(each): bundle for bundle in request.bundles for each in sorted(Path(bundle.path).glob("*.py"))
        }

    def emit(self, event: str, **values: Any) -> None:
        self.events.append((event, values))

    def read(self) -> list[tuple[str, bool]]:
        """The files that were parsed, and whether in this process."""
        notes = self.root / "read"
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        return [(name, int(pid) == os.getpid()) for name, pid in (each.split() for each in lines)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    # A search ends in the folder of the request, and other tests begin in that of the sources.
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, monkeypatch)


def awaiting(project: Project, dag_id: str) -> list[str]:
    task = SimpleNamespace(task_id="wait", external_dag_id=dag_id)
    dag: Any = SimpleNamespace(dag_id="mine", task_dict={"wait": task})
    run: Any = SimpleNamespace(line=project.line, request=project.request, emit=project.emit)
    warn_about_outside(run, dag)
    return [values["text"] for _, values in project.events]


def test_for_a_dag_that_is_awaited_only_files_that_name_it_are_parsed(project: Project) -> None:
    project.write("dags/mine.py", "DAG mine\nwaits for stranger\n")
    project.write("dags/unrelated.py", "DAG unrelated\n")
    text = "wait waits for DAG 'stranger', which is defined in no DAG file of this project that names it."
    assert awaiting(project, "stranger") == [text]
    assert [name for name, _ in project.read()] == ["mine.py"]


def test_a_dag_that_is_awaited_and_defined_here_is_no_warning(project: Project) -> None:
    project.write("dags/theirs.py", "DAG theirs\n")
    assert awaiting(project, "theirs") == []


def test_for_a_dag_that_is_to_run_all_files_are_parsed_those_that_name_it_first(project: Project) -> None:
    project.write("dags/a.py", "DAG a\n")
    project.write("dags/b.py", "names wanted\n")
    with pytest.raises(RunFailure) as caught:
        finding.find_dag_file(project.line, project.request, "wanted")
    assert caught.value.code == "dag_unknown"
    assert project.read() == [("b.py", False), ("a.py", False)]


def test_on_macos_no_process_is_forked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    project.write("dags/a.py", "names wanted\n")
    path = project.write("dags/b.py", "DAG wanted\n")
    project.write("dags/c.py", "names wanted\n")
    assert finding.find_dag_file(project.line, project.request, "wanted").path == path
    assert project.read() == [("a.py", True), ("b.py", True)]


def test_a_file_that_is_named_concerns_its_own_folder_only(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[str] = []

    def second_names(folder: str) -> list[Any]:
        walked.append(folder)
        return []

    monkeypatch.setattr(finding, "second_names", second_names)
    finding.warn_if_not_read(project.request, project.write("dags/a.py", ""), project.emit)
    assert walked == [str(project.root / "dags")]
    finding.warn_if_not_read(project.request, project.write("beside/a.py", ""), project.emit)
    assert (walked, project.events) == ([str(project.root / "dags")], [])


def test_all_files_are_read_only_at_the_first_run_of_a_file_in_no_dags_folder(project: Project) -> None:
    path = project.write("beside/a.py", "DAG a\n")
    parsed: Any = SimpleNamespace(path=path, dags={"a": None})
    registering._warn_about_duplicates(project.line, project.request, parsed, project.emit)
    assert project.listings == 1
    project.line.known = path
    registering._warn_about_duplicates(project.line, project.request, parsed, project.emit)
    assert project.listings == 1
