import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { killFamilies, readNow, readProcessTree } from '../platform/processTree.ts';

/** What a preloaded process has in its environment, by which it is found before it listens anywhere. */
const BEGINNING_VARIABLE = 'AIRFLOW_DEVENV_BEGINNING';

interface Beginning {
  readonly version: 1;
  readonly token: string;
  readonly starter: Identity;
  /** Known a moment after it was started. */
  readonly started?: Identity;
}

interface Identity {
  readonly pid: number;
  readonly startTime: string | undefined;
}

/**
 * Starts a preloaded process with a record of it left first: whoever starts it may be killed while it loads, and then
 * nothing else would know of it.
 *
 * @param start given what has to be in the environment, and what to call with the pid.
 */
export async function recordBeginning(
  runtimeDirectory: string,
  start: (environment: Record<string, string>, started: (pid: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const file = recordIn(runtimeDirectory);
  const starter = await identityOf(process.pid);
  const beginning: Beginning = { version: 1, token: randomUUID(), starter };
  await writeFileAtomic(file, JSON.stringify(beginning));
  let isKnown = false;
  try {
    await start({ [BEGINNING_VARIABLE]: beginning.token }, async (pid) => {
      if (isKnown) return;
      isKnown = true;
      await writeFileAtomic(file, JSON.stringify({ ...beginning, started: await identityOf(pid) }));
    });
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * Ends what is still loading for a process that was killed. One that has begun to listen meanwhile is as good as any
 * other, and has removed the record itself (`preload.py`).
 */
export async function endUnfinishedBeginning(runtimeDirectory: string): Promise<void> {
  const file = recordIn(runtimeDirectory);
  const beginning = await readBeginning(file);
  if (beginning === undefined || (await isAlive(beginning.starter))) return;
  const { token, started } = beginning;
  if (process.platform === 'linux') {
    const tree = await readProcessTree('linux');
    const marked = [...tree.keys()].filter((pid) =>
      `\0${readNow(`/proc/${pid}/environ`)}`.includes(`\0${BEGINNING_VARIABLE}=${token}\0`),
    );
    await killFamilies(marked, 'linux');
  } else if (started !== undefined && (await isAlive(started))) {
    await killFamilies([started.pid], process.platform);
  }
  await rm(file, { force: true });
}

async function readBeginning(file: string): Promise<Beginning | undefined> {
  try {
    const beginning = JSON.parse(await readFile(file, 'utf8')) as Beginning;
    return beginning.version === 1 ? beginning : undefined;
  } catch {
    return undefined;
  }
}

async function identityOf(pid: number): Promise<Identity> {
  return { pid, startTime: await processStartTime(pid) };
}

async function isAlive({ pid, startTime }: Identity): Promise<boolean> {
  return startTime !== undefined && (await processStartTime(pid)) === startTime;
}

function recordIn(runtimeDirectory: string): string {
  return path.join(runtimeDirectory, 'runner.beginning.json');
}
