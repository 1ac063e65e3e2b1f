"""Airflow's own maskers are told what was seeded as a secret, whatever it is called: task logs show none of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from airflow_devenv.hidden_texts import FILE, read_hidden_texts

#: Where the project keeps its state; in the environment of every service.
STATE = "AIRFLOW_DEVENV_STATE"


class SeededMasks:
    """In one process, and in those that it forks. `maskers` gives the maskers of this process."""

    def __init__(self, state_directory: str | None, maskers: Callable[[], Iterable[Any]]) -> None:
        self._directory = state_directory
        self._maskers = maskers
        self._seen: tuple[int, int] | None = None

    def refresh(self) -> None:
        """Costs one look at a file when nothing has been seeded since the last time."""
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        texts = read_hidden_texts(self._directory)
        for masker in self._maskers():
            mask_all(masker, texts)

    def _stamp(self) -> tuple[int, int] | None:
        if self._directory is None:
            return None
        try:
            found = os.stat(os.path.join(self._directory, FILE))
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def mask_all(masker: Any, texts: Iterable[str]) -> None:
    """All at once: Airflow's `add_mask` builds its expression anew for each text."""
    patterns = getattr(masker, "patterns", None)
    if not isinstance(patterns, set) or not hasattr(masker, "replacer"):
        for text in texts:
            masker.add_mask(text)
        return
    patterns.update(re.escape(text) for text in texts)
    if patterns:
        # The longest first: a part that was taken out would keep the whole from being found.
        masker.replacer = re.compile("|".join(sorted(patterns, key=len, reverse=True)))
