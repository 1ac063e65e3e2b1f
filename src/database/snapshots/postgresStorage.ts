import type { Context } from '../../context.ts';
import { createFromTemplate, currentRevision } from '../airflowDatabases.ts';
import { postgresUrl, schemaFingerprint, templateName } from '../describeDatabase.ts';
import { migrate } from '../migrate.ts';
import { isDamage, withConnection, type Query } from '../sql.ts';
import {
  copyDatabase,
  databaseExists,
  databaseSize,
  databasesNamed,
  dropDatabase,
  endAbandonedWork,
  isUsed,
  RESTORING,
  swapDatabases,
} from './postgresCopies.ts';
import { copyLiveDatabase } from './postgresLiveCopy.ts';
import { snapshotDatabase } from './snapshotRecord.ts';
import type { SnapshotStorage, SnapshotTarget } from './snapshotTarget.ts';

/** Not templates, nor copies from before a migration. */
const AIRFLOW = /^airflow_\d+_\d+$/;

async function sizeOf(query: Query, name: string): Promise<number> {
  return databaseSize(query, name).catch((error: unknown) => {
    if (isDamage(error)) return 0;
    throw error;
  });
}

/** Snapshots are databases in the project's own cluster. */
export function postgresStorage(context: Context, target: SnapshotTarget): SnapshotStorage {
  const { name: live, socketDirectory = '' } = target.description;
  const ask = <T>(work: (query: Query) => Promise<T>): Promise<T> =>
    withConnection(socketDirectory, 'postgres', work);
  const template = templateName(schemaFingerprint(target.environment, target.airflowEnvironment));
  const prepared = (id: string): string => `${RESTORING}${id}`;
  return {
    size: () => ask(async (query) => ((await databaseExists(query, live)) ? sizeOf(query, live) : undefined)),
    // Its server may run while files of this database are gone: then it is renamed and kept all the same.
    revision: () =>
      currentRevision(context, socketDirectory, live).catch((error: unknown) => {
        if (isDamage(error)) return undefined;
        throw error;
      }),
    async save({ id }, whileInUse) {
      const copy = { source: live, target: snapshotDatabase(id), template };
      if (whileInUse && (await ask((query) => isUsed(query, live))))
        await copyLiveDatabase(socketDirectory, copy);
      else await ask((query) => copyDatabase(query, copy.source, copy.target));
    },
    has: ({ id }) => ask((query) => databaseExists(query, snapshotDatabase(id))),
    remove: ({ id }) => ask((query) => dropDatabase(query, snapshotDatabase(id))),
    async prepare(id, source) {
      if (source !== undefined) {
        const from = 'database' in source ? source.database : snapshotDatabase(source.id);
        await ask((query) => copyDatabase(query, from, prepared(id)));
        return;
      }
      await createFromTemplate(context, socketDirectory, { name: prepared(id), template }, target);
    },
    databases: () =>
      ask(async (query) => (await databasesNamed(query, 'airflow_')).filter((each) => AIRFLOW.test(each))),
    migrate: (id) => migrate(context, { ...target, url: postgresUrl(socketDirectory, prepared(id)) }),
    async exchange(id, aside) {
      const names = { live, aside: snapshotDatabase(aside.id), copy: prepared(id) };
      await ask((query) => swapDatabases(query, names));
      return undefined;
    },
    isPrepared: (id) => ask((query) => databaseExists(query, prepared(id))),
    discardPrepared: (id) => ask((query) => dropDatabase(query, prepared(id))),
    endAbandoned: () => ask(endAbandonedWork),
    discardLeftovers: () =>
      ask(async (query) => {
        for (const name of await databasesNamed(query, RESTORING)) await dropDatabase(query, name);
      }),
  };
}
