"""The kernel's help with processes that must not outlive what started them. Linux; elsewhere best effort."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def become_subreaper() -> None:
    """Orphaned descendants become children of this process, where they can be found and ended."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int, signal_number: int) -> None:
    """Asks for a signal when the parent ends; ends now if it has ended before the question."""
    _prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)


def end_descendants(grace: float = 2.0) -> int:
    """Ends every process below this one: TERM, then KILL after `grace` seconds. Gives how many there were."""
    found = descendants(os.getpid())
    for pid in found:
        _send(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while found and time.monotonic() < deadline:
        _reap()
        if not descendants(os.getpid()):
            return len(found)
        time.sleep(0.02)
    for pid in descendants(os.getpid()):
        _send(pid, signal.SIGKILL)
    _reap()
    return len(found)


def kill_family() -> NoReturn:
    """Ends this process and everything below it, at once, those first that would report the end of others."""
    for pid in descendants(os.getpid()):
        _send(pid, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
    os._exit(1)


def descendants(pid: int) -> list[int]:
    """Children of children first come last. Zombies that only wait to be reaped do not count."""
    found: list[int] = []
    for child in children(pid):
        if not _is_zombie(child):
            found.append(child)
        found.extend(descendants(child))
    return found


def children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found.extend(int(each) for each in file.read().split())
    except OSError:
        return found
    return found


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _send(pid: int, signal_number: int) -> None:
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def start_time(pid: int) -> str | None:
    """With the pid it names a process for ever: pids come again, pairs do not. None: no such process runs.

    A zombie does not run, and where nobody waits for orphans, as in many containers, it stays for ever.
    """
    if sys.platform != "linux":
        return _portable_start_time(pid)
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def start_mark(pid: int) -> str | None:
    """The start time as `processIdentity.ts` has it: with the boot of the machine, in files that outlive one."""
    started = start_time(pid)
    if started is None or sys.platform != "linux":
        return started
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            boot = file.read().strip()
    except OSError:
        boot = ""
    return f"{boot} {started}".strip()


def _portable_start_time(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split(maxsplit=1)
    return found[1].strip() if len(found) > 1 and not found[0].startswith("Z") else None
