import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './environment.ts';

export interface EnvironmentDamage {
  /** Paths relative to the environment. */
  readonly missing: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Compares every installed file with what was installed: there, and of the same size. Takes some tenths of a
 * second. Files that somebody added are no damage, and bytecode is not looked at: Python makes it anew.
 */
export async function verifyEnvironment(
  environment: Pick<Environment, 'directory'>,
): Promise<EnvironmentDamage> {
  const { directory } = environment;
  const [missing, changed]: [string[], string[]] = [[], []];
  let lines: string[];
  try {
    lines = readFileSync(path.join(directory, MANIFEST_FILE), 'utf8').trim().split('\n');
  } catch {
    return { missing: [MANIFEST_FILE], changed };
  }
  for (const line of lines) {
    const space = line.indexOf(' ');
    const [size, file] = [Number(line.slice(0, space)), line.slice(space + 1)];
    const found = lstatSync(`${directory}/${file}`, { throwIfNoEntry: false });
    if (found === undefined) missing.push(file);
    else if (found.size !== size) changed.push(file);
  }
  return { missing, changed };
}

export interface ManifestSummary {
  readonly files: number;
  readonly bytes: number;
  /** The folders at the top of `site-packages` that hold the most files. */
  readonly watched: readonly string[];
}

/** Writes the list that `verifyEnvironment` compares with: a size in bytes and a relative path on every line. */
export async function writeManifest(directory: string): Promise<ManifestSummary> {
  const files = installedFiles(directory);
  const lines = files.map((file) => `${lstatSync(`${directory}/${file}`).size} ${file}`);
  await writeFile(path.join(directory, MANIFEST_FILE), `${lines.join('\n')}\n`, { mode: 0o600 });
  return {
    files: files.length,
    bytes: lines.reduce((sum, line) => sum + Number.parseInt(line, 10), 0),
    watched: largestPackages(files),
  };
}

/** As many as can be looked at in well under a millisecond; they hold nine tenths of all files. */
const WATCHED = 40;

function largestPackages(files: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const file of files) {
    const name = /^lib\/[^/]+\/site-packages\/([^/]+)\//.exec(file)?.[1];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const largest = [...counts].toSorted(([, left], [, right]) => right - left).slice(0, WATCHED);
  return largest.map(([name]) => name).toSorted();
}

const MANIFEST_FILE = 'manifest.txt';

function installedFiles(directory: string): readonly string[] {
  const files: string[] = [];
  const visit = (relative: string) => {
    for (const entry of readdirSync(path.join(directory, relative), { withFileTypes: true })) {
      if (entry.name === '__pycache__' || (relative === '' && entry.name.startsWith('.'))) continue;
      const file = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) visit(file);
      else files.push(file);
    }
  };
  visit('');
  return files;
}
