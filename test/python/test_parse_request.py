"""Files parsed on request: which, and what one that dies or hangs does to the others."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from airflow_devenv import parse_request
from airflow_devenv.fresh_interpreter import fresh_interpreter, is_authors
from airflow_devenv.parse_request import make_plan, parse_files
from airflow_devenv.protocol import Bundle, RunRequest


def bundle(folder: Path) -> Bundle:
    return Bundle("dags", str(folder))


def test_everything_is_what_airflow_lists_and_what_it_lists_no_more(tmp_path: Path) -> None:
    a, old, inner, archive = (str(tmp_path / each) for each in ("a.py", "old.py", "x.zip/b.py", "x.zip"))
    dags = bundle(tmp_path)
    plan = make_plan([], {a: dags, archive: dags}, {a: dags, old: dags, inner: dags})
    assert (list(plan.to_parse), list(plan.gone), plan.ignored) == ([a, archive], [old], [])


def test_of_named_files_each_is_parsed_gone_or_nothing_to_airflow(tmp_path: Path) -> None:
    a, b, old, helper, gone = (str(tmp_path / f"{each}.py") for each in ("a", "b", "old", "helper", "gone"))
    dags = bundle(tmp_path)
    plan = make_plan([b, helper, old], {a: dags, b: dags}, {a: dags, old: dags, gone: dags})
    assert (list(plan.to_parse), list(plan.gone), plan.ignored) == ([b], [old], [helper])


def test_a_file_has_the_path_that_airflow_knows_and_the_name_that_was_asked(tmp_path: Path) -> None:
    """Airflow 2 sees several repositories through links in its one DAGs folder."""
    repository, dags = tmp_path / "repository", tmp_path / "dags"
    repository.mkdir()
    dags.mkdir()
    (dags / "linked").symlink_to(repository)
    asked, listed = str(repository / "a.py"), str(dags / "linked" / "a.py")
    old, known = str(repository / "old.py"), str(dags / "linked" / "old.py")
    plan = make_plan([asked, old], {listed: bundle(dags)}, {known: bundle(dags)})
    assert (list(plan.to_parse), list(plan.gone), plan.ignored) == ([listed], [known], [])
    assert plan.names == {listed: asked}


class FakeRecords:
    def __init__(self, files: list[str]) -> None:
        self.files = files
        self.retired: list[str] = []
        self.known: list[str] = []

    def listed_files(self, request: RunRequest) -> dict[str, Bundle]:
        return {each: Bundle("dags", os.path.dirname(each)) for each in self.files}

    def known_files(self, request: RunRequest) -> dict[str, Bundle]:
        return {each: Bundle("dags", os.path.dirname(each)) for each in self.known}

    def retire(self, path: str, bundle: Bundle) -> None:
        self.retired.append(path)

    def set_import_error(self, path: str, bundle: Bundle, text: str | None) -> None:
        assert text is None


class FakeWorker:
    """Reads a file's first line for what to do; counts the files of its process."""

    def __init__(self, _line: Any, _request: Any) -> None:
        self.count = 0

    def work(self, files: dict[str, Bundle], note: Any) -> bool:
        for path in files:
            note(begin=path, limit=0.3)
            what = Path(path).read_text()
            if what == "crash" or (what == "crash later" and self.count):
                os._exit(3)
            if what == "segfault":
                # pytest's traceback of it would read like a failure of the tests.
                faulthandler.disable()
                os.kill(os.getpid(), 11)
            if what == "hang":
                time.sleep(60)
            if what == "fail":
                raise ValueError("a bug of ours")
            if what == "error" and self.count:
                return False
            note(parsed=path)
            if what == "slow database":
                time.sleep(1)
            errors = [{"message": "broken"}] if what == "error" else []
            note(report={"file": path, "import_errors": errors, "count": self.count})
            self.count += 1
        return True

    def report_death(self, path: str, bundle: Bundle, how: str) -> dict[str, Any]:
        return {"file": path, "import_errors": [{"message": how}]}


@pytest.fixture
def parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*contents: str, known: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
        files = []
        for index, content in enumerate(contents):
            file = tmp_path / f"{index}.py"
            file.write_text(content)
            files.append(str(file))
        records = FakeRecords(files)
        records.known = [str(tmp_path / each) for each in known]
        monkeypatch.setattr(parse_request, "records_of", lambda line: records)
        monkeypatch.setattr(parse_request, "ParseWorker", FakeWorker)
        monkeypatch.setattr(parse_request, "drop_connections", lambda: None)
        monkeypatch.setattr(parse_request, "GRACE_SECONDS", 0.2)
        reports: dict[str, Any] = {}

        def emit(event: str, **values: Any) -> None:
            assert event == "parsed_file"
            json.dumps(values)
            reports[Path(values["file"]).name] = values

        line: Any = None
        return parse_files(line, RunRequest(kind="parse"), emit), reports

    return run


def messages(reports: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [each["message"] for each in value["import_errors"]] for name, value in reports.items()}


def test_one_process_parses_all(parse: Any) -> None:
    code, reports = parse("", "", "")
    assert (code, [each["count"] for each in reports.values()]) == (0, [0, 1, 2])


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("crash", "it ended the process that read it, with exit code 3"),
        ("segfault", "it ended the process that read it, by SIGSEGV"),
        ("hang", "it took more than 0.3 s"),
    ],
)
def test_a_file_that_takes_its_process_along_costs_no_other(parse: Any, what: str, message: str) -> None:
    code, reports = parse("", what, "", what)
    assert code == 1
    assert messages(reports) == {"0.py": [], "1.py": [message], "2.py": [], "3.py": [message]}


@pytest.mark.parametrize(("what", "expected"), [("error", ["broken"]), ("crash later", [])])
def test_a_failure_counts_only_in_a_process_that_has_parsed_nothing_before(
    parse: Any, what: str, expected: list[str]
) -> None:
    _, reports = parse("", what, "")
    assert messages(reports) == {"0.py": [], "1.py": expected, "2.py": []}
    assert [each["count"] for each in reports.values()] == [0, 0, 1]


def test_the_database_may_take_longer_than_a_file(parse: Any) -> None:
    assert messages(parse("slow database")[1]) == {"0.py": []}


def test_a_failure_of_ours_is_not_taken_for_the_files(parse: Any) -> None:
    with pytest.raises(RuntimeError, match="a bug of ours"):
        parse("", "fail")


def test_a_deleted_file_is_told(parse: Any) -> None:
    code, reports = parse("", known=("0.py", "old.py"))
    assert code == 0
    assert reports["old.py"] == {
        "file": reports["old.py"]["file"],
        "dag_ids": [],
        "import_errors": [],
        "sources": [],
        "changed": True,
        "duration_ms": 0,
        "removed": True,
    }


def test_the_next_file_sees_nothing_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "devenv_test_helper.py").write_text("import json\n")
    (tmp_path / "devenv_test_space").mkdir()
    (tmp_path / "devenv_test_space" / "inner.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    request = RunRequest(working_directory=str(tmp_path), repositories=[str(tmp_path)])
    paths = list(sys.path)
    with fresh_interpreter(request):
        import devenv_test_helper

        assert is_authors(devenv_test_helper, [str(tmp_path)])
        os.environ["DEVENV_TEST_LEAK"] = "1"
        sys.path.append("/leak")
        os.chdir("/")
    left = [name for name in sys.modules if name.startswith("devenv_test_")]
    assert (left, "DEVENV_TEST_LEAK" in os.environ, sys.path, os.getcwd()) == (
        [],
        False,
        paths,
        str(tmp_path),
    )
    assert "json" in sys.modules
