"""The contract: everything of other packages that the house relies on beyond what they promise, by name.

Nothing else of them is private and used: a test compares this table with the code.
"""

from __future__ import annotations

from functools import cache

from airflow_devenv.contract.entry import Entry
from airflow_devenv.contract.runs2 import RUNS_2
from airflow_devenv.contract.runs3 import RUNS_3
from airflow_devenv.contract.services2 import SERVICES_2
from airflow_devenv.contract.services3 import SERVICES_3
from airflow_devenv.contract.shared import SHARED

ENTRIES: tuple[Entry, ...] = (*SHARED, *RUNS_2, *SERVICES_2, *RUNS_3, *SERVICES_3)


def entry_named(name: str) -> Entry:
    return _by_name()[name]


@cache
def _by_name() -> dict[str, Entry]:
    return {each.name: each for each in ENTRIES}
