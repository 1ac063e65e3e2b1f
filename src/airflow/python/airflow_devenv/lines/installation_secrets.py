"""The keys of the installation itself, and whatever else Airflow's configuration calls sensitive."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_devenv.hidden_texts import COMMON, SHORTEST, spellings


def installation_secrets() -> list[str]:
    """As they may be spelled in a log. Airflow 3 forgets them in every process that runs a task."""
    return spellings({part for value in _sensitive_values() for part in _parts(value)})


def _sensitive_values() -> Iterable[str]:
    from airflow.configuration import conf

    for section, option in sorted(getattr(conf, "sensitive_config_values", ())):
        try:
            value = conf.get(section, option, suppress_warnings=True)
        except Exception:  # noqa: BLE001 - one that is not set, or whose command fails
            continue
        if isinstance(value, str):
            yield value


def _parts(value: str) -> Iterable[str]:
    """While a Fernet key is being changed there are several in one value."""
    for each in {value, *value.split(",")}:
        if len(each) >= SHORTEST and each.lower() not in COMMON:
            yield each
