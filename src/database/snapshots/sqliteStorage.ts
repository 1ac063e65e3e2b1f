import { constants } from 'node:fs';
import { access, copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { migrate } from '../migrate.ts';
import { emptySqlite, rememberRevision, sqliteFile } from '../sqlite.ts';
import { copySqlite, settleSqlite, sqliteFacts } from '../sqliteTool.ts';
import type { SnapshotPlace, SnapshotStorage, SnapshotTarget } from './snapshotTarget.ts';
import { makePrivateFolder } from '../../platform/privateFolder.ts';

/** Snapshots are files; where the file system can, they share their blocks with the database. */
export function sqliteStorage(context: Context, target: SnapshotTarget): SnapshotStorage {
  const live = sqliteFile(target);
  const { python } = target.environment;
  const prepared = `${live}.restoring`;
  const fileOf = ({ folder }: SnapshotPlace): string => path.join(folder, 'airflow.db');
  const settle = async (): Promise<void> => {
    // Rolls a hot journal back and takes a write-ahead log in: from now on the file alone is the database.
    await settleSqlite(context, python, live);
  };
  const revisionOf = async (file: string): Promise<string | undefined> =>
    (await sqliteFacts(context, python, file)).revision;
  return {
    size: async () => ((await isFile(live)) ? (await stat(live)).size : undefined),
    revision: async () => ((await isFile(live)) ? unlessUnreadable(() => revisionOf(live)) : undefined),
    async save(place, whileInUse) {
      if (whileInUse) {
        const aside = `${fileOf(place)}.building`;
        await copySqlite(context, python, live, aside);
        await rename(aside, fileOf(place));
        return;
      }
      await settle();
      await putCopy(live, fileOf(place));
    },
    has: (place) => isFile(fileOf(place)),
    remove: (place) => rm(fileOf(place), { force: true }),
    async prepare(_id, source) {
      if (source === undefined) await emptySqlite(context, target, prepared);
      else if (!('database' in source)) await putCopy(fileOf(source), prepared);
      else {
        const other = path.join(path.dirname(live), `${source.database}.db`);
        await settleSqlite(context, python, other);
        await putCopy(other, prepared);
      }
    },
    async databases() {
      const names = await readdir(path.dirname(live)).catch(() => []);
      return names.filter((each) => /^airflow_\d+_\d+\.db$/.test(each)).map((each) => each.slice(0, -3));
    },
    migrate: () => migrate(context, { ...target, url: `sqlite:///${prepared}` }),
    async exchange(_id, aside) {
      const isThere = await isFile(live);
      const isReadable = isThere && (await unlessUnreadable(() => settle().then(() => true))) === true;
      if (isReadable) await putCopy(live, fileOf(aside));
      const kept = isThere && !isReadable ? await keepDamaged(live, context.now()) : undefined;
      const revision = await revisionOf(prepared);
      await rememberRevision(live, undefined);
      await rename(prepared, live);
      await rememberRevision(live, revision);
      return kept;
    },
    isPrepared: () => isFile(prepared),
    discardPrepared: () => rm(prepared, { force: true }),
    async endAbandoned() {},
    async discardLeftovers() {
      for (const file of [prepared, `${prepared}.building`]) await rm(file, { force: true });
    },
  };
}

/** Undefined for a file that is no database any more. */
async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DevenvError && error.code === 'sqlite_unreadable') return undefined;
    throw error;
  }
}

/** A copy of its files stays beside it; what belongs to it must not lie beside the next one. */
async function keepDamaged(live: string, now: number): Promise<string> {
  const kept = `${live}.damaged-${new Date(now).toISOString().replaceAll(/[:.]/g, '')}`;
  await copyFile(live, kept, constants.COPYFILE_FICLONE);
  for (const suffix of ['-journal', '-wal', '-shm'])
    await rename(`${live}${suffix}`, `${kept}${suffix}`).catch(() => {});
  return kept;
}

async function putCopy(source: string, target: string): Promise<void> {
  await makePrivateFolder(path.dirname(target));
  const aside = `${target}.building`;
  await copyFile(source, aside, constants.COPYFILE_FICLONE);
  await rename(aside, target);
}

function isFile(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
