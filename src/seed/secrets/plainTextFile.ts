import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { runtimeDirectories } from '../../platform/paths.ts';
import { wipeFolder, writePrivateFolder } from '../../platform/privateFile.ts';
import { processPlace, processStartTime } from '../../platform/processIdentity.ts';
import { keepEdit, type UnfinishedEdit } from './unfinishedEdit.ts';

const TEXT = 'secrets.yaml';
const OWNER = 'owner.json';

/** Secrets in the clear, for as long as an editor has them. */
export interface PlainTextFile {
  readonly path: string;
  /** At once, so that a signal can do it. Undefined when the editor has removed it. */
  read(): string | undefined;
  /** Overwrites it, and what an editor left beside it, and removes all. */
  wipe(): void;
}

/** What a later command needs to know of an edit whose process was killed. */
interface Owner extends Omit<UnfinishedEdit, 'text'> {
  readonly pid: number;
  readonly startTime: string | undefined;
  readonly place: string;
  readonly stateDirectory: string;
  readonly recipients: readonly string[];
  /** Of the text that the editor was given; empty when that is to be kept in any case. */
  readonly digest: string;
}

/**
 * @param parent the checked runtime folder of the project.
 * @param isTyped whether the text is somebody's work already, which is kept when the process is killed.
 */
export async function writePlainTextFile(
  parent: string,
  edit: UnfinishedEdit,
  { isTyped, ...keep }: Pick<Owner, 'stateDirectory' | 'recipients'> & { readonly isTyped: boolean },
): Promise<PlainTextFile> {
  const { text, ...rest } = edit;
  const owner: Owner = {
    ...rest,
    ...keep,
    pid: process.pid,
    startTime: await processStartTime(process.pid),
    place: await processPlace(),
    digest: isTyped ? '' : digestOf(text),
  };
  // The owner first: a text without one has lost it.
  const files = [[OWNER, JSON.stringify(owner)] as const, [TEXT, text] as const];
  const folder = await writePrivateFolder(parent, PREFIX, files);
  const file = path.join(folder, TEXT);
  return {
    path: file,
    read: () => {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return undefined;
      }
    },
    wipe: () => wipeFolder(folder),
  };
}

const PREFIX = 'edit-';

/** Folders with secrets in the clear whose command was killed, of every project of this user. */
export async function abandonedFolders(context: Pick<Context, 'env'>): Promise<string[]> {
  const found: string[] = [];
  for (const runtime of await runtimeDirectories(context)) {
    for (const name of await readdir(runtime).catch((): string[] => [])) {
      const folder = path.join(runtime, name);
      if (name.startsWith(PREFIX) && (await isAbandoned(folder))) found.push(folder);
    }
  }
  return found;
}

/**
 * Removes them. What somebody had typed and saved is kept, encrypted, for the next `devenv secrets edit`.
 *
 * @returns a line for a person for each.
 */
export async function settleAbandonedEdits(context: Pick<Context, 'env'>): Promise<string[]> {
  const lines: string[] = [];
  for (const folder of await abandonedFolders(context)) {
    const [owner, text] = [await readOwner(folder), await readText(folder)];
    const isEdited = text !== undefined && owner !== undefined && digestOf(text) !== owner.digest;
    const kept = isEdited
      ? await keepEdit(owner.stateDirectory, owner.recipients, { ...owner, text }).catch(() => undefined)
      : undefined;
    if (isEdited && kept === undefined) {
      lines.push(`An edit of secrets was killed, and can't be kept encrypted. It is in the clear: ${folder}`);
      continue;
    }
    wipeFolder(folder);
    lines.push(
      kept === undefined
        ? 'Secrets in the clear, left by an edit that was killed, are removed.'
        : `An edit of secrets was killed: it is kept, encrypted, in ${kept}. devenv secrets edit goes on with it.`,
    );
  }
  return lines;
}

async function isAbandoned(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined || !found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid))
    return false;
  const owner = await readOwner(folder);
  if (owner === undefined) return (await readText(folder)) !== undefined;
  return owner.place === (await processPlace()) && (await processStartTime(owner.pid)) !== owner.startTime;
}

async function readText(folder: string): Promise<string | undefined> {
  return readFile(path.join(folder, TEXT), 'utf8').catch(() => undefined);
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const found = JSON.parse(await readFile(path.join(folder, OWNER), 'utf8')) as Partial<Owner>;
    return typeof found.pid === 'number' && Array.isArray(found.recipients) ? (found as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
