"""Texts that were seeded as secrets, so that nothing that a run prints shows them.

They are kept in one file beside the database, encrypted with the same key as its rows: a run reads them with one
decryption and no query.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

FILE = "seed-secrets"
#: Shorter ones are in every other word, as Airflow's masker has it.
SHORTEST = 5
MASK = "***"
#: Characters of a line that is looked at as a whole.
LONGEST_LINE = 4096
LONGEST_IN_URI = 512
#: Characters of a word that alone on a line may be a key.
TELLING = 12
#: What nobody means to hide, though some connection has it as its password.
COMMON = frozenset(
    {"airflow", "postgres", "admin", "password", "default", "localhost", "guest", "minio", "minioadmin"}
)


@dataclass(frozen=True)
class Earlier:
    """Texts of earlier seeds that the present one does not have. Rows and snapshots may still have them."""

    #: Milliseconds since the epoch when a seed found that no row has the text any more; None until then.
    absent_since: dict[str, float | None]

    @classmethod
    def than(cls, texts: set[str], content: dict[str, Any]) -> Earlier:
        known = dict.fromkeys(map(str, content.get("texts", [])))
        known.update(content.get("absent_since", {}))
        return cls({text: since for text, since in known.items() if text not in texts})


#: Says of texts of earlier seeds which of them to keep.
Keep = Callable[[Earlier], Earlier]


def write_hidden_texts(path: str, texts: Iterable[str], keep: Keep = lambda earlier: earlier) -> None:
    """With mode 0600, by rename. What the file has already is kept as long as `keep` says."""
    if not path:
        return
    from airflow.models.crypto import get_fernet

    wanted = {each for each in texts if len(each) >= SHORTEST}
    earlier = keep(Earlier.than(wanted, _content(path)))
    listed = sorted(wanted.union(earlier.absent_since))
    aside = f"{path}.{os.getpid()}.tmp"
    # Spelled here for all readers: `airflow/hiddenTexts.ts` is one, too.
    content = {
        "version": 1,
        "texts": listed,
        "absent_since": earlier.absent_since,
        "spelled": spellings(listed),
    }
    data = get_fernet().encrypt(json.dumps(content).encode())
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    os.replace(aside, path)


def read_hidden_texts(state_directory: str | None) -> list[str]:
    """Every spelling of every text, longest first; nothing when nothing was seeded."""
    if state_directory is None:
        return []
    return [str(each) for each in _content(os.path.join(state_directory, FILE)).get("spelled", [])]


def seeded_texts(path: str) -> list[str]:
    return [str(each) for each in _content(path).get("texts", [])]


def _content(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError:
        return {}
    from airflow.models.crypto import get_fernet

    try:
        content = json.loads(get_fernet().decrypt(data))
    except Exception:  # noqa: BLE001 - of another key; the rows can't be read with it either
        return {}
    return content if isinstance(content, dict) else {}


def spellings(texts: Iterable[str]) -> list[str]:
    """As they may stand in a line of a log: line by line, in JSON, in a URI, in a `repr`."""
    found: set[str] = set()
    for text in texts:
        if len(text) > LONGEST_LINE and "\n" not in text:
            # A line as long is cut before it is looked at.
            found.update(text[start : start + 2048] for start in range(0, len(text) - 2047, 2048))
        for spelling in (text, *_lines(text)):
            found.update(_spelled(spelling))
    return sorted((each for each in found if len(each) >= SHORTEST), key=len, reverse=True)


def _lines(text: str) -> list[str]:
    """Of several lines, those that tell something: a file may have many that are in every other text."""
    lines = [each.strip() for each in text.split("\n")] if "\n" in text else []
    if "-----BEGIN" in text:
        # The first and the last line of a key say only that it is one.
        return [each for each in lines if not each.startswith("-----")]
    return [each for each in lines if len(each) >= TELLING and not any(letter.isspace() for letter in each)]


def _spelled(text: str) -> Iterable[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    if len(text) <= LONGEST_IN_URI:
        yield quote(text, safe="")
        yield quote(text)


def hidden(text: str, texts: Iterable[str]) -> str:
    for each in texts:
        if len(each) >= SHORTEST and each in text:
            text = text.replace(each, MASK)
    return text


def worth_hiding(password: Any, *, login: Any = None) -> bool:
    """A password that is also the user's name, or that everybody has, is in every other log line."""
    return (
        isinstance(password, str)
        and len(password) >= SHORTEST
        and password != login
        and password.lower() not in COMMON
    )
