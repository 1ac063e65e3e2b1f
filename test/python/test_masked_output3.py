"""What a service writes, masked after it was made into text."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_devenv.lines.masked_output3 import masked_renderer


def render(_logger: Any, _method: str, event: Any) -> Any:
    return event


@pytest.mark.parametrize("line", ["word secret", b"word secret"])
def test_text_and_bytes_are_masked_in_their_own_kind(line: Any) -> None:
    masked = masked_renderer(render, [lambda text: text.replace("secret", "***")])
    assert masked(None, "info", line) == (b"word ***" if isinstance(line, bytes) else "word ***")


def test_what_is_no_text_yet_is_left_alone() -> None:
    event = {"event": "secret"}
    assert masked_renderer(render, [str.upper])(None, "info", event) is event


def test_a_line_is_withheld_when_the_masker_fails() -> None:
    def fail(_text: str) -> str:
        raise ValueError("masker")

    assert "4711" not in masked_renderer(render, [fail])(None, "info", "word-4711")
