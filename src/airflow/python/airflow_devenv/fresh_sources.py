"""Files that have just been saved, and Python's cache of compiled ones.

Python takes a source of the same size and the same second for the one that it has compiled: whoever saves twice
within a second, as editors that format on save do, would go on with the first. Git knows this from its index.
"""

from __future__ import annotations

import os
import time
from importlib.machinery import SourceFileLoader
from typing import Any

#: The cache knows seconds; some file systems know two of them only.
RACY_SECONDS = 2.0


def leave_fresh_sources_uncached() -> None:
    """In this process and those that it forks. Where Python has no such method everything is cached as ever."""
    original = getattr(SourceFileLoader, "_cache_bytecode", None)
    if original is None:
        return

    def cache_bytecode(self: Any, source_path: str, bytecode_path: str, data: Any) -> None:
        if time.time() - _modified(source_path) >= RACY_SECONDS:
            original(self, source_path, bytecode_path, data)

    SourceFileLoader._cache_bytecode = cache_bytecode  # type: ignore[attr-defined]


def _modified(path: str) -> float:
    """Seconds since the epoch; long ago where it can't be told."""
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
