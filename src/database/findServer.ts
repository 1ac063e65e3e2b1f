import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findProcess } from '../platform/processTable.ts';
import { socketFile } from './clusterProcesses.ts';
import { socketDirectoryIn } from './describeDatabase.ts';

export interface FoundServer {
  readonly pid: number;
  readonly dataDirectory: string;
}

/** The Postgres whose socket lies in this runtime folder, whichever project's it is; without connecting to it. */
export async function findServer(
  runtimeDirectory: string,
  platform: NodeJS.Platform,
): Promise<FoundServer | undefined> {
  const lock = `${socketFile(socketDirectoryIn(runtimeDirectory))}.lock`;
  const [pid = '', dataDirectory = ''] = (await readFile(lock, 'utf8').catch(() => '')).split('\n');
  if (!/^\d+$/.test(pid) || dataDirectory === '') return undefined;
  const found = await findProcess(Number(pid), platform);
  const program = path.basename(found?.command[0]?.split(' ')[0] ?? '');
  return program === 'postgres' ? { pid: Number(pid), dataDirectory } : undefined;
}
