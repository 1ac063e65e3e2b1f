import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import type { SeedKind } from './seedItem.ts';

/** Names of what was seeded, with a keyed hash of what was written. */
export type SeedMemory = Readonly<Record<SeedKind, Readonly<Record<string, string>>>>;

const NOTHING: SeedMemory = { variable: {}, connection: {}, pool: {} };

/** What earlier runs have seeded into the database of this project; nothing when that is not known. */
export async function readMemory(stateDirectory: string): Promise<SeedMemory> {
  try {
    const found = JSON.parse(await readFile(memoryFile(stateDirectory), 'utf8')) as Partial<SeedMemory> & {
      readonly version?: number;
    };
    if (found.version !== 1) return NOTHING;
    const { variable = {}, connection = {}, pool = {} } = found;
    return { variable, connection, pool };
  } catch {
    // Missing, or cut by a full disk: then nothing is pruned.
    return NOTHING;
  }
}

export async function writeMemory(stateDirectory: string, memory: SeedMemory): Promise<void> {
  await writeFileAtomic(memoryFile(stateDirectory), `${JSON.stringify({ version: 1, ...memory })}\n`);
}

export function memoryFile(stateDirectory: string): string {
  return path.join(stateDirectory, 'seed.json');
}
