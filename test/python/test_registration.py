"""Writers of DAGs take turns, in one process and among several."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from airflow_devenv.registration import exclusively_in

HOLD = """
import sys
from airflow_devenv.registration import exclusively_in
with exclusively_in(sys.argv[1])():
    print("held", flush=True)
    sys.stdin.read()
"""
TRY = """
import fcntl, sys
fcntl.flock(open(sys.argv[1] + "/registration.lock", "ab"), fcntl.LOCK_EX | fcntl.LOCK_NB)
"""


def is_free(folder: Path) -> bool:
    return subprocess.run([sys.executable, "-c", TRY, str(folder)], check=False).returncode == 0


def test_it_is_held_until_the_holder_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert not is_free(folder)
        assert (folder / "registration.lock").read_text() == str(holder.pid)
        holder.kill()
        holder.wait()
        assert is_free(folder)


def test_without_a_folder_there_is_nobody_to_wait_for() -> None:
    with exclusively_in(None)():
        pass


def test_nobody_is_named_when_it_is_free(tmp_path: Path) -> None:
    with exclusively_in(str(tmp_path))():
        pass
    assert (tmp_path / "registration.lock").read_text() == ""
