"""One request in a fresh interpreter: request on standard input, events on the descriptor named in the argument."""

from __future__ import annotations

import os
import sys

from airflow_devenv.child import read_request, serve
from airflow_devenv.lines.detect import detect_line


def main(event_descriptor: int) -> None:
    request = read_request(sys.stdin.readline())
    line = detect_line()
    line.preload()
    line.prepare_for_runs()
    code = serve(line, request, event_descriptor, lambda *_what, **_values: None, warm=False)
    os._exit(code)
