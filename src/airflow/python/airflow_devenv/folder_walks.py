"""Walks through the author's folders that follow links as Airflow does, and always end."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class SecondName:
    """A link that leads to a folder which the walk has met already."""

    link: str
    #: The first name of the folder.
    folder: str

    @property
    def is_loop(self) -> bool:
        return self.link.startswith(self.folder.rstrip("/") + "/")


def walk(top: str) -> Iterator[tuple[str, list[str]]]:
    """Every folder that is not hidden once, real folders before links to them, with the names of its files."""
    yield from _walk(top, [])


def second_names(top: str) -> list[SecondName]:
    """Links below `top` that make a folder of it appear twice, or within itself."""
    found: list[SecondName] = []
    for _ in _walk(top, found):
        pass
    return found


def _walk(top: str, repeated: list[SecondName]) -> Iterator[tuple[str, list[str]]]:
    seen: dict[str, str] = {}
    pending = deque([top])
    while pending:
        current = pending.pop()
        real = os.path.realpath(current)
        if real in seen:
            repeated.append(SecondName(current, seen[real]))
            continue
        seen[real] = current
        folders, links, files = _content(current)
        yield current, files
        # Taken from the end: real folders first, by name.
        pending.extend(reversed(folders))
        pending.extendleft(reversed(links))


def _content(folder: str) -> tuple[list[str], list[str], list[str]]:
    """Folders and links to folders, as paths, and names of files; sorted. Nothing where it can't be read."""
    folders: list[str] = []
    links: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if not _is_folder(entry):
                    files.append(entry.name)
                elif not entry.name.startswith((".", "__pycache__")):
                    (links if entry.is_symlink() else folders).append(entry.path)
    except OSError:
        return [], [], []
    return folders, links, files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link to itself.
        return False
