"""How values are compared and shown: secret ones only as fingerprints."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

#: Characters of a value that is shown in a difference.
SHOWN = 200


@dataclass(frozen=True)
class Wanted:
    """The fields of a row as they are to be, by Airflow's names."""

    fields: dict[str, Any]
    #: Fields that must never be shown; `extra.key` for one in the extra.
    secret: frozenset[str] = frozenset()
    #: Fields whose text is JSON, which may be written in more than one way.
    json_fields: frozenset[str] = frozenset()
    #: Texts to hide from what is printed.
    passwords: list[str] = field(default_factory=list)


class Fingerprint:
    """The same text gives the same one, and only who has the project's keys can try texts."""

    def __init__(self) -> None:
        from airflow.configuration import conf

        key = conf.get("core", "fernet_key", fallback="") or ""
        self._key = hashlib.sha256(b"airflow-devenv seed " + key.encode()).digest()
        self._key_name = hashlib.sha256(b"name of " + self._key).hexdigest()[:8]

    def __call__(self, value: Any) -> str:
        text = json.dumps(value, sort_keys=True, default=str)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]

    def of_row(self, fields: dict[str, Any]) -> str:
        """Of a row's fields, to be remembered: says as well which key it was made with."""
        return f"{self._key_name}:{self(meant(fields))}"

    def is_of_this_key(self, remembered: str) -> bool:
        return remembered.startswith(f"{self._key_name}:")


def same_json(left: str | None, right: str | None) -> bool:
    """Whether both texts mean the same; `1`, `1.0` and `true` don't."""
    if left == right:
        return True
    if left is None or right is None:
        return False
    try:
        return canonical(left) == canonical(right)
    except ValueError:
        return False


def canonical(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)


def meant(fields: dict[str, Any]) -> dict[str, Any]:
    """The same for texts that mean the same list or object."""
    return {name: _meant(value) for name, value in fields.items()}


def _meant(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        with suppress(ValueError):
            return canonical(value)
    return value


def equal(stored: dict[str, Any], wanted: Wanted) -> bool:
    return all(_equal(name, stored, wanted) for name in wanted.fields)


def _equal(name: str, stored: dict[str, Any], wanted: Wanted) -> bool:
    if name in wanted.json_fields:
        return same_json(stored.get(name), wanted.fields[name])
    return bool(stored.get(name) == wanted.fields[name])


def changes(
    stored: dict[str, Any],
    wanted: Wanted,
    fingerprint: Fingerprint,
    was_secret: Callable[[str, Any], bool] = lambda field, value: False,
) -> list[dict[str, Any]]:
    """Field, before and after of everything that differs.

    `was_secret` says whether what a field holds was seeded as a secret once, though it is wanted as none now.
    """
    found: list[dict[str, Any]] = []
    for name in wanted.fields:
        if _equal(name, stored, wanted):
            continue
        before, after = stored.get(name), wanted.fields[name]
        pairs = _keys_of_extra(before, after) if name == "extra" else None
        for inside, old, new in pairs or [(name, before, after)]:
            is_secret = name in wanted.secret or inside in wanted.secret or _is_hidden(inside)
            masked = fingerprint_text(fingerprint)
            show_old = masked if is_secret or was_secret(inside, old) else shown
            show_new = masked if is_secret else shown
            found.append({"field": inside, "before": show_old(old), "after": show_new(new)})
    return found


def _keys_of_extra(before: Any, after: Any) -> list[tuple[str, Any, Any]] | None:
    try:
        old, new = json.loads(before or "{}"), json.loads(after or "{}")
    except ValueError:
        return None
    if not isinstance(old, dict) or not isinstance(new, dict):
        return None
    keys = [*old, *(each for each in new if each not in old)]
    nothing = object()
    return [
        (f"extra.{key}", old.get(key), new.get(key))
        for key in keys
        if old.get(key, nothing) != new.get(key, nothing)
    ]


def _is_hidden(name: str) -> bool:
    from airflow_devenv.lines.seed_tables import is_hidden_name

    return is_hidden_name(name)


def shown(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"


def fingerprint_text(fingerprint: Fingerprint) -> Any:
    def show(value: Any) -> str | None:
        return None if value is None else f"*** {fingerprint(value)[:8]}"

    return show


def is_secret_field(inside: str, secret: frozenset[str]) -> bool:
    """`inside` is a field, or `extra.key`; a URI that was secret as a whole makes all of its fields secret."""
    if "uri" in secret and inside not in ("conn_type", "port"):
        return True
    return inside in secret or (inside.startswith("extra.") and "extra" in secret)


def has_any(value: Any, secrets: list[str]) -> bool:
    """Whether one of the texts is in any text of it, also in one that is JSON."""
    return any(secret in text for text in texts_in(value) for secret in secrets)


def texts_in(value: Any) -> Iterator[str]:
    """Each text as it is, and those that one in JSON means."""
    if isinstance(value, dict):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
    elif isinstance(value, str):
        yield value
        if value.startswith(("{", "[")):
            with suppress(ValueError):
                yield from texts_in(json.loads(value))
