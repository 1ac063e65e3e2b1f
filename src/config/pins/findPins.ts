import path from 'node:path';
import { enclosingFolders } from '../findRoot.ts';
import { type FolderContent, readFolder, readText } from '../folders.ts';
import { composePins } from './composePins.ts';
import { condaPins } from './condaPins.ts';
import { dockerfilePins, installsLock } from './dockerfilePins.ts';
import { lockPins } from './lockPins.ts';
import { managedPins } from './managedPins.ts';
import type { PinFinder } from './pin.ts';
import { projectPins } from './projectPins.ts';
import { pythonVersionPins } from './pythonVersionPins.ts';
import { requirementsPins } from './requirementsPins.ts';
import { scriptPins } from './scriptPins.ts';

/** What is read, the most telling first; a lock that an image installs comes before what the image is made from. */
const FINDERS: readonly PinFinder[] = [
  requirementsPins,
  projectPins,
  dockerfilePins,
  lockPins,
  composePins,
  condaPins,
  managedPins,
  scriptPins,
  pythonVersionPins,
];

export interface FoundVersion {
  readonly version: string;
  /** Absolute. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

export interface RepositoryPins {
  readonly airflow: FoundVersion | undefined;
  /** A minor version. */
  readonly python: FoundVersion | undefined;
}

/**
 * The versions of Airflow and Python that a repository names: in the files at its root, and only when these name no
 * Airflow in those of its folders and of their folders, and then in those of the folders around it, up to the one that
 * Git knows. The Python beside the Airflow counts before any other.
 */
export async function findPins(root: string): Promise<RepositoryPins> {
  let python: FoundVersion | undefined;
  for await (const pins of pinsByNearness(root)) {
    python ??= pins.python;
    if (pins.airflow !== undefined) return { airflow: pins.airflow, python: pins.python ?? python };
  }
  return { airflow: undefined, python };
}

async function* pinsByNearness(root: string): AsyncGenerator<RepositoryPins> {
  const top = await readFolder(root);
  yield pinsIn(root, await filesAtRoot(top));
  yield pinsIn(root, await filesBelow(top));
  for (const folder of await enclosingFolders(root)) {
    yield pinsIn(folder, await filesAtRoot(await readFolder(folder)));
  }
}

/** A folder `requirements/` is nothing but a requirements file in several parts. */
async function filesAtRoot(top: FolderContent): Promise<string[]> {
  if (!top.folders.has('requirements')) return [...top.files];
  const { files } = await readFolder(path.join(top.path, 'requirements'));
  return [...top.files, ...[...files].map((name) => `requirements/${name}`)];
}

async function pinsIn(root: string, names: readonly string[]): Promise<RepositoryPins> {
  let airflow: FoundVersion | undefined;
  let beside: FoundVersion | undefined;
  let python: FoundVersion | undefined;
  for (const finder of await findersFor(root, names)) {
    for (const name of names.filter(finder.reads).toSorted(shorterFirst)) {
      const file = path.join(root, name);
      const pins = finder.find((await readText(file)) ?? '');
      for (const pin of pins) {
        const found = (version: string) => ({ version, file, line: pin.line });
        if (pin.airflow !== undefined && airflow === undefined) {
          airflow = found(pin.airflow);
          if (pin.python !== undefined) beside = found(pin.python);
        }
        if (pin.python !== undefined) python ??= found(pin.python);
      }
    }
  }
  return { airflow, python: beside ?? python };
}

async function findersFor(root: string, names: readonly string[]): Promise<readonly PinFinder[]> {
  if (!names.some(lockPins.reads)) return FINDERS;
  for (const name of names.filter(dockerfilePins.reads)) {
    if (installsLock((await readText(path.join(root, name))) ?? ''))
      return [...new Set([requirementsPins, projectPins, lockPins, ...FINDERS])];
  }
  return FINDERS;
}

/** requirements.txt before requirements-dev.txt. */
function shorterFirst(left: string, right: string): number {
  const depth = left.split('/').length - right.split('/').length;
  return depth || left.length - right.length || left.localeCompare(right);
}

const DEPTH = 2;
/** A repository may hold thousands of folders; what names Airflow is not deep in them. */
const MOST_FOLDERS = 100;

async function filesBelow(top: FolderContent): Promise<string[]> {
  const found: string[] = [];
  let folders = namesOf(top, '');
  for (let depth = 1, seen = 0; depth <= DEPTH && seen < MOST_FOLDERS; depth += 1) {
    const next: string[] = [];
    for (const folder of folders.slice(0, MOST_FOLDERS - seen)) {
      seen += 1;
      const content = await readFolder(path.join(top.path, folder));
      found.push(...[...content.files].map((file) => `${folder}/${file}`));
      next.push(...namesOf(content, `${folder}/`));
    }
    folders = next;
  }
  return found;
}

function namesOf(content: FolderContent, prefix: string): string[] {
  return [...content.folders]
    .filter((name) => (!name.startsWith('.') || name === '.devcontainer') && !IGNORED.has(name))
    .toSorted()
    .map((name) => `${prefix}${name}`);
}

const IGNORED = new Set(['dags', 'plugins', 'tests', 'test', 'docs', 'doc', 'examples', 'data']);
