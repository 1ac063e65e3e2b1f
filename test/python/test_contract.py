"""The contract: what is looked for, and what becomes of an accelerator that is left out or fails."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.contract import accelerators, table
from airflow_devenv.contract.entry import Entry, Kind
from airflow_devenv.contract.needs import Columns, Name, OneOf, Signature, Statements
from airflow_devenv.lines.patches import Patches

PACKAGE = Path(accelerators.__file__).parents[1]


def put_module(monkeypatch: pytest.MonkeyPatch, **names: Any) -> None:
    module = ModuleType("foreign")
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, "foreign", module)


def put_entry(monkeypatch: pytest.MonkeyPatch, *needs: Any, **values: Any) -> None:
    entry = Entry("faster", Kind.ACCELERATOR, "For a test.", "It is slower.", tuple(needs), **values)
    monkeypatch.setitem(table._by_name(), "faster", entry)


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        (Name("foreign:work"), None),
        (Name("foreign:Absent.method"), "foreign has no Absent.method"),
        (Name("absent_module:work"), "there is no module absent_module"),
        (Signature("foreign:work", ("first",)), None),
        (Signature("foreign:work", ("first", "third")), "foreign:work takes no third"),
        (OneOf(("foreign:absent", "foreign:work")), None),
        (OneOf(("foreign:absent", "absent_module")), "foreign has no absent"),
        (Columns("foreign:Model", ("id",)), None),
        (Columns("foreign:Model", ("id", "region")), "foreign:Model has no column region"),
    ],
)
def test_a_need_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, need: Any, reason: str | None) -> None:
    model = SimpleNamespace(__table__=SimpleNamespace(columns={"id": 1}))
    put_module(monkeypatch, work=lambda first, second=None: None, Model=model)
    assert need.missing() == reason


def test_names_are_unique_and_every_entry_has_needs() -> None:
    names = [each.name for each in table.ENTRIES]
    assert len(set(names)) == len(names)
    assert [each.name for each in table.ENTRIES if not each.needs] == []


def test_an_entry_is_expected_from_its_first_release_until_the_next_line() -> None:
    entry = Entry("any", Kind.FEATURE, "", "", (), since="3.3", before="3.4")
    expected = [
        each for each in ("2.11.2", "3.2.2", "3.3.0", "3.3.2", "3.4.0b2") if entry.is_expected_in(each)
    ]
    assert expected == ["3.3.0", "3.3.2"]


def double_it(monkeypatch: pytest.MonkeyPatch, double: Any) -> tuple[Any, list[str]]:
    """The function of the foreign module, and what was said about it."""
    put_module(monkeypatch, answer=lambda number: number)
    put_entry(monkeypatch, Name("foreign:answer"))
    said: list[str] = []
    accelerators.tell_left_out(said.append)
    accelerators.accelerate("faster", lambda patches: patches.wrap(sys.modules["foreign"], "answer", double))
    return sys.modules["foreign"], said


def test_an_accelerator_takes_the_place_of_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign, said = double_it(monkeypatch, lambda original: lambda number: 2 * original(number))
    assert (foreign.answer(2), said) == (4, [])


def test_one_that_fails_gives_way_to_the_original_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign, said = double_it(monkeypatch, lambda original: lambda number: number.absent)
    assert [foreign.answer(2), foreign.answer(3)] == [2, 3]
    assert said == [
        "faster is left out (AttributeError: 'int' object has no attribute 'absent'). It is slower."
    ]


def test_one_that_fails_behind_the_original_does_not_call_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def make(original: Any) -> Any:
        def answer(number: int) -> Any:
            calls.append(original(number))
            raise TypeError("another name")

        return answer

    foreign, said = double_it(monkeypatch, make)
    assert (foreign.answer(2), calls, len(said)) == (2, [2], 1)


def test_the_error_of_the_original_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign, said = double_it(monkeypatch, lambda original: lambda number: original(number, number))
    with pytest.raises(TypeError):
        foreign.answer(2)
    assert said == []


def test_one_whose_needs_do_not_hold_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    put_module(monkeypatch)
    put_entry(monkeypatch, Name("foreign:answer"))
    assert not accelerators.accelerate("faster", lambda patches: None)
    said: list[str] = []
    accelerators.tell_left_out(said.append)
    assert said == ["faster is left out (foreign has no answer). It is slower."]


def test_one_that_this_release_never_had_is_left_out_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    put_module(monkeypatch, answer=1)
    put_entry(monkeypatch, Name("foreign:answer"), since="3.4")
    said: list[str] = []
    accelerators.tell_left_out(said.append)
    assert (accelerators.may_use("faster"), said) == (False, [])


@pytest.mark.parametrize("given", ["faster", "other, faster", "all", "stock"])
def test_one_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    put_entry(monkeypatch, Name("sys:argv"))
    assert accelerators.may_use("faster")
    monkeypatch.setenv(accelerators.WITHOUT, given)
    assert not accelerators.may_use("faster")


def test_one_that_is_applied_in_part_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    put_module(monkeypatch, answer=1)
    put_entry(monkeypatch, Name("foreign:answer"))
    foreign = sys.modules["foreign"]

    def apply(patches: Patches) -> None:
        patches.put(foreign, "answer", 2)
        patches.put(foreign, "absent", 2)

    assert not accelerators.accelerate("faster", apply)
    assert foreign.answer == 1


def test_what_fails_goes_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    put_entry(monkeypatch, Name("sys:argv"))
    assert accelerators.either("faster", lambda: 1, lambda: 2) == 1
    assert accelerators.either("faster", lambda: int("absent"), lambda: 2) == 2
    assert accelerators.either("faster", lambda: 1, lambda: 2) == 2


class Statement:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def compile(self) -> None:
        if self.error is not None:
            raise self.error


def test_a_statement_that_does_not_compile_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: Any = ModuleType("sqlalchemy.exc")
    errors.SQLAlchemyError = type("SQLAlchemyError", (Exception,), {})
    monkeypatch.setitem(sys.modules, "sqlalchemy", ModuleType("sqlalchemy"))
    monkeypatch.setitem(sys.modules, "sqlalchemy.exc", errors)
    bad = Statement(errors.SQLAlchemyError("Unconsumed column names: retry_reason"))
    put_module(
        monkeypatch,
        good=lambda: SimpleNamespace(read=Statement()),
        bad=lambda: SimpleNamespace(read=Statement(), start=bad),
    )
    assert Statements("foreign:good").missing() is None
    reason = Statements("foreign:bad").missing()
    assert reason is not None
    assert "start: Unconsumed column names: retry_reason" in reason


#: Folders whose code may know Airflow from the inside.
ADAPTERS = ("lines", "contract")


def private_imports(path: Path) -> set[str]:
    """`from airflow… import _name`, or from a private module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FOREIGN:
            for each in node.names:
                name = f"{node.module}.{each.name}"
                if re.search(r"\._", name):
                    found.add(name)
    return found


FOREIGN = ("airflow", "fastapi", "starlette", "sqlalchemy", "cadwyn")


def test_nothing_outside_the_adapters_imports_a_private_name() -> None:
    outside = [each for each in PACKAGE.rglob("*.py") if each.relative_to(PACKAGE).parts[0] not in ADAPTERS]
    assert {each.name: private_imports(each) for each in outside if private_imports(each)} == {}


def test_every_private_name_that_an_adapter_imports_is_in_the_contract() -> None:
    imported = set().union(*(private_imports(each) for each in (PACKAGE / "lines").glob("*.py")))
    text = "\n".join(each.read_text(encoding="utf-8") for each in (PACKAGE / "contract").glob("*.py"))
    missing = {
        each
        for each in imported
        if each.rpartition(".")[0] not in text or each.rpartition(".")[2] not in text
    }
    assert missing == set()
