"""Writing DAGs to the metadata database, one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

#: Held while DAGs are written.
Exclusively = Callable[[], AbstractContextManager[None]]


def exclusively_in(runs_directory: str | None) -> Exclusively:
    """Airflow's own sync fails with a duplicate key when two processes write a new DAG at the same time.

    The kernel lets go of the lock when its holder dies. Its number stands in the file, for a command that says what
    its run waits for (`src/dagruns/registrant.ts`).
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
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)

    return exclusively
