import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { NO_SETTINGS, type ServerSettings } from '../web/serverSettings.ts';
import { hdfsDirectory } from './hdfsRecord.ts';

/** Leaves the settings where the project's server finds them, also one that runs. */
export async function writeServerSettings(stateDirectory: string, settings: ServerSettings): Promise<void> {
  const file = settingsFile(stateDirectory);
  const text = `${JSON.stringify({ version: 1, ...settings })}\n`;
  if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) await writeFileAtomic(file, text);
}

/** The settings as they are when they are asked for: a look at the file, which is read when it is another one. */
export function currentServerSettings(stateDirectory: string): () => ServerSettings {
  const file = settingsFile(stateDirectory);
  let known: { readonly stamp: string; readonly settings: ServerSettings } | undefined;
  return () => {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return NO_SETTINGS;
    const stamp = `${found.ino} ${found.mtimeNs} ${found.size}`;
    if (known?.stamp !== stamp) known = { stamp, settings: read(file) };
    return known.settings;
  };
}

function read(file: string): ServerSettings {
  try {
    const settings = JSON.parse(readFileSync(file, 'utf8')) as ServerSettings & { readonly version: number };
    return settings.version === 1 ? settings : NO_SETTINGS;
  } catch {
    return NO_SETTINGS;
  }
}

function settingsFile(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'settings.json');
}
