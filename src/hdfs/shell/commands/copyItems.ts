import path from 'node:path';
import type { DevenvError } from '../../../errors.ts';
import type { CommandRun } from '../commandRun.ts';
import type { FileSystem, Item, PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { EXISTS, IS_FOLDER, NOT_FOLDER, NOT_FOUND, pathProblem } from '../shellProblem.ts';

export interface CopyRules {
  readonly overwrite: boolean;
  /** Without a file aside that is renamed when it is whole. */
  readonly direct: boolean;
  /** `t` times, `o` owner and group, `p` permission. */
  readonly preserve: ReadonlySet<string>;
}

/**
 * Copies items to a destination as Hadoop's `put`, `get` and `cp` do: into it when it is a folder, else as it. Several
 * need a folder. A file that can't be copied is told, and the others are copied.
 *
 * @throws DevenvError `hdfs_path` for a destination that can't be one.
 */
export async function copyItems(
  run: CommandRun,
  sources: readonly Item[],
  destination: Item,
  rules: CopyRules,
): Promise<void> {
  await checkDestination(run, destination, sources.length, rules.overwrite);
  for (const source of sources) {
    await run.guard(async () => {
      if (source.status === undefined) throw pathProblem(source.shown, NOT_FOUND);
      const target = await targetOf(run, source, destination);
      if (isFolder(source)) refuseInsideItself(run, source, target);
      await copyTree(run, source as PresentItem, target, rules);
    });
  }
}

/** @throws DevenvError `hdfs_path`. */
export async function checkDestination(
  run: CommandRun,
  destination: Item,
  sources: number,
  overwrite: boolean,
): Promise<void> {
  const { status, shown, fileSystem } = destination;
  if (sources > 1) {
    if (status === undefined) throw missingDestination(run, destination);
    if (!isFolder(destination)) throw pathProblem(shown, NOT_FOLDER);
  } else if (status !== undefined) {
    if (!isFolder(destination) && !overwrite) throw pathProblem(shown, EXISTS);
  } else if ((await fileSystem.status(parentOf(destination))) === undefined) {
    throw missingDestination(run, destination);
  }
}

/** Hadoop names such a path twice, the second time in full. */
export function missingDestination(run: CommandRun, item: Item): DevenvError {
  return pathProblem(item.shown, `${NOT_FOUND}: \`${run.session.qualified(item)}'`);
}

/** The destination itself, or the item of the same name in it. */
export async function targetOf(run: CommandRun, source: Item, destination: Item): Promise<Item> {
  if (isFolder(destination)) return run.session.child(destination, path.posix.basename(source.path));
  if (looksLikeFolder(destination.shown)) throw missingDestination(run, destination);
  return destination;
}

/**
 * Writes a whole file, aside and then renamed unless it is to be written directly. What was there is replaced when
 * the rules say so.
 *
 * @throws DevenvError `hdfs_path` when something is in the way.
 */
export async function writeWhole(
  target: Item,
  body: AsyncIterable<Uint8Array>,
  { overwrite, direct }: Pick<CopyRules, 'overwrite' | 'direct'>,
): Promise<void> {
  const { fileSystem, path: file } = target;
  if (target.status !== undefined && (isFolder(target) || !overwrite))
    throw pathProblem(target.shown, EXISTS);
  if (direct) return fileSystem.write(file, body, overwrite);
  const aside = `${file}._COPYING_`;
  try {
    await fileSystem.write(aside, body, true);
    if (target.status !== undefined) await fileSystem.delete(file, false);
    if (!(await fileSystem.rename(aside, file))) throw pathProblem(target.shown, 'Input/output error');
  } catch (error) {
    await fileSystem.delete(aside, false).catch(() => false);
    throw error;
  }
}

async function copyTree(run: CommandRun, source: PresentItem, target: Item, rules: CopyRules): Promise<void> {
  if (!isFolder(source)) {
    await writeWhole(target, await source.fileSystem.read(source.path), rules);
  } else {
    if (target.status === undefined) await target.fileSystem.makeFolder(target.path);
    else if (!isFolder(target)) throw pathProblem(target.shown, NOT_FOLDER);
    for (const child of await run.session.children(source)) {
      const inside = await run.session.child(target, child.status.name);
      await run.guard(() => copyTree(run, child, inside, rules));
    }
  }
  await preserve(target.fileSystem, target.path, source, rules.preserve);
}

async function preserve(
  fileSystem: FileSystem,
  target: string,
  { status, fileSystem: from }: PresentItem,
  what: ReadonlySet<string>,
): Promise<void> {
  if (what.has('t')) await fileSystem.setTimes(target, status.modificationTime, status.accessTime);
  // Owners of this machine mean nothing there, and the other way round.
  if (what.has('o') && from === fileSystem) await fileSystem.setOwner(target, status.owner, status.group);
  if (what.has('p')) await fileSystem.setPermission(target, status.permission);
}

function refuseInsideItself(run: CommandRun, source: Item, target: Item): void {
  if (source.fileSystem !== target.fileSystem) return;
  const between = (to: string): string => `${source.shown}' to \`${to}`;
  if (source.path === target.path) throw pathProblem(between(run.session.qualified(target)), 'are identical');
  if (target.path.startsWith(`${source.path}/`))
    throw pathProblem(between(target.shown), 'is a subdirectory of itself');
}

function parentOf(item: Item): string {
  return looksLikeFolder(item.shown) ? item.path : path.posix.dirname(item.path);
}

/** `a/`, `.`, `..`: nobody means a file by it. */
function looksLikeFolder(shown: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(shown);
}

/** @throws DevenvError `hdfs_path` for a folder. */
export function refuseFolder(item: Item): void {
  if (isFolder(item)) throw pathProblem(item.shown, IS_FOLDER);
}
