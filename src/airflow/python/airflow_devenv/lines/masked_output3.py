"""What a service of Airflow 3 writes to its own log, masked.

Airflow masks the file of a task's log only. The scheduler says each line of it once more on its standard output,
and the DAG processor those of DAG files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from airflow_devenv.tracebacks import format_details


def mask_output(redactors: list[Callable[[str], Any]]) -> None:
    """Of this process and those that it forks, from here on; when the logging is as it is to stay."""
    import structlog

    processors = list(structlog.get_config()["processors"])
    structlog.configure(processors=[*processors[:-1], masked_renderer(processors[-1], redactors)])
    for handler in logging.getLogger().handlers:
        chain = getattr(handler.formatter, "processors", None)
        if chain:
            handler.formatter.processors = (*chain[:-1], masked_renderer(chain[-1], redactors))  # type: ignore[union-attr]


def masked_renderer(render: Any, redactors: list[Callable[[str], Any]]) -> Any:
    """The renderer, with `***` in what it gives: text, or JSON in bytes."""

    def render_masked(logger: Any, method: str, event: Any) -> Any:
        rendered = render(logger, method, readable(event))
        if not isinstance(rendered, (str, bytes)):
            return rendered
        text = rendered if isinstance(rendered, str) else rendered.decode("utf-8", "backslashreplace")
        try:
            for redact in redactors:
                text = str(redact(text))
        except Exception:  # noqa: BLE001 - a masker that fails must not let a secret through
            text = "*** (a line was withheld: the secrets masker failed)"
        return text if isinstance(rendered, str) else text.encode()

    return render_masked


def readable(event: Any) -> Any:
    """With a traceback where a process below has sent its parts: a console shows them as one long line."""
    if not isinstance(event, dict):
        return event
    for name in ("error_detail", "exception"):
        details = event.get(name)
        if details and isinstance(details, list) and isinstance(details[-1], dict):
            rest = {key: value for key, value in event.items() if key != name}
            return {**rest, "exception": "\n".join(format_details(details))}
    return event
