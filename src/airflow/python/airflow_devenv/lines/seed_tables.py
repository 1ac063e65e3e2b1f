"""Variables, connections and pools as rows. Their models have the same names and columns on both lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from airflow_devenv.database_patience import is_locked
from airflow_devenv.failures import is_disk_full
from airflow_devenv.hidden_texts import worth_hiding
from airflow_devenv.seed_values import Wanted, equal, has_any, is_secret_field, texts_in

#: Names in one query; SQLite takes 32766 at most, older ones 999.
NAMES_AT_ONCE = 900
#: Of an advisory lock: two seeds of one database wait for each other.
LOCK = 0x5EED

Rows = list[tuple[str, dict[str, Any]]]
#: Of a field, or of `extra.key`, and what it holds: whether it was seeded as a secret.
IsSecret = Callable[[str, Any], bool]
#: Of a kind and a name: the fields that were secret in any seed.
OnceSecret = Callable[[str, str], frozenset[str]]


@dataclass(frozen=True)
class Stored:
    id: int
    fields: dict[str, Any]


@contextmanager
def seed_session() -> Iterator[SeedTables]:
    """What is not committed in it is undone."""
    from airflow import settings
    from sqlalchemy import text

    session = settings.Session()
    try:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"select pg_advisory_xact_lock({LOCK})"))
        with _without_masker():
            yield SeedTables(session)
    finally:
        session.rollback()
        session.close()


@contextmanager
def _without_masker() -> Iterator[None]:
    """A connection tells its password to the masker, which compiles all it knows anew each time: a thousand
    connections would take minutes, in a process that prints nothing."""
    import airflow.models.connection as connection_module

    original = connection_module.mask_secret
    connection_module.mask_secret = lambda *arguments, **keywords: None
    try:
        yield
    finally:
        connection_module.mask_secret = original


def is_hidden_name(name: str) -> bool:
    """Whether Airflow hides a value of this name in its UI and logs."""
    try:
        from airflow._shared.secrets_masker import should_hide_value_for_key
    except ImportError:
        try:
            from airflow.sdk.execution_time.secrets_masker import should_hide_value_for_key
        except ImportError:
            from airflow.utils.log.secrets_masker import should_hide_value_for_key
    return bool(should_hide_value_for_key(name))


class SeedTables:
    def __init__(self, session: Any) -> None:
        self._session = session
        self._by_kind: dict[str, Table] = {
            "variable": VariableTable(session),
            "connection": ConnectionTable(session),
            "pool": PoolTable(session),
        }

    def __getitem__(self, kind: str) -> Table:
        return self._by_kind[kind]

    def store(self, rows: Rows, write: Callable[[list[dict[str, Any]]], None]) -> list[tuple[str, Exception]]:
        """All at once, and if the database does not take that, one by one. Gives those that failed."""
        if not rows:
            return []
        try:
            with self._session.begin_nested():
                write([columns for _, columns in rows])
        except Exception as error:
            if is_locked(error) or is_disk_full(error):
                # It is not about these rows, and would be so for each of them.
                raise
            if len(rows) == 1:
                return [(rows[0][0], error)]
            return [failed for row in rows for failed in self.store([row], write)]
        return []

    def scalar(self, statement: str) -> Any:
        from sqlalchemy import text

        return self._session.execute(text(statement)).scalar()

    def texts(self) -> list[str]:
        """All texts that the rows of all kinds hold."""
        return [each for table in self._by_kind.values() for each in table.texts()]

    def commit(self) -> None:
        self._session.commit()

    def roll_back(self) -> None:
        self._session.rollback()


class Table:
    """One kind of item."""

    model: Any
    #: The model's attributes that are read.
    attributes: tuple[str, ...]
    name_attribute: str

    def __init__(self, session: Any) -> None:
        self._session = session

    def wanted(self, item: dict[str, Any]) -> Wanted:
        """Raises what Airflow raises for values that it does not take."""
        raise NotImplementedError

    def columns(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The model's attributes for these fields, encrypted where Airflow encrypts."""
        raise NotImplementedError

    def fields(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def secret_fields(self, name: str, fields: dict[str, Any], is_secret: IsSecret) -> list[str]:
        return []

    def equal(self, stored: dict[str, Any], wanted: Wanted) -> bool:
        return equal(stored, wanted)

    def stored(self, names: list[str]) -> dict[str, Stored]:
        found: dict[str, Stored] = {}
        name_column = getattr(self.model, self.name_attribute)
        for start in range(0, len(names), NAMES_AT_ONCE):
            query = self._query().where(name_column.in_(names[start : start + NAMES_AT_ONCE]))
            for row in self._session.execute(query):
                found[row[1]] = Stored(row[0], self.fields(row))
        return found

    def rows(self, secrets: list[str], once_secret: OnceSecret) -> list[dict[str, Any]]:
        """Everything, with the fields that Airflow would hide or that were seeded as secrets in any seed."""
        found = [(row[1], self.fields(row)) for row in self._session.execute(self._query())]
        rows = []
        for name, fields in sorted(found, key=lambda each: each[0]):
            seeded = once_secret(self.kind, name)

            def is_secret(inside: str, value: Any, seeded: frozenset[str] = seeded) -> bool:
                return is_secret_field(inside, seeded) or has_any(value, secrets)

            secret_fields = self.secret_fields(name, fields, is_secret)
            rows.append({"name": name, "fields": fields, "secret_fields": secret_fields, "kind": self.kind})
        return rows

    def texts(self) -> list[str]:
        """What its rows hold, as text."""
        found = (self.fields(row) for row in self._session.execute(self._query()))
        return [each for fields in found for each in texts_in(list(fields.values()))]

    kind = ""

    def _query(self) -> Any:
        """Columns, not objects: an object tells the masker what it holds, and decrypts what nobody asked for."""
        from sqlalchemy import select

        names = ("id", self.name_attribute, *self.attributes)
        return select(*(getattr(self.model, each) for each in names))

    def insert(self, rows: list[dict[str, Any]]) -> None:
        self._session.bulk_insert_mappings(self.model, rows)

    def update(self, rows: list[dict[str, Any]]) -> None:
        self._session.bulk_update_mappings(self.model, rows)

    def delete(self, ids: list[int]) -> None:
        from sqlalchemy import delete

        for start in range(0, len(ids), NAMES_AT_ONCE):
            self._session.execute(
                delete(self.model)
                .where(self.model.id.in_(ids[start : start + NAMES_AT_ONCE]))
                .execution_options(synchronize_session=False)
            )


class VariableTable(Table):
    kind = "variable"
    attributes = ("_val", "is_encrypted", "description")
    name_attribute = "key"

    @property
    def model(self) -> Any:
        from airflow.models.variable import Variable

        return Variable

    def wanted(self, item: dict[str, Any]) -> Wanted:
        value = item["value"]
        is_json = "json" in value
        # As `Variable.set(serialize_json=True)` writes it, and so Airflow's own import.
        text = json.dumps(json.loads(value["json"]), indent=2) if is_json else value["text"]
        is_secret = item["isSecret"]
        return Wanted(
            {"value": text, "description": item["description"]},
            secret=frozenset({"value"}) if is_secret else frozenset(),
            json_fields=frozenset({"value"}) if is_json else frozenset(),
            passwords=[text] if is_secret and not is_json and worth_hiding(text) else [],
        )

    def columns(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        row = self.model(key=name, val=fields["value"], description=fields["description"])
        return {
            "key": name,
            "_val": row._val,
            "is_encrypted": bool(row.is_encrypted),
            "description": fields["description"],
        }

    def fields(self, row: Any) -> dict[str, Any]:
        _, _, value, is_encrypted, description = row
        return {"value": decrypted(value, is_encrypted), "description": description}

    def rows(self, secrets: list[str], once_secret: OnceSecret) -> list[dict[str, Any]]:
        rows = super().rows(secrets, once_secret)
        return [{**row, "is_json": _is_written_json(row["fields"]["value"])} for row in rows]

    def secret_fields(self, name: str, fields: dict[str, Any], is_secret: IsSecret) -> list[str]:
        return ["value"] if is_hidden_name(name) or is_secret("value", fields["value"]) else []


class ConnectionTable(Table):
    kind = "connection"
    plain = ("conn_type", "description", "host", "login", "schema", "port")
    attributes = (*plain, "_password", "is_encrypted", "_extra", "is_extra_encrypted")
    name_attribute = "conn_id"

    @property
    def model(self) -> Any:
        from airflow.models.connection import Connection

        return Connection

    def wanted(self, item: dict[str, Any]) -> Wanted:
        name, given, uri = item["name"], item["fields"], item.get("uri")
        base = self.model(conn_id=name, uri=uri) if uri else self.model(conn_id=name)
        fields = {each: getattr(base, each) for each in (*self.plain, "password", "extra")}
        fields.update(given)
        # Airflow stores no empty ones.
        for each in ("password", "extra"):
            fields[each] = fields[each] or None
        if fields["extra"] is not None and "extra" in given:
            fields["extra"] = json.dumps(json.loads(fields["extra"]))
        secret = frozenset({"password", *item["secretFields"]})
        if "uri" in secret:
            secret |= set(fields)
        return Wanted(fields, secret=secret, json_fields=frozenset({"extra"}), passwords=_passwords(fields))

    def columns(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        row = self.model(conn_id=name, **fields)
        encrypted = {each: getattr(row, each) for each in ("_password", "_extra")}
        flags = {each: bool(getattr(row, each)) for each in ("is_encrypted", "is_extra_encrypted")}
        return {"conn_id": name, **{each: fields[each] for each in self.plain}, **encrypted, **flags}

    def fields(self, row: Any) -> dict[str, Any]:
        values = dict(zip(self.attributes, row[2:], strict=True))
        return {
            **{each: values[each] for each in self.plain},
            "password": decrypted(values["_password"], values["is_encrypted"]),
            "extra": decrypted(values["_extra"], values["is_extra_encrypted"]),
        }

    def secret_fields(self, name: str, fields: dict[str, Any], is_secret: IsSecret) -> list[str]:
        texts = [each for each in fields if each not in ("conn_type", "port", "extra")]
        extra = {f"extra.{key}": value for key, value in _extra(fields).items()}
        return [
            *(each for each in texts if each == "password" or is_secret(each, fields[each])),
            *(each for each, value in extra.items() if is_hidden_name(each[6:]) or is_secret(each, value)),
        ]


class PoolTable(Table):
    kind = "pool"
    attributes = ("slots", "description", "include_deferred")
    name_attribute = "pool"

    @property
    def model(self) -> Any:
        from airflow.models.pool import Pool

        return Pool

    def wanted(self, item: dict[str, Any]) -> Wanted:
        return Wanted({each: item[each] for each in self.attributes})

    def columns(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        return {"pool": name, **fields}

    def fields(self, row: Any) -> dict[str, Any]:
        slots, description, include_deferred = row[2:]
        return {"slots": slots, "description": description or "", "include_deferred": bool(include_deferred)}


def _is_written_json(text: str | None) -> bool:
    """A list or an object that, written again, gives the very same text."""
    if text is None or not text.startswith(("{", "[")):
        return False
    try:
        return json.dumps(json.loads(text), indent=2) == text
    except ValueError:
        return False


def _extra(fields: dict[str, Any]) -> dict[str, Any]:
    try:
        extra = json.loads(fields["extra"] or "{}")
    except ValueError:
        return {}
    return extra if isinstance(extra, dict) else {}


def _passwords(fields: dict[str, Any]) -> list[str]:
    inside = [value for key, value in _extra(fields).items() if is_hidden_name(key)]
    return [each for each in (fields["password"], *inside) if worth_hiding(each, login=fields["login"])]


def decrypted(value: str | None, is_encrypted: bool) -> str | None:
    """None also for what another key has encrypted: it will be written anew."""
    if value is None or not is_encrypted:
        return value
    from airflow.models.crypto import get_fernet

    try:
        return str(get_fernet().decrypt(value.encode()).decode())
    except Exception:  # noqa: BLE001 - cryptography raises an error of its own without a text
        return None
