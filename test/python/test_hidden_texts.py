"""Secrets that were seeded, in every spelling that a line of a log may have."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest

from airflow_devenv.hidden_texts import (
    FILE,
    Earlier,
    hidden,
    read_hidden_texts,
    seeded_texts,
    spellings,
    worth_hiding,
    write_hidden_texts,
)

SECRET = 'p@ss "w\\ürd'


@pytest.mark.parametrize(
    "line",
    [
        f"plain {SECRET}",
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        repr({"password": SECRET}),
        f"postgres://u:{quote(SECRET, safe='')}@h",
    ],
)
def test_every_spelling_is_found(line: str) -> None:
    masked = hidden(line, spellings([SECRET]))
    assert "***" in masked
    assert "w" not in masked.removeprefix("{").replace("password", "")


def test_lines_of_a_key_are_found_one_by_one() -> None:
    key = "-----BEGIN KEY-----\nMIIEfirst\nsecondline\nab\n-----END KEY-----\n"
    texts = spellings([key])
    assert hidden("MIIEfirst", texts) == "***"
    assert hidden("  secondline", texts) == "  ***"
    assert hidden("-----BEGIN KEY-----", texts) == "-----BEGIN KEY-----"
    assert hidden("ab", texts) == "ab"
    assert "MIIE" not in hidden(json.dumps({"key": key}), texts)


def test_lines_of_other_texts_only_where_they_tell_something() -> None:
    texts = spellings(["select *\nfrom orders\nnvapi-0123456789\n"])
    assert hidden("select * from orders", texts) == "select * from orders"
    assert hidden("key nvapi-0123456789", texts) == "key ***"


def test_the_longest_goes_first() -> None:
    assert hidden("abcdefgh abcde", spellings(["abcde", "abcdefgh"])) == "*** ***"


def test_short_texts_are_left_alone() -> None:
    assert hidden("a dev in dev", spellings(["dev", "a", ""])) == "a dev in dev"


@pytest.mark.parametrize(
    ("password", "login", "worth"),
    [
        ("hunter2", "me", True),
        ("me-too", "me-too", False),
        ("airflow", None, False),
        ("abc", None, False),
        (None, None, False),
    ],
)
def test_passwords_that_everybody_has_are_not_worth_hiding(password: str, login: str, worth: bool) -> None:
    assert worth_hiding(password, login=login) is worth


class Fernet:
    def encrypt(self, data: bytes) -> bytes:
        return data[::-1]

    decrypt = encrypt


def test_texts_of_earlier_seeds_stay_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crypto = ModuleType("airflow.models.crypto")
    crypto.get_fernet = Fernet  # type: ignore[attr-defined]
    for name in ("airflow", "airflow.models"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "airflow.models.crypto", crypto)
    path = tmp_path / FILE
    write_hidden_texts(str(path), ["first-secret"])
    write_hidden_texts(str(path), ["second-secret"])
    assert path.stat().st_mode & 0o077 == 0
    texts = read_hidden_texts(str(tmp_path))
    assert hidden("first-secret second-secret", texts) == "*** ***"
    write_hidden_texts(str(path), ["second-secret"], lambda earlier: Earlier({}))
    assert seeded_texts(str(path)) == ["second-secret"]
