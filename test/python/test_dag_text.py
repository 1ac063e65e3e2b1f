"""What is read from a file without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_devenv.dag_text import has_main_block, line_of_dag_definition, names_dag


def write(folder: Path, text: str, name: str = "dag.py") -> str:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    "text",
    [
        "if __name__ == '__main__':\n    print(1)\n",
        'x = 1\nif "__main__" == __name__:\n    print(x)\n',
    ],
)
def test_a_main_block_is_found(tmp_path: Path, text: str) -> None:
    assert has_main_block(write(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n",
        "# if __name__ == '__main__':\n",
        "text = '''\nif __name__ == \"__main__\":\n    pass\n'''\n",
        "def f():\n    if __name__ == '__main__':\n        pass\n",
        "if name == '__main__':\n    pass\n",
        "if __name__ == '__main__'\n",
    ],
)
def test_what_only_looks_like_a_main_block_is_not_one(tmp_path: Path, text: str) -> None:
    assert not has_main_block(write(tmp_path, text))


def test_a_missing_file_has_no_main_block(tmp_path: Path) -> None:
    assert not has_main_block(str(tmp_path / "missing.py"))


TWO_DAGS = """from airflow.sdk import DAG, dag

with DAG("orders"):
    pass


@dag(dag_id="returns")
def returns():
    pass
"""


def test_an_error_without_a_frame_is_placed_at_the_dag_it_names(tmp_path: Path) -> None:
    file = write(tmp_path, TWO_DAGS)
    assert line_of_dag_definition(file, "Cycle detected in DAG: returns") == 7
    assert line_of_dag_definition(file, "Cycle detected in DAG: orders") == 3


def test_an_error_that_names_no_dag_is_placed_at_the_first(tmp_path: Path) -> None:
    assert line_of_dag_definition(write(tmp_path, TWO_DAGS), "something else") is not None


@pytest.mark.parametrize("text", ["x = 1\n", "def broken(:\n"])
def test_a_file_without_a_dag_has_no_such_line(tmp_path: Path, text: str) -> None:
    assert line_of_dag_definition(write(tmp_path, text), "Cycle detected") is None


@pytest.mark.parametrize(
    "text",
    [
        'dag = DAG("orders")',
        'with DAG(dag_id="orders") as dag: pass',
        '@dag("orders")\ndef other(): pass',
        "@dag\ndef orders(): pass",
        "@decorators.dag(schedule=None)\ndef orders(): pass",
    ],
)
def test_a_dag_is_found_by_its_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "one.py"
    file.write_text(text, encoding="utf-8")
    assert names_dag(str(file), "orders")


@pytest.mark.parametrize(
    "text", ['Trigger(trigger_dag_id="orders")', "def orders(): pass", "dag = DAG('orders2')", "def ("]
)
def test_a_mention_is_not_a_dag(tmp_path: Path, text: str) -> None:
    file = tmp_path / "one.py"
    file.write_text(text, encoding="utf-8")
    assert not names_dag(str(file), "orders")
