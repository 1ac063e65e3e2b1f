import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { processStartTime } from '../../platform/processIdentity.ts';
import type { HdfsPlace } from './hdfsPlace.ts';

/** A server that listens: which process it is, and where. */
export interface HdfsRecord extends HdfsPlace {
  readonly version: 1;
  readonly pid: number;
  /** As `processStartTime` gives it: no later process with the same pid has it. */
  readonly startTime: string;
}

/** The server that runs now, by the record it has left; `undefined` when that process is gone. */
export async function runningServer(
  stateDirectory: string,
  platform: NodeJS.Platform,
): Promise<HdfsRecord | undefined> {
  const record = await readRecord(stateDirectory);
  if (record === undefined) return undefined;
  return (await processStartTime(record.pid, platform)) === record.startTime ? record : undefined;
}

/** What the last server has written, whether it runs or not. */
export async function readRecord(stateDirectory: string): Promise<HdfsRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordFile(stateDirectory), 'utf8')) as HdfsRecord;
    return record.version === 1 && Number.isSafeInteger(record.pid) && record.pid > 1 ? record : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRecord(stateDirectory: string, record: HdfsRecord): Promise<void> {
  await writeFileAtomic(recordFile(stateDirectory), `${JSON.stringify(record)}\n`);
}

export async function removeRecord(stateDirectory: string): Promise<void> {
  await rm(recordFile(stateDirectory), { force: true });
}

/** Everything of a project's HDFS: `data/`, and the small files of the server. */
export function hdfsDirectory(stateDirectory: string): string {
  return path.join(stateDirectory, 'hdfs');
}

/** The files of HDFS as plain files, for people to look at. */
export function hdfsDataDirectory(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'data');
}

function recordFile(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'server.json');
}
