import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { hdfsDirectory } from '../daemon/hdfsRecord.ts';

/** What was put into HDFS: its path there, and the local file as it was then. */
export type SeedMemory = Readonly<Record<string, LocalStamp>>;

export interface LocalStamp {
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
}

/** `undefined` when nothing was ever seeded, or the file can't be understood. */
export async function readSeedMemory(stateDirectory: string): Promise<SeedMemory | undefined> {
  try {
    const { version, files } = JSON.parse(await readFile(fileIn(stateDirectory), 'utf8')) as {
      version: number;
      files: SeedMemory;
    };
    return version === 1 && typeof files === 'object' ? files : undefined;
  } catch {
    return undefined;
  }
}

export async function writeSeedMemory(stateDirectory: string, files: SeedMemory): Promise<void> {
  await writeFileAtomic(fileIn(stateDirectory), `${JSON.stringify({ version: 1, files })}\n`);
}

function fileIn(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'seed.json');
}
