"""What a segmentation fault does to a process."""

from __future__ import annotations

import signal
from typing import Any


def let_faults_end_us() -> None:
    """Airflow 3 handles SIGSEGV while it imports a file, and leaves the handler behind. A handler in Python is
    never reached: the instruction is met again and again, for ever. Holds for all that is forked from here."""
    set_handler = signal.signal
    set_handler(signal.SIGSEGV, signal.SIG_DFL)
    if getattr(set_handler, "leaves_faults_alone", False):
        return

    def signal_but_no_faults(number: int, handler: Any) -> Any:
        return signal.SIG_DFL if number == signal.SIGSEGV else set_handler(number, handler)

    signal_but_no_faults.leaves_faults_alone = True  # type: ignore[attr-defined]
    signal.signal = signal_but_no_faults  # type: ignore[assignment]
