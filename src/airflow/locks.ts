import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assetsDirectory } from '../platform/assets.ts';
import { projectName } from './requirements.ts';

/** Where the lock files are that come with this program. */
function locksDirectory(): string {
  return path.join(assetsDirectory(), 'airflow', 'locks');
}

/**
 * The lock file of this Airflow version, when it speaks for this minor version of Python. It holds a version of every
 * package that any provider of the release may need; lines marked `# base` are installed in every environment.
 */
export function shippedLock(airflowVersion: string, pythonMinor: string): string | undefined {
  const file = path.join(locksDirectory(), `airflow-${airflowVersion}.txt`);
  if (!existsSync(file)) return undefined;
  const pythons = /^# pythons: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return pythons.split(' ').includes(pythonMinor) ? file : undefined;
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
  const found = readdirSync(locksDirectory()).map((name) => /^airflow-(.+)\.txt$/.exec(name)?.[1]);
  return found
    .filter((version) => version !== undefined)
    .toSorted((left, right) => right.localeCompare(left, 'en', { numeric: true }));
}

/** Project name -> version of every pin in a lock or constraint file that holds for this Python. */
export function readPins(file: string, pythonMinor: string): ReadonlyMap<string, string> {
  return new Map(pinsIn(readFileSync(file, 'utf8'), pythonMinor).map(({ name, version }) => [name, version]));
}

/** The pins of a shipped lock that every environment holds, as lines `name==version`. */
export function basePins(file: string, pythonMinor: string): readonly string[] {
  return pinsIn(readFileSync(file, 'utf8'), pythonMinor)
    .filter(({ isBase }) => isBase)
    .map(({ name, version }) => `${name}==${version}`);
}

interface Pin {
  readonly name: string;
  readonly version: string;
  readonly isBase: boolean;
}

const PIN =
  /^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;#\\]+)[ \t]*(?:;([^#\n]*))?(?:#[ \t]*(base)\b)?/gm;

function pinsIn(text: string, pythonMinor: string): readonly Pin[] {
  return [...text.matchAll(PIN)]
    .filter(([, , , marker = '']) => holdsFor(marker, pythonMinor))
    .map(([, name = '', version = '', , base]) => ({
      name: projectName(name) ?? name,
      version,
      isBase: base !== undefined,
    }));
}

/** Of markers only those about the minor version are understood, as our own locks have them. Others are taken to hold. */
function holdsFor(marker: string, pythonMinor: string): boolean {
  if (!PYTHON_MARKER.test(marker.trim())) return true;
  return marker.split(' or ').some((all) =>
    [...all.matchAll(COMPARISON)].every(([, operator, version = '']) => {
      const order = Number(pythonMinor.split('.')[1]) - Number(version.split('.')[1]);
      if (operator === '>=') return order >= 0;
      return operator === '<' ? order < 0 : order === 0;
    }),
  );
}

const COMPARISON = /python_version (==|<|>=) '(3\.\d+)'/g;
const PYTHON_MARKER =
  /^python_version (?:==|<|>=) '3\.\d+'(?: (?:and|or) python_version (?:==|<|>=) '3\.\d+')*$/;
