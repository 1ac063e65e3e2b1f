import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { writeNewFile } from '../../platform/atomicFile.ts';
import { errorCode } from '../../platform/fileSystemError.ts';
import type { AgeIdentities } from './age.ts';

const KEY_VARIABLE = 'AIRFLOW_DEVENV_AGE_IDENTITY';
const FILE_VARIABLE = 'AIRFLOW_DEVENV_AGE_IDENTITY_FILE';

/** Where a person's own identity is kept. */
function identityFile(env: Context['env']): string {
  const named = env[FILE_VARIABLE];
  if (named) return path.resolve(named);
  const configuration = env['XDG_CONFIG_HOME'] ?? path.join(env['HOME'] ?? '/', '.config');
  return path.join(configuration, 'airflow-devenv', 'identity.txt');
}

/**
 * The identities that decrypt: of the environment, else of the file.
 *
 * @throws DevenvError `age_identity_missing`, `age_identity_unsafe`, `age_identity_damaged`.
 */
export async function readIdentities(env: Context['env']): Promise<AgeIdentities> {
  const inline = env[KEY_VARIABLE];
  if (inline) return { keys: await keysIn(inline, KEY_VARIABLE), origin: KEY_VARIABLE };
  const file = identityFile(env);
  let text: string;
  try {
    if (((await stat(file)).mode & 0o077) !== 0) throw unsafe(file);
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof DevenvError) throw error;
    throw missing(file, error);
  }
  return { keys: await keysIn(text, file), origin: file };
}

/** The `age1…` of each identity. */
export async function recipientsOf({ keys }: AgeIdentities): Promise<string[]> {
  const { identityToRecipient } = await import('age-encryption');
  return Promise.all(keys.map((key) => identityToRecipient(key)));
}

async function keysIn(text: string, origin: string): Promise<string[]> {
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length > 0 && (await areIdentities(keys))) return keys;
  throw new DevenvError({
    code: 'age_identity_damaged',
    what: `${origin} holds no age identity.`,
    why: 'An identity is a line that begins with AGE-SECRET-KEY-1 and ends with a checksum; it may have been cut.',
    next:
      origin === KEY_VARIABLE
        ? [`Correct ${KEY_VARIABLE}, or unset it: then your identity file counts`]
        : ['Restore the file from your backup', 'Or move it away: devenv secrets init makes one'],
    misuse: true,
  });
}

async function areIdentities(keys: readonly string[]): Promise<boolean> {
  const { Decrypter } = await import('age-encryption');
  try {
    for (const key of keys) new Decrypter().addIdentity(key);
    return true;
  } catch {
    return false;
  }
}

function unsafe(file: string): DevenvError {
  return new DevenvError({
    code: 'age_identity_unsafe',
    what: `Others may read your age identity ${file}.`,
    next: [`chmod 600 ${file}`],
  });
}

function missing(file: string, cause: unknown): DevenvError {
  const isThere = errorCode(cause) !== 'ENOENT';
  return new DevenvError({
    code: 'age_identity_missing',
    what: isThere
      ? `The age identity ${file} can't be read.`
      : 'There is no age identity to decrypt secrets with.',
    why: isThere ? `The system says ${errorCode(cause)}.` : `It is looked for in ${file}.`,
    next: [
      'devenv secrets init makes one; then ask somebody of your team to add it',
      `Or set ${FILE_VARIABLE}=/path/to/identity.txt, or ${KEY_VARIABLE} in CI`,
    ],
    cause,
  });
}

/**
 * Makes a person's identity, unless there is one. Of two that make it at once one wins: what was encrypted for it
 * stays readable.
 *
 * @returns the file that was made.
 */
export async function makeIdentity(env: Context['env']): Promise<string | undefined> {
  if (env[KEY_VARIABLE]) return undefined;
  const file = identityFile(env);
  if (await stat(file).catch(() => undefined)) return undefined;
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const key = await generateX25519Identity();
  const lines = [`# airflow-devenv; public key: ${await identityToRecipient(key)}`, key, ''];
  return (await writeNewFile(file, lines.join('\n'))) ? file : undefined;
}
