"""What was seeded as a secret reaches Airflow's maskers. The file is read as if it were not encrypted."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from airflow_devenv import hidden_texts
from airflow_devenv.hidden_texts import FILE, spellings
from airflow_devenv.lines import seeded_masks
from airflow_devenv.lines.seeded_masks import SeededMasks, mask_all


class Masker:
    def __init__(self) -> None:
        self.patterns: set[str] = set()
        self.replacer: Any = None

    def redact(self, text: str) -> str:
        return text if self.replacer is None else str(self.replacer.sub("***", text))


class OtherMasker:
    def __init__(self) -> None:
        self.added: list[str] = []

    def add_mask(self, text: str) -> None:
        self.added.append(text)


@pytest.fixture(autouse=True)
def readable(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(state_directory: str | None) -> list[str]:
        if state_directory is None or not Path(state_directory, hidden_texts.FILE).exists():
            return []
        return spellings(json.loads(Path(state_directory, hidden_texts.FILE).read_text()))

    monkeypatch.setattr(seeded_masks, "read_hidden_texts", read)


def seed(directory: Path, texts: list[str]) -> None:
    aside = directory / "aside"
    aside.write_text(json.dumps(texts))
    os.replace(aside, directory / FILE)


def test_a_seeded_text_is_masked_and_one_that_is_seeded_later_too(tmp_path: Path) -> None:
    masker = Masker()
    masks = SeededMasks(str(tmp_path))
    masks.tell(masker)
    seed(tmp_path, ["webhook-of-the-team"])
    masks.tell(masker)
    assert masker.redact("to webhook-of-the-team") == "to ***"
    seed(tmp_path, ["webhook-of-the-team", "another one"])
    masks.tell(masker)
    assert masker.redact("another one") == "***"


def test_nothing_is_read_again_while_nothing_is_seeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(tmp_path, ["webhook-of-the-team"])
    masks = SeededMasks(str(tmp_path))
    masks.tell(Masker())
    monkeypatch.delattr(seeded_masks, "read_hidden_texts")
    masker = Masker()
    masks.tell(masker)
    assert masker.redact("webhook-of-the-team") == "***"


def test_a_masker_that_is_reset_knows_it_still(tmp_path: Path) -> None:
    class Reset(Masker):
        def reset_masker(self) -> None:
            self.patterns, self.replacer = set(), None

    masker = Reset()
    masks = SeededMasks(str(tmp_path))
    masks.tell_after_each_reset(masker)
    seed(tmp_path, ["webhook-of-the-team"])
    masker.reset_masker()
    assert masker.redact("webhook-of-the-team") == "***"


def test_the_whole_goes_where_a_part_of_it_is_a_secret_as_well() -> None:
    masker = Masker()
    masker.patterns.add(re.escape("secret"))
    mask_all(masker, ["secret-of-many"])
    assert masker.redact("the secret-of-many, a secret") == "the ***, a ***"


def test_a_masker_of_another_making_is_told_one_by_one() -> None:
    masker = OtherMasker()
    mask_all(masker, ["one", "two"])
    assert masker.added == ["one", "two"]


def test_without_a_project_nothing_is_masked() -> None:
    masker = OtherMasker()
    SeededMasks(None).tell(masker)
    assert masker.added == []


def test_what_is_always_masked_stays_so_after_a_reset(tmp_path: Path) -> None:
    class Resettable(Masker):
        def reset_masker(self) -> None:
            self.patterns, self.replacer = set(), None

    masker = Resettable()
    SeededMasks(str(tmp_path), ["key-of-the-installation"]).tell_after_each_reset(masker)
    masker.reset_masker()
    assert masker.redact("a key-of-the-installation") == "a ***"
