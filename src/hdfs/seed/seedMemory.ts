import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { hdfsDirectory } from '../daemon/hdfsRecord.ts';

/** What was put into HDFS. */
export interface SeedMemory {
  /** Whether everything was, at least once. */
  readonly complete: boolean;
  /** Path in HDFS: the local file as it was then. */
  readonly files: Readonly<Record<string, LocalStamp>>;
}

export interface LocalStamp {
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
}

/** `undefined` when nothing was ever seeded, or the file can't be understood. */
export async function readSeedMemory(stateDirectory: string): Promise<SeedMemory | undefined> {
  try {
    const read = JSON.parse(await readFile(fileIn(stateDirectory), 'utf8')) as SeedMemory & {
      readonly version: number;
    };
    return read.version === 1 && typeof read.files === 'object' ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Not everything that `hdfs.seed` names was ever put into this project's HDFS. */
export async function isNeverSeeded(stateDirectory: string): Promise<boolean> {
  return (await readSeedMemory(stateDirectory))?.complete !== true;
}

export async function writeSeedMemory(
  stateDirectory: string,
  { complete, files }: SeedMemory,
): Promise<void> {
  await writeFileAtomic(fileIn(stateDirectory), `${JSON.stringify({ version: 1, complete, files })}\n`);
}

function fileIn(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'seed.json');
}
