import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, fileSystemError } from './fileSystemError.ts';
import { processPlace, processStartTime } from './processIdentity.ts';
import { makePrivateFolder } from './privateFolder.ts';

export interface LockHolder {
  readonly pid: number;
  /** Milliseconds since the epoch; undefined where an earlier version has taken it. */
  readonly since?: number;
}

export interface FileLockOptions {
  readonly signal: AbortSignal;
  /** Called once, when the lock is found taken. */
  readonly onWait?: (holder: LockHolder) => void;
}

/**
 * Runs `work` while no other process (and no other caller in this one) holds the lock at `file`. A holder that
 * died without releasing it, by `kill -9` or a power cut, does not keep it.
 *
 * @throws the signal's reason when aborted while waiting; DevenvError `disk_full`, `not_writable`.
 */
export async function withFileLock<T>(
  file: string,
  options: FileLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const own = await acquire(file, options);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, HEARTBEAT_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await release(file, own);
  }
}

interface LockRecord extends LockHolder {
  readonly startTime: string | undefined;
  /** Host and pid namespace: elsewhere the pid says nothing. */
  readonly place: string;
  /** Unique to this holding of the lock; never used again. */
  readonly token: string;
}

const HEARTBEAT_MS = 5_000;
/** A holder we can't ask about is dead when its heartbeat has stopped for this long. */
const SILENCE_MS = 60_000;
const [SHORTEST_WAIT_MS, LONGEST_WAIT_MS] = [5, 100];

async function acquire(file: string, options: FileLockOptions): Promise<LockRecord> {
  const own: LockRecord = {
    pid: process.pid,
    startTime: await processStartTime(process.pid),
    place: await processPlace(),
    token: randomUUID(),
    since: Date.now(),
  };
  let [wait, told] = [SHORTEST_WAIT_MS, false];
  while (!(await create(file, own))) {
    options.signal.throwIfAborted();
    const holder = await read(file);
    if (holder === undefined) continue;
    if (await isStale(file, holder, own)) {
      await removeStale(file, holder, own, options);
      continue;
    }
    if (!told) options.onWait?.(holder);
    told = true;
    await sleep(wait, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
    wait = Math.min(wait * 1.5, LONGEST_WAIT_MS);
  }
  return own;
}

/** `link` makes the file appear with its contents in one step, so nobody reads half a record. */
async function create(file: string, own: LockRecord): Promise<boolean> {
  const aside = `${file}.${own.token}`;
  try {
    await makePrivateFolder(path.dirname(file));
    await writeFile(aside, JSON.stringify(own), { mode: 0o600 });
    await link(aside, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (NO_HARD_LINKS.has(errorCode(error) ?? '')) return await createWithoutLink(file, own);
    throw fileSystemError(error, 'take the lock', file);
  } finally {
    await rm(aside, { force: true }).catch(() => {});
  }
}

const NO_HARD_LINKS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EMLINK']);

async function createWithoutLink(file: string, own: LockRecord): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(own));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw fileSystemError(error, 'take the lock', file);
  }
}

/** `undefined` when there is no lock any more. A record that can't be read is a holder nothing is known about. */
async function read(file: string): Promise<LockRecord | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileSystemError(error, 'read the lock', file);
  }
  try {
    const value = JSON.parse(text) as Partial<LockRecord> | null;
    if (typeof value?.pid === 'number' && typeof value.token === 'string') return value as LockRecord;
  } catch {
    // Cut short by a crash of the whole machine: judged by its age, like a holder elsewhere.
  }
  return { pid: 0, startTime: undefined, place: '', token: 'unreadable' };
}

async function isStale(file: string, holder: LockRecord, own: LockRecord): Promise<boolean> {
  if (holder.place === own.place) return (await processStartTime(holder.pid)) !== holder.startTime;
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > SILENCE_MS;
}

/**
 * Several waiters may judge the same record stale, and the slowest must not remove the lock of the one that was
 * quicker. So removal has a lock of its own, named after the dead holder's token: who has it is the only one
 * that may remove that record, and looks again first. A waiter killed here leaves a stale lock of the same kind.
 */
async function removeStale(
  file: string,
  stale: LockRecord,
  own: LockRecord,
  options: FileLockOptions,
): Promise<void> {
  await withFileLock(`${file}.${stale.token.slice(0, 8)}`, { signal: options.signal }, async () => {
    const holder = await read(file);
    if (holder?.token === stale.token && (await isStale(file, holder, own))) await rm(file, { force: true });
  });
}

async function release(file: string, own: LockRecord): Promise<void> {
  if ((await read(file).catch(() => undefined))?.token === own.token) await rm(file, { force: true });
}
