import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import type { SeedKind } from './seedItem.ts';

/** What is known of earlier seeds of one database; no values, only names and keyed hashes. */
export interface SeedMemory extends Readonly<Record<SeedKind, Readonly<Record<string, string>>>> {
  /** After the last seed: of what was wanted, and of the rows. */
  readonly state?: { readonly wanted: string; readonly rows: string };
}

const NOTHING: SeedMemory = { variable: {}, connection: {}, pool: {} };

type Stored = { readonly version: 1; readonly databases: Readonly<Record<string, Partial<SeedMemory>>> };

/**
 * What earlier runs have seeded; nothing when that is not known.
 *
 * @param database its name: each minor version of Airflow has one of its own.
 */
export async function readMemory(stateDirectory: string, database: string): Promise<SeedMemory> {
  return { ...NOTHING, ...(await readStored(stateDirectory)).databases[database] };
}

/** Whether nothing has been seeded yet into this database. */
export async function isNeverSeeded(stateDirectory: string, database: string): Promise<boolean> {
  return (await readStored(stateDirectory)).databases[database] === undefined;
}

export async function writeMemory(
  stateDirectory: string,
  database: string,
  memory: SeedMemory,
): Promise<void> {
  const { databases } = await readStored(stateDirectory);
  await writeStored(stateDirectory, { ...databases, [database]: memory });
}

/** For a database that is emptied: its first run seeds it again, and nothing of it is pruned. */
export async function forgetSeeds(stateDirectory: string, database: string): Promise<void> {
  const { databases } = await readStored(stateDirectory);
  if (databases[database] === undefined) return;
  const { [database]: _forgotten, ...others } = databases;
  await writeStored(stateDirectory, others);
}

async function writeStored(stateDirectory: string, databases: Stored['databases']): Promise<void> {
  const stored: Stored = { version: 1, databases };
  await writeFileAtomic(memoryFile(stateDirectory), `${JSON.stringify(stored)}\n`);
}

async function readStored(stateDirectory: string): Promise<Stored> {
  try {
    const found = JSON.parse(await readFile(memoryFile(stateDirectory), 'utf8')) as Partial<Stored>;
    if (found.version === 1 && found.databases !== undefined)
      return { version: 1, databases: found.databases };
  } catch {
    // Missing, or cut by a full disk: then nothing is pruned.
  }
  return { version: 1, databases: {} };
}

function memoryFile(stateDirectory: string): string {
  return path.join(stateDirectory, 'seed.json');
}
