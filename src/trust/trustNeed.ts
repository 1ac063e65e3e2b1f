import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { DevenvError, type SourceLocation } from '../errors.ts';
import { errorCode } from '../platform/fileSystemError.ts';

/** What a repository would have us do outside of Airflow and of itself. A person says yes to each once. */
export interface TrustNeed {
  readonly kind: 'run' | 'read' | 'set';
  /** For a person: a command line, a path, or a setting. */
  readonly what: string;
  readonly place: SourceLocation;
  /** Another one when anything that decides what would be done has changed. */
  readonly digest: string;
}

/** What is needed of a project here. */
export interface TrustedProject {
  /** Real path. */
  readonly root: string;
  /** What the project's own configuration puts into the environment of programs. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A program that a seed file names. Files of the project among its words count with their contents: a script that has
 * changed is another one.
 *
 * @param what as the file writes it.
 */
export async function runNeed(
  project: TrustedProject,
  {
    what,
    words,
    folder,
    place,
  }: {
    readonly what: string;
    readonly words: readonly string[];
    readonly folder: string;
    readonly place: SourceLocation;
  },
): Promise<TrustNeed> {
  const contents = await Promise.all(words.map(async (word) => contentsDigest(project, folder, word)));
  const parts = ['run', words, path.relative(project.root, folder), project.env, contents];
  return { kind: 'run', what, place, digest: digestOf(parts) };
}

/** @returns undefined for a file inside of the project; links count where they lead. */
export async function readNeed(
  { root }: Pick<TrustedProject, 'root'>,
  file: string,
  place: SourceLocation,
): Promise<TrustNeed | undefined> {
  const real = await realFile(file);
  if (isInside(root, real)) return undefined;
  return { kind: 'read', what: real, place, digest: digestOf(['read', real]) };
}

/** A setting that makes any program of Python, or any at all, run code of the repository. */
export function settingNeed(name: string, value: string, place: SourceLocation): TrustNeed {
  return { kind: 'set', what: `${name}: ${value}`, place, digest: digestOf(['set', name, value]) };
}

export function notTrusted(need: TrustNeed): DevenvError {
  const verbs = { run: 'would run', read: 'would read', set: 'would set' } as const;
  return new DevenvError({
    code: 'not_trusted',
    what: 'Not looked up: this project is not trusted yet.',
    why: `It ${verbs[need.kind]} ${need.what}`,
    next: [
      'devenv trust shows all that it would run and read, and asks',
      'In CI: AIRFLOW_DEVENV_TRUST=all, or the path of the project',
    ],
    location: need.place,
  });
}

export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return (
    relative === '' ||
    (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative))
  );
}

/** Of what is not there, the real path of the nearest folder above it that is. */
async function realFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    const parent = path.dirname(file);
    if (errorCode(error) !== 'ENOENT' || parent === file) return file;
    return path.join(await realFile(parent), path.basename(file));
  }
}

const LARGEST_SCRIPT_BYTES = 10 * 1024 * 1024;

async function contentsDigest({ root }: TrustedProject, folder: string, word: string): Promise<string> {
  const file = await realFile(path.resolve(folder, word));
  if (!isInside(root, file)) return '';
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > LARGEST_SCRIPT_BYTES) return '';
  return createHash('sha256')
    .update(await readFile(file).catch(() => ''))
    .digest('hex');
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
