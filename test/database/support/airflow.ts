import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DatabaseEnvironment } from '../../../src/database/databaseProject.ts';
import { AIRFLOW_ENVIRONMENT } from './harness.ts';

const ASK = `
import asyncio, json
from sqlalchemy import text
from airflow import settings
from airflow.utils import db
from airflow.utils.session import create_session
answer = {}
with create_session() as session:
    answer["sync"] = session.execute(text("select 1")).scalar()
async def ask():
    from sqlalchemy.ext.asyncio import create_async_engine
    engine = create_async_engine(settings.SQL_ALCHEMY_CONN_ASYNC)
    async with engine.connect() as connection:
        return (await connection.execute(text("select 1"))).scalar()
if hasattr(settings, "SQL_ALCHEMY_CONN_ASYNC"):
    answer["async"] = asyncio.run(ask())
answer["migrated"] = db.check_migrations(0) is None
print("ANSWER" + json.dumps(answer))
`;

/** What the real Airflow thinks of a database. */
export async function askAirflow(environment: DatabaseEnvironment, url: string): Promise<unknown> {
  const output = await runAirflow(environment, url, ASK);
  return JSON.parse(/^ANSWER(.*)$/m.exec(output)?.[1] ?? output);
}

/** Takes back the last migration. */
export async function downgrade(environment: DatabaseEnvironment, url: string): Promise<void> {
  const script = `
from airflow.utils import db
from alembic.script import ScriptDirectory
script = ScriptDirectory.from_config(db._get_alembic_config())
db.downgrade(to_revision=script.get_revision(script.get_current_head()).down_revision)
`;
  await runAirflow(environment, url, script);
}

async function runAirflow(environment: DatabaseEnvironment, url: string, script: string): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'devenv-test-airflow-'));
  try {
    const { stdout } = await promisify(execFile)(environment.python, ['-c', script], {
      cwd: home,
      env: {
        ...AIRFLOW_ENVIRONMENT,
        HOME: home,
        PATH: process.env['PATH'],
        AIRFLOW_HOME: home,
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: url,
      },
    });
    return stdout;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
