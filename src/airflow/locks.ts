import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assetsDirectory } from '../platform/assets.ts';
import { projectName } from './requirements.ts';

/** Where the lock files are that come with this program. */
function locksDirectory(): string {
  return path.join(assetsDirectory(), 'airflow', 'locks');
}

/** The lock file for this pair, or undefined when we ship none. */
export function shippedLock(airflowVersion: string, pythonMinor: string): string | undefined {
  const file = path.join(locksDirectory(), `airflow-${airflowVersion}-python${pythonMinor}.txt`);
  return existsSync(file) ? file : undefined;
}

/**
 * Requirements left out everywhere: `gssapi` and `krb5` have no wheels, and building them needs the system's
 * Kerberos headers. Without them WebHDFS works, but not with Kerberos.
 */
export function overrideFile(): string {
  return path.join(locksDirectory(), 'override.txt');
}

/** Airflow versions with a lock file, newest first. */
export function shippedVersions(): readonly string[] {
  const found = readdirSync(locksDirectory()).map((name) => /^airflow-(.+)-python/.exec(name)?.[1]);
  return [...new Set(found.filter((version) => version !== undefined))].toSorted((left, right) =>
    right.localeCompare(left, 'en', { numeric: true }),
  );
}

/** Project name -> version of every pin in a lock or constraint file. */
export function readPins(file: string): ReadonlyMap<string, string> {
  const pins = readFileSync(file, 'utf8').matchAll(/^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;]+)/gm);
  return new Map([...pins].map(([, name = '', version = '']) => [projectName(name) ?? name, version]));
}
