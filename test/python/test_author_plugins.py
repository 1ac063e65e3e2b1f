"""What is told of plugins that can't be loaded, and of what a plugin file hides."""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
from pathlib import Path

import pytest

from airflow_devenv.author_plugins import NOTED, BrokenPlugin, _gathering, hidden_modules, note_broken


def plugin(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return str(file)


def load(file: str, name: str) -> None:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def fail_as_airflow_does(file: str) -> None:
    try:
        load(file, "some_plugin")
    except Exception:
        logging.getLogger("airflow.plugins_manager").exception("Failed to import plugin %s", file)


def test_a_broken_plugin_is_told_with_its_line_instead_of_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = plugin(tmp_path, "reports.py", "# AirflowPlugin\nimport package_that_is_not_there\n")
    with _gathering([str(tmp_path)]) as broken:
        fail_as_airflow_does(file)
    assert [each.place for each in broken] == [f"{file}:2"]
    assert "No module named 'package_that_is_not_there'" in broken[0].text
    assert caplog.records == []
    fail_as_airflow_does(file)
    assert len(caplog.records) == 1


def test_a_module_that_is_no_plugin_may_fail(tmp_path: Path) -> None:
    file = plugin(tmp_path, "package/__init__.py", "from . import helper\n")
    with _gathering([str(tmp_path)]) as broken:
        fail_as_airflow_does(file)
    assert broken == []


def test_a_file_hides_what_is_installed_under_its_bare_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiding = plugin(tmp_path, "acme/colorsys.py", "")
    unknown = plugin(tmp_path, "acme/operators_of_ours.py", "")
    plugin(tmp_path, "acme/wave.py", "")
    for file in (hiding, unknown):
        module = type(sys)(Path(file).stem)
        module.__file__ = file
        monkeypatch.setitem(sys.modules, module.__name__, module)
    assert hidden_modules(str(tmp_path)) == {hiding: "colorsys"}


def test_what_is_broken_is_noted_for_others_until_it_is_repaired(tmp_path: Path) -> None:
    broken = BrokenPlugin("/repo/plugins/a.py", 2, "ImportError: no", ["line"])
    note_broken(str(tmp_path), [broken])
    noted = json.loads((tmp_path / NOTED).read_text())
    assert noted == {
        "version": 1,
        "errors": [{"file": "/repo/plugins/a.py", "line": 2, "message": "ImportError: no"}],
    }
    assert (tmp_path / NOTED).stat().st_mode & 0o077 == 0
    note_broken(str(tmp_path), [])
    assert list(tmp_path.iterdir()) == []
    note_broken(str(tmp_path), [])
    note_broken(None, [broken])
