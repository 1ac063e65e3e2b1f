"""Airflow's own maskers are told what was seeded as a secret, whatever it is called: task logs show none of it."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable
from typing import Any

from airflow_devenv.hidden_texts import FILE, read_hidden_texts

#: Where the project keeps its state; in the environment of every service.
STATE = "AIRFLOW_DEVENV_STATE"
#: Each is asked for with every task.
escaped = functools.cache(re.escape)


class SeededMasks:
    """The texts of one project, read again when something has been seeded, and those that are always masked."""

    def __init__(self, state_directory: str | None, always: Iterable[str] = ()) -> None:
        self._directory = state_directory
        self._always = tuple(always)
        self._seen: tuple[int, int] | None = None
        self._texts: list[str] = []

    def tell(self, masker: Any) -> None:
        """Costs one look at a file when the masker has been told, and nothing was seeded since."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._texts = read_hidden_texts(self._directory)
        mask_all(masker, (*self._always, *self._texts))

    def tell_after_each_reset(self, masker: Any) -> None:
        """Of all maskers of its class; processes of Airflow 3 begin by forgetting what they have inherited."""
        self.tell(masker)
        kind = type(masker)
        original = getattr(kind, "reset_masker", None)
        if original is None:
            return

        def reset_masker(emptied: Any) -> None:
            original(emptied)
            self.tell(emptied)

        kind.reset_masker = reset_masker

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
    new = {escaped(text) for text in texts} - patterns
    if new:
        patterns.update(new)
        # The longest first: a part that was taken out would keep the whole from being found.
        masker.replacer = re.compile("|".join(sorted(patterns, key=len, reverse=True)))
