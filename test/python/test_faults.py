"""A segmentation fault ends the process, whatever handler somebody has asked for."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from airflow_devenv import faults

CRASH = """
import ctypes, signal
from airflow_devenv.faults import let_faults_end_us
signal.signal(signal.SIGSEGV, lambda *_: None)
let_faults_end_us()
let_faults_end_us()
signal.signal(signal.SIGSEGV, lambda *_: None)
previous = signal.signal(signal.SIGTERM, signal.SIG_IGN)
assert previous == signal.SIG_DFL and signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
ctypes.string_at(0)
"""


def test_a_segmentation_fault_ends_the_process() -> None:
    package = Path(faults.__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, "-c", CRASH], check=False, timeout=20, env={"PYTHONPATH": str(package)}
    )
    assert ended.returncode == -signal.SIGSEGV
