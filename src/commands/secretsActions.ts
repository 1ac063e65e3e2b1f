import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SIGNAL_EXIT_CODES, type Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { errorCode } from '../platform/fileSystemError.ts';
import { seedFiles } from '../seed/seedFiles.ts';
import { makeIdentity, readIdentities, recipientsOf } from '../seed/secrets/ageIdentity.ts';
import { isPlainField } from '../seed/secrets/editSecrets.ts';
import { importedValues, isReference } from '../seed/secrets/importSecrets.ts';
import { parseSecretPath } from '../seed/secrets/secretPath.ts';
import type { SecretsDocument } from '../seed/secrets/secretsDocument.ts';
import {
  changeSecrets,
  createSecrets,
  decryptLeaf,
  openSecrets,
  rekeySecrets,
  secretsFile,
  setSecret,
} from '../seed/secrets/secretsFile.ts';
import { canAsk, confirm } from '../ui/confirm.ts';
import { counted } from '../ui/counted.ts';
import { askSecret } from '../ui/secretPrompt.ts';
import { secretsLock, type SecretsWork } from './secretsWork.ts';

export async function init({ context, project, note }: SecretsWork): Promise<number> {
  const made = await makeIdentity(context.env);
  const identities = await readIdentities(context.env);
  note(
    made === undefined
      ? `Your age identity: ${identities.origin}`
      : `Made your age identity: ${made}. Keep a copy: without it your secrets can't be read.`,
  );
  const own = await recipientsOf(identities);
  const file = secretsFile(project);
  const shown = path.relative(context.workingDirectory, file);
  const existing = await createOrOpen(file, own);
  if (existing === undefined) {
    note(`Made ${shown}. Secrets: devenv secrets set NAME`);
  } else if (own.some((each) => existing.recipients.includes(each))) {
    note(`${shown} is there, and you can read it.`);
  } else {
    note(
      `${shown} is there, and not encrypted for you.`,
      `Ask a colleague who can read it: devenv secrets rekey --add ${own[0] ?? ''}`,
    );
  }
  const files = await seedFiles(project);
  if (!files.some((each) => each.path === file)) {
    note(`Add it to seed: in devenv.yaml, as the last: ${path.relative(project.root, file)}`);
  }
  return 0;
}

export async function set(work: SecretsWork, [name = '']: readonly string[]): Promise<number> {
  const secretPath = parseSecretPath(name);
  const file = secretsFile(work.project);
  await openSecrets(file);
  const text = await readValue(work, name);
  if (text === undefined) return SIGNAL_EXIT_CODES.SIGINT;
  if (text === '' && work.flags.empty !== true) throw emptyValue(name);
  const isJson = work.flags.jsonValue === true;
  if (isJson) assertJson(text);
  await changeSecrets(file, secretsLock(work), (document) =>
    setSecret(document, secretPath, { text, isJson }),
  );
  work.note(`${secretPath.join('.')} is set. devenv seed puts it into the database.`);
  return 0;
}

export async function remove(work: SecretsWork, names: readonly string[]): Promise<number> {
  const paths = names.map(parseSecretPath);
  await changeSecrets(secretsFile(work.project), secretsLock(work), async (document) => {
    for (const secretPath of paths) {
      if (!document.has(secretPath)) throw notFound(secretPath.join('.'), document);
      document.delete(secretPath);
    }
  });
  work.note(
    `Removed ${paths.map((each) => each.join('.')).join(', ')}.`,
    'A database that was seeded with it still has it: devenv seed --prune',
  );
  return 0;
}

export async function get(
  { context, project, print }: SecretsWork,
  [name = '']: readonly string[],
): Promise<number> {
  const wanted = parseSecretPath(name).join('\0');
  const document = await openSecrets(secretsFile(project));
  const leaf = document.leaves().find((each) => each.path.join('\0') === wanted);
  if (leaf === undefined) throw notFound(name, document);
  print((await decryptLeaf(context.env, leaf)).text);
  return 0;
}

export async function list({ context, project, flags, print, note }: SecretsWork): Promise<number> {
  const file = secretsFile(project);
  const document = await openSecrets(file);
  const own = await ownRecipients(context.env);
  const names = document
    .leaves()
    .filter((each) => each.isEncrypted)
    .map((each) => each.path.join('.'));
  if (flags.json === true) {
    print(JSON.stringify({ v: 1, file, secrets: names, recipients: document.recipients, own }));
    return 0;
  }
  print(...names);
  note('', 'recipients:');
  note(...document.recipients.map((each) => `  ${each}${own.includes(each) ? '  (you)' : ''}`));
  if (!own.some((each) => document.recipients.includes(each)))
    note(
      own[0] === undefined
        ? 'You have no age identity: devenv secrets init'
        : `You can't read them; you are ${own[0]}`,
    );
  return 0;
}

export async function rekey(work: SecretsWork): Promise<number> {
  const { context, project, flags, note } = work;
  const file = secretsFile(project);
  const removed = new Set<string>(flags.remove ?? []);
  const recipientsFor = (present: readonly string[]): string[] => {
    const unknown = [...removed].find((each) => !present.includes(each));
    if (unknown !== undefined) throw notRecipient(unknown);
    return [...new Set([...present.filter((each) => !removed.has(each)), ...(flags.add ?? [])])];
  };
  if (!(await agreesToLeave(work, recipientsFor((await openSecrets(file)).recipients)))) return 1;
  const [count, recipients] = await changeSecrets(file, secretsLock(work), async (document) => {
    const wanted = recipientsFor(document.recipients);
    return [await rekeySecrets(context.env, document, wanted), wanted.length] as const;
  });
  note(
    `${counted(count, 'secret')} ${count === 1 ? 'is' : 'are'} encrypted for ${counted(recipients, 'recipient')}.`,
  );
  if (removed.size > 0) note('Who was removed has read them before: change the secrets themselves, too.');
  return 0;
}

