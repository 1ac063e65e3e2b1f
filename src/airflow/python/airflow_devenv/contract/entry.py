"""One line of the contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from airflow_devenv.contract.needs import Need


class Kind(Enum):
    #: A DAG run can't be driven or observed without it; `--stock` is what remains.
    RUN = "run"
    #: Something a person sees is not there without it.
    FEATURE = "feature"
    #: It only makes something faster.
    ACCELERATOR = "accelerator"


@dataclass(frozen=True)
class Entry:
    name: str
    kind: Kind
    #: What it is for.
    purpose: str
    #: What is lost without it.
    without: str
    needs: tuple[Need, ...]
    #: The releases that have it: from the first, before the second.
    since: str = "2.7"
    before: str = "4"

    def is_expected_in(self, version: str) -> bool:
        return _numbers(self.since) <= _numbers(version) < _numbers(self.before)

    def missing(self) -> list[str]:
        """Empty when everything is there."""
        reasons = (_missing(each) for each in self.needs)
        return [each for each in reasons if each is not None]


def _missing(need: Need) -> str | None:
    try:
        return need.missing()
    except Exception as error:  # noqa: BLE001 - importing a module may raise anything; then it is of no use
        return f"{need} can't be looked at: {type(error).__name__}: {error}"


def _numbers(version: str) -> tuple[int, ...]:
    """`3.4.0b2` counts as 3.4.0."""
    return tuple(int(each) for each in re.findall(r"\d+", version)[:2])
