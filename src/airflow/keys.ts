import { createHmac, randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DevenvError } from '../errors.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/** Secrets that belong to one project: without the Fernet key its database can't be read. */
export interface Keys {
  readonly fernet: string;
  readonly jwt: string;
  readonly api: string;
}

/**
 * The project's keys, made on first use (file mode 0600) and the same ever after. Two first uses at once agree.
 *
 * @throws DevenvError `keys_damaged` when the file is there but can't be understood: new keys would make every
 * encrypted value unreadable, so none are made.
 */
export async function ensureKeys(stateDirectory: string): Promise<Keys> {
  const file = path.join(stateDirectory, 'keys.json');
  const found = await readKeys(file);
  if (found !== undefined) return found;
  await makePrivateFolder(stateDirectory);
  const aside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(aside, JSON.stringify({ version: 1, ...newKeys() }), { mode: 0o600 });
  try {
    // Fails when another process was faster: its keys count, not ours.
    await link(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
  const keys = await readKeys(file);
  if (keys === undefined) throw damaged(file);
  return keys;
}

/**
 * What opens the project's UI and API; hexadecimal. Derived, so that it is the same for every command without
 * being kept anywhere.
 */
export function accessKey(keys: Pick<Keys, 'api'>): string {
  return createHmac('sha256', keys.api).update('airflow-devenv access').digest('hex');
}

/** The keys and what is derived from them, as they must not stand in a log; none while there are no keys. */
export function keyTexts(keys: Keys | undefined): readonly string[] {
  return keys === undefined ? [] : [keys.fernet, keys.jwt, keys.api, accessKey(keys)];
}

/** Long enough for a browser to start. */
const TICKET_SECONDS = 60;

/**
 * What a browser shows once at `/devenv/enter?ticket=` to be let in: `<expiry, seconds>.<nonce>.<signature>`.
 *
 * @param now milliseconds since the epoch.
 */
export function enterTicket(key: string, now: number): string {
  const signed = `${Math.floor(now / 1000) + TICKET_SECONDS}.${randomBytes(16).toString('hex')}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('hex')}`;
}

function newKeys(): Keys {
  return {
    // Fernet wants 32 bytes in URL-safe base64, with padding.
    fernet: randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
    // HS512 wants at least 64 bytes.
    jwt: randomBytes(64).toString('base64'),
    api: randomBytes(32).toString('hex'),
  };
}

async function readKeys(file: string): Promise<Keys | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw damaged(file, error);
  }
  try {
    const { fernet, jwt, api } = JSON.parse(text) as Partial<Keys>;
    if (fernet && jwt && api) return { fernet, jwt, api };
  } catch (error) {
    throw damaged(file, error);
  }
  throw damaged(file);
}

function damaged(file: string, cause?: unknown): DevenvError {
  return new DevenvError({
    code: 'keys_damaged',
    what: `${file} can't be read as keys.`,
    why: 'It holds the key that encrypts the variables and connections of this project; a new one could not read them.',
    next: [
      'Restore the file from a backup',
      `Or delete ${path.dirname(file)}: the project's database goes with it`,
    ],
    cause,
  });
}