/** Without an identity among the recipients the file is closed to the person who does this. */
async function agreesToLeave(work: SecretsWork, recipients: readonly string[]): Promise<boolean> {
  const { context, flags, commandHost, note } = work;
  const own = await ownRecipients(context.env);
  const leaves = own.some((each) => flags.remove?.includes(each) === true);
  if (!leaves || flags.yes === true || own.some((each) => recipients.includes(each))) return true;
  const { host } = commandHost;
  if (!canAsk(host)) {
    throw new DevenvError({
      code: 'secrets_own_recipient',
      what: 'This is your own recipient: you could read none of the secrets afterwards.',
      next: ['--yes if that is meant'],
      misuse: true,
    });
  }
  const question = 'This is your own recipient: you can read none of the secrets afterwards. Go on?';
  if (await confirm(host, question)) return true;
  note('Nothing has changed.');
  return false;
}

async function ownRecipients(env: Context['env']): Promise<string[]> {
  try {
    return await recipientsOf(await readIdentities(env));
  } catch (error) {
    if (error instanceof DevenvError && error.code === 'age_identity_missing') return [];
    throw error;
  }
}

export async function importFile(work: SecretsWork, [source = '']: readonly string[]): Promise<number> {
  const { context, project, note } = work;
  const file = secretsFile(project);
  await openSecrets(file);
  const from = path.resolve(context.workingDirectory, source);
  const values = importedValues(from, await readSource(from));
  const replaced: string[] = [];
  await changeSecrets(file, secretsLock(work), async (document) => {
    for (const { path: secretPath, text, isJson } of values) {
      if (document.has(secretPath)) replaced.push(secretPath.join('.'));
      if (isPlainField(secretPath) || isReference(text))
        document.set(secretPath, { text, isJson, isEncrypted: false });
      else await setSecret(document, secretPath, { text, isJson });
    }
  });
  const shown = path.relative(context.workingDirectory, file);
  const noun = values.length === 1 ? 'value' : 'values';
  note(`Put ${values.length} ${noun} of ${source} into ${shown}.`);
  if (replaced.length > 0) note(`Put in the place of what was there: ${replaced.join(', ')}.`);
  note(`${source} still has them in the clear: delete it, also from Git.`);
  return 0;
}

/** @returns undefined after Ctrl+C. */
async function readValue({ commandHost, note }: SecretsWork, name: string): Promise<string | undefined> {
  const { stdin, stderr } = commandHost.host;
  if (stdin.isTTY) {
    const typed = await askSecret(`Value of ${name} (not shown): `, { stdin, stderr });
    if (typed === undefined) note('Nothing was set.');
    return typed;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const text = decodedText(Buffer.concat(chunks));
  // `echo secret |` ends with a line break that nobody means; a key of several lines is what it is.
  return /^[^\n]*\n$/.test(text) ? text.replace(/\r?\n$/, '') : text;
}

function decodedText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DevenvError({
      code: 'secret_not_text',
      what: 'The value is not UTF-8 text.',
      why: 'Values of Airflow are text.',
      next: ['Encode it, and decode it in the DAG: base64 FILE | devenv secrets set NAME'],
      misuse: true,
      cause,
    });
  }
}

/** What a command that failed leaves in a pipe is nothing, and looks the same. */
function emptyValue(name: string): DevenvError {
  return new DevenvError({
    code: 'secret_empty',
    what: 'The value is empty; nothing was set.',
    why: 'A command in front of the pipe may have failed.',
    next: [`devenv secrets set ${name} --empty if an empty text is meant`],
    misuse: true,
  });
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new DevenvError({
      code: 'secret_not_json',
      what: 'The value is not JSON.',
      next: ['Leave --json-value out to set it as text'],
      misuse: true,
    });
  }
}

async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new DevenvError({
      code: 'seed_file_unreadable',
      what: errorCode(error) === 'ENOENT' ? `There is no file ${file}.` : `${file} can't be read.`,
      misuse: true,
      cause: error,
    });
  }
}

/** @returns undefined when it was made here. */
async function createOrOpen(
  file: string,
  recipients: readonly string[],
): Promise<SecretsDocument | undefined> {
  const isNew = await createSecrets(file, recipients);
  return isNew ? undefined : openSecrets(file);
}

function notFound(name: string, document: SecretsDocument): DevenvError {
  const names = document.leaves().map((each) => each.path.join('.'));
  return new DevenvError({
    code: 'secret_not_found',
    what: `There is no secret "${name}".`,
    next:
      names.length === 0 ? [`devenv secrets set ${name}`] : [`There are: ${names.slice(0, 10).join(', ')}`],
    misuse: true,
  });
}

function notRecipient(recipient: string): DevenvError {
  return new DevenvError({
    code: 'age_recipient_invalid',
    what: `"${recipient}" is none of the recipients.`,
    next: ['devenv secrets list shows them'],
    misuse: true,
  });
}
