import { constants } from 'node:fs';
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { processStartTime, untilProcessGone } from '../../platform/processIdentity.ts';
import { sqliteFile } from '../sqlite.ts';
import { changeSqlite, copySqlite, settleSqlite, sqliteFacts } from '../sqliteTool.ts';
import { automaticName, saveSnapshot } from '../snapshots/snapshots.ts';
import type { SnapshotTarget } from '../snapshots/snapshotTarget.ts';
import type { Helpers } from './act.ts';
import type { Action } from './finding.ts';
import type { Surroundings } from './observation.ts';
import { observeSqlite } from './observeSqlite.ts';
import type { Lockable } from './unlock.ts';

export function lockableSqlite(
  context: Context,
  target: SnapshotTarget,
  options: { readonly surroundings: () => Promise<Surroundings>; readonly helpers: Helpers },
): Lockable {
  const file = sqliteFile(target);
  const { python } = target.environment;
  return {
    observe: async () => observeSqlite(context, target, await options.surroundings()),
    async countRows() {
      if (await hasJournal(file)) return {};
      try {
        return (await sqliteFacts(context, python, file)).rows;
      } catch (error) {
        if (error instanceof DevenvError) return {};
        throw error;
      }
    },
    async takeSnapshot() {
      // To read it would undo what the journal has; what frees it keeps the file as it was.
      if (await hasJournal(file)) return undefined;
      const name = await automaticName(target.project.stateDirectory, 'unlockdb', context.now());
      try {
        await saveSnapshot(context, target, { name, automaticBefore: 'unlockdb', whileInUse: true });
        return name;
      } catch (error) {
        if (error instanceof DevenvError && error.code.startsWith('sqlite_')) return undefined;
        throw error;
      }
    },
    act: ({ action }) => act(context, { file, python }, action, options.helpers),
  };
}

async function act(
  context: Context,
  { file, python }: { readonly file: string; readonly python: string },
  action: Action,
  helpers: Helpers,
): Promise<string | undefined> {
  switch (action.kind) {
    case 'end-leftovers':
      await helpers.endLeftovers();
      return undefined;
    case 'end-process':
      return endProcess(action.pid);
    case 'settle-file':
      return settle(context, python, file);
    case 'rebuild-file':
      return rebuild(context, python, file);
    case 'retire-jobs':
    case 'fail-runs':
      await changeSqlite(context, python, file, action);
      return undefined;
    case 'migrate':
      await helpers.migrate();
      return undefined;
    case 'restart-service':
      await helpers.restartService(action.service);
      return undefined;
    default:
      throw new Error(`${action.kind} is not for SQLite`);
  }
}

/** SIGTERM, some seconds, SIGKILL: SQLite's journal undoes what it had not finished. */
async function endProcess(pid: number): Promise<string | undefined> {
  const startTime = await processStartTime(pid);
  if (startTime === undefined) return 'it had ended by itself';
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') return 'it belongs to another user';
      return undefined;
    }
    if (await untilProcessGone({ pid, startTime }, 3_000)) return undefined;
  }
  return 'it does not end';
}

/** SQLite undoes it when it reads the file; a copy of everything as it was stays beside it. */
async function settle(context: Context, python: string, file: string): Promise<string> {
  const kept = keptName(context, file);
  for (const suffix of ['-journal', '-wal', '']) {
    await copyFile(`${file}${suffix}`, `${kept}${suffix}`, constants.COPYFILE_FICLONE).catch(
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      },
    );
  }
  await settleSqlite(context, python, file);
  return `as it was: ${kept}`;
}

function keptName(context: Context, file: string): string {
  return `${file}.locked-${new Date(context.now()).toISOString().replaceAll(/[:.]/g, '')}`;
}

async function hasJournal(file: string): Promise<boolean> {
  return ((await stat(`${file}-journal`).catch(() => undefined))?.size ?? 0) > 0;
}

/** What can be read, in a new file that was looked through before it takes the old one's place. */
async function rebuild(context: Context, python: string, file: string): Promise<string> {
  const aside = `${file}.rebuilt`;
  await rm(aside, { force: true });
  const problems = await copySqlite(context, python, file, aside).catch(async (error: unknown) => {
    await rm(aside, { force: true });
    throw error instanceof DevenvError && error.code === 'sqlite_unreadable'
      ? beyondReading(file, error)
      : error;
  });
  if (problems.length > 0) {
    await rm(aside, { force: true });
    return `the copy is not whole (${problems[0]}): devenv snapshot restore brings a good one back`;
  }
  const kept = keptName(context, file);
  // What belongs to the old file goes with it: beside the new one it would be taken for its own.
  for (const suffix of ['-journal', '-wal', '-shm']) {
    await rename(`${file}${suffix}`, `${kept}${suffix}`).catch(() => {});
  }
  await rename(file, kept);
  await rename(aside, file);
  return `the old file is kept: ${kept}`;
}

function beyondReading(file: string, cause: DevenvError): DevenvError {
  return new DevenvError({
    code: 'sqlite_beyond_reading',
    what: `Nothing of ${file} can be read any more.`,
    ...(cause.why === undefined ? {} : { why: cause.why }),
    next: [
      'devenv snapshot restore NAME puts a snapshot in its place (devenv snapshot list shows them)',
      'devenv db reset begins with an empty one; the damaged file is kept',
    ],
    cause,
  });
}
