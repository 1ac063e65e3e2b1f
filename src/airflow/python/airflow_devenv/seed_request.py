"""Brings variables, connections and pools of the metadata database to what the seed files say.

One process, one transaction: either everything that can be stored is, or nothing has changed. What is wanted
comes resolved and checked from `src/seed/`; how Airflow spells it in its rows is known here.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from airflow_devenv.database_patience import is_locked, wait_for_other_writers
from airflow_devenv.failures import database_lost, is_disk_full
from airflow_devenv.hidden_texts import Earlier, hidden, seeded_texts, write_hidden_texts
from airflow_devenv.lines.line import AirflowLine
from airflow_devenv.protocol import Emit, EventWriter, RunRequest
from airflow_devenv.seed_values import Fingerprint, changes, has_any, is_secret_field, texts_in

#: A message stays small enough for a reader that looks at each as a whole.
ITEMS_AT_ONCE = 500
KINDS = ("variable", "connection", "pool")


@dataclass(frozen=True)
class SeedRequest:
    """`SeedRequest` of `src/seed/applySeed.ts`."""

    #: `apply`; `compare` says what that would do; `export` gives all rows.
    mode: str
    #: All or nothing.
    atomic: bool = False
    #: Delete what is gone, instead of only saying so.
    prune: bool = False
    #: `DesiredItem` of `src/seed/seedItem.ts`.
    items: list[dict[str, Any]] = field(default_factory=list)
    #: Kind and name of what was seeded earlier and is in no file any more.
    gone: list[dict[str, str]] = field(default_factory=list)
    #: Texts that must never be shown.
    secrets: list[str] = field(default_factory=list)
    #: Where runs find those texts, encrypted.
    secrets_file: str = ""
    #: A statement that gives one text for all rows that a seed may touch.
    digest: str | None = None
    #: Leave rows as they are that differ from what is wanted, unless that has changed since it was stored.
    only_missing: bool = False
    #: By kind and name: `Fingerprint.of_row` of what was stored last.
    remembered: dict[str, dict[str, str]] = field(default_factory=dict)
    #: By kind and name: fields that were secret in any seed.
    secret_fields: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    #: Milliseconds since the epoch, of the oldest snapshot; None without one.
    oldest_snapshot: float | None = None
    #: Databases of the project for other minor versions of Airflow have rows of earlier seeds.
    has_other_databases: bool = False

    def fields_once_secret(self, kind: str, name: str) -> frozenset[str]:
        return frozenset(self.secret_fields.get(kind, {}).get(name, []))


def serve_seed(line: AirflowLine, request: RunRequest, descriptor: int, note: Callable[..., None]) -> int:
    """Serves the request; gives the exit code. The last event, `exit`, has been written."""
    # What is in the memory of this process must not be in a file after a crash.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.update(request.environment)
    emit = EventWriter(descriptor)
    seed = SeedRequest(**(request.seed or {}))
    code = 1
    wait_for_other_writers()
    try:
        line.connect()
        code = _serve(seed, emit)
    except Exception as error:  # noqa: BLE001 - drivers have no common class; a bug of ours is told as well
        if is_locked(error) or is_disk_full(error):
            emit("error", **database_lost(error).event())
            return code
        emit(
            "error",
            code="database_unavailable",
            what="The seed could not be stored.",
            why=reason(error, seed),
        )
    finally:
        note("finished")
        emit("exit", code=code)
    return code


def reason(error: BaseException, seed: SeedRequest) -> str:
    """What a driver or Airflow says, without values: SQLAlchemy adds the parameters of the statement."""
    original = getattr(error, "orig", None) or error
    text = hidden(str(original).strip(), seed.secrets)
    return f"{type(original).__name__}: {text}"


#: By SQLSTATE, of an error for a single row.
REFUSALS = {
    "22001": "A text is longer than its column.",
    "22003": "A number is too large for its column.",
    "22021": "A text has a character that the database does not take.",
    "23505": "There is one of that name already.",
}


def refusal(error: BaseException) -> str:
    """Why a value was not taken. Airflow and drivers quote values, or parts of them: their words are not shown."""
    original = getattr(error, "orig", None) or error
    state = getattr(original, "pgcode", None) or getattr(original, "sqlstate", None)
    if state in REFUSALS:
        return REFUSALS[state]
    by = f"the database, with {state}" if state else "Airflow"
    return f"It was refused by {by}: {type(original).__name__}. What it said may quote the value and is not shown."


def _serve(seed: SeedRequest, emit: Emit) -> int:
    from airflow_devenv.lines.seed_tables import seed_session

    with seed_session() as tables:
        if seed.mode == "export":
            secrets = seeded_texts(seed.secrets_file)
            for kind in KINDS:
                _tell(emit, "seed_rows", "rows", tables[kind].rows(secrets, seed.fields_once_secret))
            return 0
        plan = Plan(seed, tables)
        reports = plan.reports()
        if seed.mode == "apply":
            failed = plan.write()
            reports = [failed.get((each["kind"], each["name"]), each) for each in reports]
            if seed.atomic and failed:
                tables.roll_back()
                reports = [
                    {**each, "action": "failed", "reason": each.get("reason", NOT_ALONE)} for each in reports
                ]
            else:
                write_hidden_texts(
                    seed.secrets_file,
                    [*seed.secrets, *plan.passwords],
                    lambda earlier: kept(earlier, plan, tables.texts, time.time() * 1000),
                )
                if seed.digest is not None:
                    emit("seed_state", digest=tables.scalar(seed.digest))
                tables.commit()
    _tell(emit, "seed_items", "items", reports)
    return 1 if any(each["action"] == "failed" for each in reports) else 0


#: Milliseconds for which a text is masked after its last row has gone: XComs and logs may have it.
KEPT_MS = 30 * 24 * 3600 * 1000.0


def kept(earlier: Earlier, plan: Plan, row_texts: Callable[[], list[str]], now: float) -> Earlier:
    """Texts of earlier seeds as long as a row, a snapshot, an XCom or a log may have them."""
    seed, found = plan.seed, Earlier({})
    rows = row_texts() if earlier.absent_since else []
    for text, since in earlier.absent_since.items():
        # What a seed file has in the clear is no secret any more.
        if text in plan.plain:
            continue
        is_there = seed.has_other_databases or any(text in each for each in rows)
        gone = None if is_there else since or now
        is_in_snapshot = seed.oldest_snapshot is not None and (gone is None or seed.oldest_snapshot <= gone)
        if gone is None or is_in_snapshot or now - gone < KEPT_MS:
            found.absent_since[text] = gone
    return found


NOT_ALONE = "Another item failed, and --atomic applies all or none."


def _tell(emit: Emit, event: str, name: str, values: list[dict[str, Any]]) -> None:
    for start in range(0, len(values), ITEMS_AT_ONCE):
        emit(event, **{name: values[start : start + ITEMS_AT_ONCE]})


class Plan:
    """What has to change, found by reading first."""

    def __init__(self, seed: SeedRequest, tables: Any) -> None:
        self.seed = seed
        self._tables = tables
        self._fingerprint = Fingerprint()
        self._seeded_texts = seeded_texts(seed.secrets_file)
        #: Of connections, which a URI may have held.
        self.passwords: list[str] = []
        #: Texts that are wanted and no secrets.
        self.plain: set[str] = set()
        #: By kind: name and columns of rows to make, and id and columns of those to change.
        self._new: dict[str, list[tuple[str, dict[str, Any]]]] = {kind: [] for kind in KINDS}
        self._changed: dict[str, list[tuple[str, dict[str, Any]]]] = {kind: [] for kind in KINDS}
        self._removed: dict[str, list[tuple[str, Any]]] = {kind: [] for kind in KINDS}

    def reports(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for kind in KINDS:
            wanted = [each for each in self.seed.items if each["kind"] == kind]
            gone = [each["name"] for each in self.seed.gone if each["kind"] == kind]
            stored = self._tables[kind].stored([*(each["name"] for each in wanted), *gone])
            found.extend(self._report(each, stored.get(each["name"])) for each in wanted)
            found.extend(self._report_gone(kind, name, stored[name]) for name in gone if name in stored)
        return found

    def _report(self, item: dict[str, Any], stored: Any) -> dict[str, Any]:
        kind, name = item["kind"], item["name"]
        table = self._tables[kind]
        report: dict[str, Any] = {"kind": kind, "name": name}
        try:
            wanted = table.wanted(item)
            columns = table.columns(name, wanted.fields)
        except Exception as error:  # noqa: BLE001 - whatever Airflow raises for a value that it does not take
            return {**report, "action": "failed", "reason": refusal(error)}
        self.passwords.extend(wanted.passwords)
        self.plain.update(
            text
            for field, value in wanted.fields.items()
            if field not in wanted.secret
            for text in texts_in(value)
        )
        row_hash = self._fingerprint.of_row(wanted.fields)
        if stored is None:
            self._new[kind].append((name, columns))
            found = changes({}, wanted, self._fingerprint) if self.seed.mode == "compare" else []
            # What every row has that says nothing of it.
            new = [each for each in found if each["after"] not in ("", "false")]
            return {**report, "hash": row_hash, "action": "created", **({"changes": new} if new else {})}
        if table.equal(stored.fields, wanted):
            return {**report, "hash": row_hash, "action": "unchanged"}
        report["changes"] = changes(stored.fields, wanted, self._fingerprint, self._was_secret(kind, name))
        last = self._last_hash(kind, name)
        if self.seed.only_missing and last in (None, row_hash):
            return {**report, "action": "kept", "kept": "not_seeded" if last is None else "changed"}
        self._changed[kind].append((name, {"id": stored.id, **columns}))
        here = self._fingerprint.of_row({each: stored.fields.get(each) for each in wanted.fields})
        was_changed = {} if last in (None, here) else {"overwrites": True}
        return {**report, "hash": row_hash, "action": "updated", **was_changed}

    def _last_hash(self, kind: str, name: str) -> str | None:
        """Of the row as it was stored last; None when no seed has, or with another key."""
        found = self.seed.remembered.get(kind, {}).get(name, "")
        return found if self._fingerprint.is_of_this_key(found) else None

    def _was_secret(self, kind: str, name: str) -> Callable[[str, Any], bool]:
        fields = self.seed.fields_once_secret(kind, name)
        return lambda inside, value: is_secret_field(inside, fields) or has_any(value, self._seeded_texts)

    def _report_gone(self, kind: str, name: str, stored: Any) -> dict[str, Any]:
        if kind == "pool" and name == "default_pool":
            return {"kind": kind, "name": name, "action": "left"}
        self._removed[kind].append((name, stored.id))
        return {"kind": kind, "name": name, "action": "removed" if self.seed.prune else "left"}

    def write(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Gives the report of each item that could not be stored, by kind and name."""
        failed: dict[tuple[str, str], dict[str, Any]] = {}
        for kind in KINDS:
            table = self._tables[kind]
            for rows, store in ((self._new[kind], table.insert), (self._changed[kind], table.update)):
                for name, error in self._tables.store(rows, store):
                    failed[kind, name] = {
                        "kind": kind,
                        "name": name,
                        "action": "failed",
                        "reason": refusal(error),
                    }
            if self.seed.prune:
                table.delete([row_id for _, row_id in self._removed[kind]])
        return failed
