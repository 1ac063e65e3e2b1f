import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';

/** A process by what no later one can have: its pid together with its start time. */
export interface RecordedProcess {
  readonly service: string;
  readonly pid: number;
  /** As `processStartTime` gives it. */
  readonly startTime: string;
}

/**
 * What the next supervisor has to know if this one is killed: `.devenv/stack.json`. What can be seen by looking,
 * states and readiness, is not in it.
 */
export interface StackRecord {
  readonly version: 1;
  /** Until the supervisor has ended everything: something of its stack may still run. */
  readonly open: boolean;
  /** Each leads a process group; the one called `preload` leads a session, too. */
  readonly processes: readonly RecordedProcess[];
}

/** `undefined` when there is none, or none that can be understood. */
export async function readStackRecord(stateDirectory: string): Promise<StackRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(fileIn(stateDirectory), 'utf8')) as StackRecord;
    return record.version === 1 && Array.isArray(record.processes) ? record : undefined;
  } catch {
    return undefined;
  }
}

export async function writeStackRecord(stateDirectory: string, record: StackRecord): Promise<void> {
  await writeFileAtomic(fileIn(stateDirectory), `${JSON.stringify(record)}\n`);
}

function fileIn(stateDirectory: string): string {
  return path.join(stateDirectory, 'stack.json');
}
