import type { Context } from '../context.ts';
import { withFileLock, type LockHolder } from './fileLock.ts';
import { findProcess } from './processTable.ts';
import { shownCommand } from './shownCommand.ts';
import { wallClock } from './wallClock.ts';

type Announcer = Pick<Context, 'signal' | 'platform'> & Partial<Pick<Context, 'emit'>>;

/** Shorter waits are no news. */
const ANNOUNCED_AFTER_MS = 2_000;

/**
 * `withFileLock` for work that a person waits for: after two seconds the command says for what, which process holds
 * it since when, and what frees it.
 *
 * @param purpose what the lock is for, as `another devenv that prepares the database`.
 */
export async function withAnnouncedLock<T>(
  context: Announcer,
  file: string,
  purpose: string,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const announce = async (holder: LockHolder): Promise<void> => {
    const text = await describeHolder(context, holder, purpose);
    if (timer !== undefined) context.emit?.({ type: 'message', level: 'info', code: 'waits_for_lock', text });
  };
  const settle = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const onWait = (holder: LockHolder): void => {
    timer = setTimeout(() => void announce(holder), ANNOUNCED_AFTER_MS).unref();
  };
  try {
    return await withFileLock(file, { signal: context.signal, onWait }, () => {
      settle();
      return work();
    });
  } finally {
    settle();
  }
}

async function describeHolder(
  { platform }: Announcer,
  { pid, since }: LockHolder,
  purpose: string,
): Promise<string> {
  const command = (await findProcess(pid, platform).catch(() => undefined))?.command.join(' ');
  const process = command === undefined ? `process ${pid}` : `process ${pid} (${shownCommand(command)})`;
  const begun = since === undefined ? '' : `, since ${wallClock(since)}`;
  return `Waiting for ${purpose}: ${process}${begun}. It goes on when that is done; kill ${pid} ends it.`;
}
