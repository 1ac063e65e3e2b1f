/** Rows that are seeded once, and must be the same whatever is killed. */
export const KEPT = 40;
/** Rows that each seed gives another generation: all of them or none. */
export const BATCH = 60;

export const DAG = `
from airflow.sdk import dag, task

@dag(schedule=None)
def soak():
    @task
    def work():
        import time
        time.sleep(0.3)
    work()

soak()
`;

/**
 * `python look.py ROW`: prints what the database has of the known rows, whichever kind it is, and then inserts
 * `row_ROW`, which no seed file has.
 */
export const LOOK = `
import hashlib, json, os, sys, sqlalchemy
url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
engine = sqlalchemy.create_engine(url, connect_args={"timeout": 60} if url.startswith("sqlite") else {})
with engine.begin() as connection:
    rows = [tuple(row) for row in connection.execute(sqlalchemy.text(
        "select key, val, description from variable order by key"))]
    runs = connection.execute(sqlalchemy.text(
        "select count(*) from dag_run where dag_id = 'soak' and state = 'success'")).scalar()
    if len(sys.argv) > 1:
        connection.execute(sqlalchemy.text(
            "insert into variable (key, val, description, is_encrypted) values (:key, '', 'committed', :no)"),
            {"key": "row_" + sys.argv[1], "no": False})
kept = [row for row in rows if row[0].startswith("kept_")]
batch = [row for row in rows if row[0].startswith("batch_")]
generations = sorted({int(row[2]) for row in batch})
print("SOAK" + json.dumps({
    "kept": len(kept), "digest": hashlib.sha256(repr(kept).encode()).hexdigest(),
    "batch": len(batch), "generations": generations, "generation": generations[0] if generations else 0,
    "committed": sorted(int(row[0][4:]) for row in rows if row[0].startswith("row_")), "runs": runs}))
`;

/** Holds a row of Postgres, or all of SQLite, for a while, and changes nothing: for `devenv unlockdb`. */
export const LOCK = `
import os, time, sqlalchemy
engine = sqlalchemy.create_engine(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
with engine.connect() as connection:
    if engine.dialect.name == "sqlite":
        connection.exec_driver_sql("begin immediate")
    connection.execute(sqlalchemy.text("update variable set description = 'held' where key = 'kept_0'"))
    print("LOCKED", flush=True)
    time.sleep(40)
    connection.rollback()
`;

/** What `devenv secrets edit` opens: somebody types the value that is in the environment. */
export const EDITOR = `#!/bin/sh
printf 'variables:\\n  soak: %s\\n' "$SOAK_TYPED" > "$1"
sleep 0.2
`;

export function seedFile(generation: number): string {
  const kept = numbers(KEPT).map((each) => `kept_${each}: {value: "value ${each}", description: kept}`);
  const batch = numbers(BATCH).map(
    (each) => `batch_${each}: {value: "v${generation}", description: "${generation}"}`,
  );
  return [...kept, ...batch, 'hidden: env:SOAK_SECRET', ''].join('\n');
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
