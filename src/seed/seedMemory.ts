import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import type { SeedKind } from './seedItem.ts';

type ByName<T> = Readonly<Record<SeedKind, ReadonlyMap<string, T>>>;

/** What is known of earlier seeds of one database; no values, only names and keyed hashes of rows as they were stored. */
export interface SeedMemory extends ByName<string> {
  /** After the last seed: of what was wanted, and of the rows. */
  readonly state?: { readonly wanted: string; readonly rows: string };
}

/** Fields that were secret in any seed, of any database: snapshots may have their rows. */
export type SecretFields = ByName<readonly string[]>;

/** Names may be those of Object's own properties: maps in memory, JSON in the file. */
type Written<T> = Readonly<Partial<Record<SeedKind, Readonly<Record<string, T>>>>>;

interface Stored {
  readonly version: 1;
  readonly databases: Readonly<Record<string, Written<string> & Pick<SeedMemory, 'state'>>>;
  readonly secretFields?: Written<readonly string[]>;
}

/**
 * What earlier runs have seeded; nothing when that is not known. A database without seeds of its own was made from a
 * copy of the last one, if there was one.
 *
 * @param database its name: each minor version of Airflow has one of its own.
 */
export async function readMemory(stateDirectory: string, database: string): Promise<SeedMemory> {
  const { databases } = await readStored(stateDirectory);
  const own = databases[database];
  if (own !== undefined) return { ...maps(own), ...(own.state === undefined ? {} : { state: own.state }) };
  const last = Object.keys(databases).at(-1);
  return maps(last === undefined ? {} : (databases[last] ?? {}));
}

export async function readSecretFields(stateDirectory: string): Promise<SecretFields> {
  return maps((await readStored(stateDirectory)).secretFields ?? {});
}

/** Whether nothing has been seeded yet into this database. */
export async function isNeverSeeded(stateDirectory: string, database: string): Promise<boolean> {
  return (await readStored(stateDirectory)).databases[database] === undefined;
}

/** Whether a seed has written into a database other than this one. */
export async function hasSeededOthers(stateDirectory: string, database: string): Promise<boolean> {
  return Object.keys((await readStored(stateDirectory)).databases).some((each) => each !== database);
}

export async function writeMemory(
  stateDirectory: string,
  database: string,
  memory: SeedMemory,
  secretFields: SecretFields,
): Promise<void> {
  const { databases } = await readStored(stateDirectory);
  const { state } = memory;
  await writeStored(stateDirectory, {
    version: 1,
    databases: {
      ...databases,
      [database]: { ...written(memory), ...(state === undefined ? {} : { state }) },
    },
    secretFields: written(secretFields),
  });
}

/** For a database that is emptied: its first run seeds it again, and nothing of it is pruned. */
export async function forgetSeeds(stateDirectory: string, database: string): Promise<void> {
  const stored = await readStored(stateDirectory);
  if (stored.databases[database] === undefined) return;
  const { [database]: _forgotten, ...others } = stored.databases;
  await writeStored(stateDirectory, { ...stored, databases: others });
}

/** As JSON has it, and the Python side. */
export function written<T>({ variable, connection, pool }: ByName<T>): Required<Written<T>> {
  return {
    variable: Object.fromEntries(variable),
    connection: Object.fromEntries(connection),
    pool: Object.fromEntries(pool),
  };
}

function maps<T>({ variable = {}, connection = {}, pool = {} }: Written<T>): ByName<T> {
  return {
    variable: new Map(Object.entries(variable)),
    connection: new Map(Object.entries(connection)),
    pool: new Map(Object.entries(pool)),
  };
}

async function writeStored(stateDirectory: string, stored: Stored): Promise<void> {
  await writeFileAtomic(memoryFile(stateDirectory), `${JSON.stringify(stored)}\n`);
}

async function readStored(stateDirectory: string): Promise<Stored> {
  try {
    const found = JSON.parse(await readFile(memoryFile(stateDirectory), 'utf8')) as Partial<Stored>;
    if (found.version === 1 && found.databases !== undefined)
      return { ...found, version: 1, databases: found.databases };
  } catch {
    // Missing, or cut by a full disk: then nothing is pruned.
  }
  return { version: 1, databases: {} };
}

function memoryFile(stateDirectory: string): string {
  return path.join(stateDirectory, 'seed.json');
}
