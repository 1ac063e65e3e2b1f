"""What the text of a file says of DAGs, without running it."""

from __future__ import annotations

import ast
from pathlib import Path


def contains(path: str, text: str) -> bool:
    try:
        return text.encode() in Path(path).read_bytes()
    except OSError:
        return False


def asks_what_is_wanted(path: str) -> bool:
    """Whether the file may look at the parsing context: which of its DAGs is to be built."""
    return contains(path, "parsing_context")


def has_text(path: str, text: str) -> bool:
    """Whether Python code has it as the whole of a text."""
    return contains(path, f'"{text}"') or contains(path, f"'{text}'") or names_dag(path, text)


def names_dag(path: str, dag_id: str) -> bool:
    """Whether the text makes a DAG of that id."""
    if not contains(path, dag_id):
        return False
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


def _function_name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))
