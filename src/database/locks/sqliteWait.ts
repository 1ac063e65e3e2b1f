import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { findProcess } from '../../platform/processTable.ts';
import { shownCommand } from '../../platform/shownCommand.ts';
import { wallClock } from '../../platform/wallClock.ts';
import { sqliteLocks } from './sqliteLockHolders.ts';

export interface SqliteWait {
  readonly file: string;
  readonly pid: number;
  readonly command: string;
  /** Milliseconds since the epoch: of its transaction where a journal tells it, else of the process. */
  readonly since: number | undefined;
}

/** Writers come and go within milliseconds: one that is there at each of these looks stays. */
const [LOOKS, STEP_MS] = [4, 100];

/**
 * A process that keeps a SQLite file locked. SQLite has no list of those who wait, so that any lock that lasts is told.
 *
 * @param own processes that work for the command itself.
 */
export async function findSqliteWait(
  context: Pick<Context, 'platform'>,
  file: string,
  own: readonly number[],
): Promise<SqliteWait | undefined> {
  let lasting = await othersOn(file, own);
  for (let look = 1; look < LOOKS && lasting.length > 0; look += 1) {
    await sleep(STEP_MS);
    const now = new Set(await othersOn(file, own));
    lasting = lasting.filter((pid) => now.has(pid));
  }
  const [pid] = lasting;
  if (pid === undefined) return undefined;
  const found = await findProcess(pid, context.platform);
  if (found === undefined) return undefined;
  return { file, pid, command: found.command.join(' '), since: await begunAt(file, pid) };
}

export function describeSqliteWait({ file, pid, command, since }: SqliteWait): string {
  const begun = since === undefined ? '' : ` since ${wallClock(since)}`;
  return (
    `Waiting for the database ${file}: process ${pid} (${shownCommand(command)}) has locked it${begun}. ` +
    `devenv unlockdb --end ${pid} frees it.`
  );
}

async function othersOn(file: string, own: readonly number[]): Promise<readonly number[]> {
  const { writers, readers } = await sqliteLocks(file);
  const isOther = (pid: number): boolean => pid !== process.pid && !own.includes(pid);
  const others = writers.filter(isOther);
  // A writer of ours ends when the last reader has.
  return others.length > 0 || writers.length === 0 ? others : readers.filter(isOther);
}

async function begunAt(file: string, pid: number): Promise<number | undefined> {
  for (const each of [`${file}-journal`, `/proc/${pid}`]) {
    const found = await stat(each).catch(() => undefined);
    if (found !== undefined && (each.startsWith('/proc') || found.size > 0)) return found.ctimeMs;
  }
  return undefined;
}
