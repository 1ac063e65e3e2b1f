/**
 * Python that asks a SQLite file or changes rows of it: `python -c SCRIPT ACTION FILE [MORE]`. Prints JSON. Times are
 * milliseconds since the epoch; columns that only one line of Airflow has are looked for.
 */
export const SQLITE_SCRIPT = `
import datetime, hashlib, json, sqlite3, sys
from urllib.parse import quote
action, file, *more = sys.argv[1:]

def connect(path, mode="rw"):
    return sqlite3.connect(f"file:{quote(path)}?mode={mode}", uri=True, timeout=2, isolation_level=None)

def quoted(name):
    return '"' + name.replace('"', '""') + '"'

def tables_of(connection):
    return [name for (name,) in connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")]

def facts():
    connection = connect(file)
    tables = tables_of(connection)
    rows = {name: connection.execute("select count(*) from " + quoted(name)).fetchone()[0] for name in tables}
    found = connection.execute("select version_num from alembic_version").fetchone() if "alembic_version" in tables else None
    writable = True
    try:
        connection.execute("pragma busy_timeout = 300")
        connection.execute("begin immediate")
        connection.execute("rollback")
    except sqlite3.OperationalError:
        writable = False
    airflow = airflow_rows(connection) if {"job", "task_instance", "dag_run", "dag"} <= set(tables) else None
    return {"rows": rows, "writable": writable, **({"revision": found[0]} if found else {}), **({"airflow": airflow} if airflow else {})}

def time_of(text):
    if not text:
        return 0
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() * 1000

def airflow_rows(connection):
    connection.row_factory = sqlite3.Row
    ask = lambda sql: [dict(row) for row in connection.execute(sql + " limit 2000")]
    jobs = {row["id"]: row for row in ask("select * from job where state = 'running'")}
    states = dict(connection.execute("select id, state from job").fetchall())
    tasks = []
    for row in ask("select * from task_instance where state in ('running', 'queued', 'restarting')"):
        own = jobs.get(row.get("job_id"), {})
        signs = [row["start_date"], row["queued_dttm"], row.get("last_heartbeat_at"), own.get("latest_heartbeat")]
        job = row["queued_by_job_id"]
        tasks.append({"dagId": row["dag_id"], "runId": row["run_id"], "taskId": row["task_id"], "mapIndex": row["map_index"],
                      "state": row["state"], "lastSign": max(map(time_of, signs)),
                      **({} if job is None else {"job": job}), **({} if job not in states else {"jobState": states[job]})})
    counts = {(dag, state): number for dag, state, number in connection.execute("select dag_id, state, count(*) from dag_run group by 1, 2")}
    active = dict(connection.execute("select dag_id, max_active_runs from dag").fetchall())
    runs = []
    for row in ask("select * from dag_run where state = 'running'"):
        is_test = row["clear_number"] == 0 and (str(row.get("triggered_by") or "").lower() == "test" or row["creating_job_id"] == -1)
        runs.append({"dagId": row["dag_id"], "runId": row["run_id"], "isTest": is_test, "startedAt": time_of(row["start_date"] or row["queued_at"]),
                     "runningOfDag": counts.get((row["dag_id"], "running"), 0), "queuedOfDag": counts.get((row["dag_id"], "queued"), 0),
                     **({} if active.get(row["dag_id"]) is None else {"maxActiveRuns": active[row["dag_id"]]})})
    return {"jobs": [{"id": row["id"], "type": row["job_type"] or "", "heartbeat": time_of(row["latest_heartbeat"])} for row in jobs.values()],
            "tasks": tasks, "runs": runs}

def names():
    connection = connect(file)
    rows = facts()["rows"]
    connection.row_factory = sqlite3.Row
    found = {}
    for kind, each in json.loads(more[0]).items():
        digest = lambda row: hashlib.sha256(repr([row[c] for c in each["columns"] if c in row.keys()]).encode()).hexdigest()
        found[kind] = {row[each["name"]]: digest(row) for row in connection.execute("select * from " + quoted(each["table"]))}
    return {"rows": rows, "names": found}

def settle():
    connection = connect(file)
    connection.execute("begin exclusive")
    connection.execute("rollback")
    connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    connection.close()
    return {}

def copy():
    source, target = connect(file), connect(more[0], "rwc")
    source.backup(target)
    problems = [text for (text,) in target.execute("pragma integrity_check(20)") if text != "ok"]
    target.close()
    return {"problems": problems}

def change():
    wanted, connection = json.loads(more[0]), connect(file)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None).isoformat(" ")
    connection.execute("begin immediate")
    for job in wanted.get("jobs", []):
        connection.execute("update job set state = 'failed', end_date = ? where id = ? and state = 'running'", (now, job))
    begun = "('running', 'queued', 'restarting', 'deferred', 'awaiting_input', 'up_for_reschedule')"
    for run in wanted.get("runs", []):
        key = (run["dagId"], run["runId"])
        connection.execute(f"update task_instance set end_date = ?, state = case when state in {begun} then 'failed' else 'skipped' end "
                           f"where dag_id = ? and run_id = ? and (state is null or state in {begun} or state in ('scheduled', 'up_for_retry', 'awaiting_input'))", (now, *key))
        connection.execute("update dag_run set state = 'failed', end_date = ? where dag_id = ? and run_id = ? and state = 'running'", (now, *key))
    connection.execute("commit")
    return {}

print(json.dumps({"facts": facts, "names": names, "settle": settle, "copy": copy, "change": change}[action]()))
`;
