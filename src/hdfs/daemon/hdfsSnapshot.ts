import { constants } from 'node:fs';
import { cp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { withAnnouncedLock } from '../../platform/announcedLock.ts';
import { endHdfsServer } from './ensureHdfs.ts';
import { startLock } from './hdfsLock.ts';
import { hdfsDataDirectory } from './hdfsRecord.ts';
import { makePrivateFolder } from '../../platform/privateFolder.ts';

/** The project's mock HDFS as it goes with a snapshot of the database; see `database/snapshots/snapshotTarget.ts`. */
export interface HdfsSnapshotPart {
  readonly name: string;
  save(folder: string): Promise<boolean>;
  restore(folder: string): Promise<void>;
}

/**
 * Files and metadata belong together: the server is ended for the time of a copy, and nobody starts it meanwhile.
 * Whoever needs it next starts it again.
 */
export function hdfsSnapshotPart(
  context: Pick<Context, 'platform' | 'signal'>,
  stateDirectory: string,
): HdfsSnapshotPart {
  const data = hdfsDataDirectory(stateDirectory);
  const alone = <Result>(work: () => Promise<Result>): Promise<Result> =>
    withAnnouncedLock(
      context,
      startLock(stateDirectory),
      'another devenv that starts or ends HDFS',
      async () => {
        await endHdfsServer(stateDirectory, context.platform);
        return work();
      },
    );
  return {
    name: 'hdfs',
    async save(folder) {
      if (!(await exists(data))) return false;
      await alone(() => copyFolder(data, folder));
      return true;
    },
    async restore(folder) {
      await alone(async () => {
        await makePrivateFolder(path.dirname(data));
        // Copied aside first: a kill leaves the old files or the new ones, and the next try ends it.
        await copyFolder(folder, `${data}.restored`);
        await rm(`${data}.replaced`, { recursive: true, force: true });
        if (await exists(data)) await rename(data, `${data}.replaced`);
        await rename(`${data}.restored`, data);
        await rm(`${data}.replaced`, { recursive: true, force: true });
      });
    },
  };
}

async function exists(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined)) !== undefined;
}

/** Blocks are shared with the original where the file system can do that. */
async function copyFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
}
