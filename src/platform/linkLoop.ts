import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';

/**
 * The folder around this one that it leads back to by a link; undefined for none. A walk that follows links would
 * never come out of it.
 */
export async function linkLoop(folder: string): Promise<string | undefined> {
  const real = await realpath(folder);
  for (const around of foldersAround(folder)) {
    // Every real folder is another one than those around it.
    if ((await realpath(around)) === real) return around;
  }
  return undefined;
}

/** The files below a folder, links followed, each folder once; absolute. What can't be read is left out. */
export function* filesBelow(folder: string, seen = new Set<string>()): Generator<string> {
  const real = orNothing(() => realpathSync(folder));
  if (real === undefined || seen.has(real)) return;
  seen.add(real);
  for (const name of orNothing(() => readdirSync(folder)) ?? []) {
    const full = path.join(folder, name);
    const found = orNothing((): Stats => statSync(full));
    if (found?.isFile()) yield full;
    else if (found?.isDirectory()) yield* filesBelow(full, seen);
  }
}

function foldersAround(folder: string): string[] {
  const around = path.dirname(folder);
  return around === folder ? [] : [around, ...foldersAround(around)];
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
