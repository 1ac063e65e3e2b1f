import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeOwnFolder } from '../platform/ownFolder.ts';

/** A ticket in a page is worth nothing after a minute; a browser that starts slowly has read the page by then. */
const OLD_MS = 120_000;

/**
 * Writes a page (mode 0600, in a folder of mode 0700) that leads a browser to an address. The address holds a ticket,
 * and what a browser is started with can be read by every user of the machine; the name of a file tells nothing.
 *
 * @param stateDirectory a browser that is confined (a snap) may read the project's folder, and neither `/tmp` nor `/run`.
 * @returns the file.
 */
export async function writeEnterPage(stateDirectory: string, url: string, now: number): Promise<string> {
  const folder = pagesIn(stateDirectory);
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  if (!makeOwnFolder(folder)) throw new Error(`${folder} can't be made, or is another user's`);
  await removeOldPages(folder, now);
  const file = path.join(folder, `${randomBytes(8).toString('hex')}.html`);
  await writeFile(file, pageTo(url), { mode: 0o600, flag: 'wx' });
  return file;
}

/** What is left of them when a stack ends. */
export async function removeEnterPages(stateDirectory: string): Promise<void> {
  await rm(pagesIn(stateDirectory), { recursive: true, force: true });
}

function pagesIn(stateDirectory: string): string {
  return path.join(stateDirectory, 'open');
}

async function removeOldPages(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const written = await stat(file).catch(() => undefined);
    if (written !== undefined && now - written.mtimeMs > OLD_MS) await rm(file, { force: true });
  }
}

function pageTo(url: string): string {
  const address = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">',
    `<meta http-equiv="refresh" content="0;url=${address}">`,
    `<title>airflow-devenv</title><p><a href="${address}">Airflow</a></p></html>\n`,
  ].join('\n');
}
