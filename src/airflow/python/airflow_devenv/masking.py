"""Secret values in what is told beside the logs: an exception's text often has the password in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow_devenv.protocol import Emit

#: The others carry names and numbers only.
MASKED = frozenset({"error", "warning", "task_finished", "input_needed"})


def masked(emit: Emit, redact: Callable[[str], str]) -> Emit:
    """The same events, with the values that Airflow's masker knows replaced in every text of an error."""

    def emit_masked(event: str, **values: Any) -> None:
        if event in MASKED:
            values = {key: _mask(value, redact) for key, value in values.items()}
        emit(event, **values)

    return emit_masked


def _mask(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        try:
            return redact(value)
        except Exception:  # noqa: BLE001 - a masker that fails must not let a secret through
            return "*** (withheld: the secrets masker failed)"
    if isinstance(value, dict):
        return {key: _mask(each, redact) for key, each in value.items()}
    if isinstance(value, list):
        return [_mask(each, redact) for each in value]
    return value
