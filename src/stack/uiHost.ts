import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import path from 'node:path';

export interface UiHostOptions {
  readonly platform: NodeJS.Platform;
  /** Whether this system leads a name to this machine; a lookup unless a test says otherwise. */
  readonly isLoopback?: (name: string) => Promise<boolean>;
}

/**
 * The name by which browsers know a project's UI, `orders-0a1b2c3d4e.localhost`. A browser shows the cookies of a host to
 * every port of it, and any user may listen on a port of 127.0.0.1: this name is the project's alone, and can't be guessed.
 * Browsers lead each name below `localhost` to this machine without asking anybody; Safari asks the system, which may not
 * know: there it is `127.0.0.1`.
 *
 * @param key the project's access key.
 */
export async function uiHost(root: string, key: string, options: UiHostOptions): Promise<string> {
  const name = `${labelOf(root)}-${createHmac('sha256', key).update('host of the UI').digest('hex').slice(0, 10)}.localhost`;
  if (options.platform !== 'darwin') return name;
  return (await (options.isLoopback ?? leadsHere)(name)) ? name : '127.0.0.1';
}

const LONGEST_LABEL = 20;

function labelOf(root: string): string {
  const words = path
    .basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-');
  return words.slice(0, LONGEST_LABEL).replaceAll(/^-+|-+$/g, '') || 'airflow';
}

async function leadsHere(name: string): Promise<boolean> {
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.length > 0 && found.every(({ address }) => address === '::1' || address.startsWith('127.'));
}
