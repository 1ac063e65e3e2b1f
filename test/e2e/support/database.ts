import { Client } from 'pg';
import { databaseName, socketDirectoryIn } from '../../../src/database/describeDatabase.ts';
import { countRows } from '../../../src/database/snapshots/diffSnapshots.ts';
import { withConnection, type Query } from '../../../src/database/sql.ts';
import { runtimeDirectory } from '../../../src/platform/paths.ts';
import type { AirflowLine, TestProject } from './project.ts';

/** Statements on the project's Postgres, as devenv itself sends them. */
export async function onDatabase<T>(
  project: TestProject,
  airflow: AirflowLine,
  work: (query: Query) => Promise<T>,
  database = databaseName(airflow),
): Promise<T> {
  return withConnection(await socketOf(project), database, work);
}

export async function socketOf(project: TestProject): Promise<string> {
  return socketDirectoryIn(
    await runtimeDirectory({ env: project.env, platform: process.platform }, project.root),
  );
}

/** Table -> rows, of every table. */
export function rowsOf(project: TestProject, airflow: AirflowLine): Promise<Record<string, number>> {
  return onDatabase(project, airflow, countRows);
}

export interface Held extends AsyncDisposable {
  readonly backend: number;
  /** Resolves to true when the statement has gone through, to false when the connection was ended. */
  run(statement: string): Promise<boolean>;
}

/** A connection of its own under a name, which does not mind being ended. */
export async function connection(project: TestProject, airflow: AirflowLine, name: string): Promise<Held> {
  const client = new Client({
    host: await socketOf(project),
    port: 5432,
    user: 'postgres',
    database: databaseName(airflow),
    application_name: name,
  });
  client.on('error', () => {});
  await client.connect();
  const [row] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
  return {
    backend: row?.pid ?? -1,
    run: (statement) =>
      client.query(statement).then(
        () => true,
        () => false,
      ),
    [Symbol.asyncDispose]: async () => {
      await client.end().catch(() => {});
    },
  };
}
