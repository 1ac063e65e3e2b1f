import { readdirSync, statSync, utimesSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { withFileLock } from '../platform/fileLock.ts';
import { cacheDirectory } from '../platform/paths.ts';
import type { RunningProcess } from '../platform/processTable.ts';
import { readRecord, recordFile } from './environmentRecord.ts';

export interface KeptEnvironment {
  readonly directory: string;
  readonly airflowVersion: string;
  readonly pythonVersion: string;
  /** Of its files; what uv's cache shares with it is freed only with that. */
  readonly bytes: number;
  /** Milliseconds since the epoch, exact to a day. */
  readonly lastUsed: number;
}

/** The environments in the cache, the last used first. */
export function keptEnvironments(context: Pick<Context, 'env' | 'platform'>): readonly KeptEnvironment[] {
  const parent = environmentsFolder(context);
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return [];
  }
  return names
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      const directory = path.join(parent, name);
      const record = readRecord(directory);
      if (record === undefined) return [];
      const { airflowVersion, pythonVersion, manifest } = record;
      const lastUsed = statSync(recordFile(directory)).mtimeMs;
      return [{ directory, airflowVersion, pythonVersion, bytes: manifest.bytes, lastUsed }];
    })
    .toSorted((left, right) => right.lastUsed - left.lastUsed);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Notes that an environment is used, at most once a day: it is part of every warm start. */
export function noteUse(directory: string, now: number): void {
  try {
    const file = recordFile(directory);
    if (now - statSync(file).mtimeMs > DAY_MS) utimesSync(file, now / 1000, now / 1000);
  } catch {
    // A cache that can't be written is no reason not to run.
  }
}

/** The first of these processes whose command line names this environment: its interpreter, or a program in it. Pure. */
export function userOf(directory: string, processes: readonly RunningProcess[]): RunningProcess | undefined {
  return processes.find(({ command }) => command.some((word) => word.includes(directory)));
}

/** Moved away first, under the lock of its builds: no run finds a part of it. */
export async function removeEnvironment(context: Context, directory: string): Promise<void> {
  const parent = path.dirname(directory);
  const name = path.basename(directory);
  await withFileLock(path.join(parent, `.${name}.lock`), { signal: context.signal }, async () => {
    const aside = path.join(parent, `.old-${name.slice(-12)}-${process.pid}`);
    await rename(directory, aside);
    await rm(aside, { recursive: true, force: true, maxRetries: 5 });
  });
}

function environmentsFolder(context: Pick<Context, 'env' | 'platform'>): string {
  return path.join(cacheDirectory(context), 'environments');
}
