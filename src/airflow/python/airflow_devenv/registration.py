"""Writing DAGs to the metadata database, one process at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

#: Held while DAGs are written.
Exclusively = Callable[[], AbstractContextManager[None]]


def exclusively_in(runs_directory: str | None) -> Exclusively:
    """Airflow's own sync fails with a duplicate key when two processes write a new DAG at the same time.

    The kernel lets go of the lock when its holder dies.
    """

    @contextmanager
    def exclusively() -> Iterator[None]:
        if runs_directory is None:
            yield
            return
        folder = Path(runs_directory)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(folder / "registration.lock", "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    return exclusively
