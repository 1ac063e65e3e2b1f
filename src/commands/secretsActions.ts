import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { errorCode } from '../platform/fileSystemError.ts';
import { runInForeground } from '../platform/foregroundProcess.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { writePrivateFile } from '../platform/privateFile.ts';
import { makeIdentity, readIdentities, recipientsOf } from '../seed/secrets/ageIdentity.ts';
import { applyEdit, isPlainField, plainText } from '../seed/secrets/editSecrets.ts';
import { importedValues, isReference } from '../seed/secrets/importSecrets.ts';
import { commandWords } from '../seed/references.ts';
import { parseSecretPath } from '../seed/secrets/secretPath.ts';
import { SecretsDocument, type SecretPath } from '../seed/secrets/secretsDocument.ts';
import {
  decryptLeaf,
  openSecrets,
  rekeySecrets,
  saveSecrets,
  secretsFile,
  setSecret,
} from '../seed/secrets/secretsFile.ts';
import { seedFiles } from '../seed/seedFiles.ts';
import { askSecret } from '../ui/secretPrompt.ts';
import type { CommandHost } from './program.ts';

export interface SecretsWork {
  readonly context: Context;
  readonly project: Project;
  readonly flags: {
    readonly json?: boolean;
    readonly add?: readonly string[];
    readonly remove?: readonly string[];
  };
  readonly commandHost: CommandHost;
  readonly print: (...lines: readonly string[]) => void;
  /** To stderr. */
  readonly note: (...lines: readonly string[]) => void;
}

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
  const existing = await openSecrets(file).catch(missingIsUndefined);
  if (existing === undefined) {
    await saveSecrets(file, SecretsDocument.create(file, own));
    note(`Made ${shown}. Secrets: devenv secrets set NAME`);
  } else if (own.some((each) => existing.recipients.includes(each))) {
    note(`${shown} is there, and you can read it.`);
  } else {
    note(
      `${shown} is there, and not encrypted for you.`,
      `Ask somebody who can read it: devenv secrets rekey --add ${own[0] ?? ''}`,
    );
  }
  const files = await seedFiles(project);
  if (!files.some((each) => each.path === file)) {
    note(`Add it to seed: in devenv.yaml, as the last: ${path.relative(project.root, file)}`);
  }
  return 0;
}

export async function set(work: SecretsWork, name: string): Promise<number> {
  const secretPath = parseSecretPath(name);
  const file = secretsFile(work.project);
  const document = await openSecrets(file);
  const text = await readValue(work, name);
  const isJson = work.flags.json === true;
  if (isJson) assertJson(text);
  await setSecret(document, secretPath, { text, isJson });
  await saveSecrets(file, document);
  work.note(`${secretPath.join('.')} is set. devenv seed puts it into the database.`);
  return 0;
}

export async function get({ context, project, print }: SecretsWork, name: string): Promise<number> {
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
  const own = await readIdentities(context.env).then(recipientsOf, (): string[] => []);
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

export async function rekey({ context, project, flags, note }: SecretsWork): Promise<number> {
  const file = secretsFile(project);
  const document = await openSecrets(file);
  const removed = new Set<string>(flags.remove ?? []);
  const unknown = [...removed].filter((each) => !document.recipients.includes(each));
  if (unknown.length > 0) throw notRecipient(unknown[0] ?? '');
  const kept = document.recipients.filter((each) => !removed.has(each));
  const recipients = [...new Set([...kept, ...(flags.add ?? [])])];
  const count = await rekeySecrets(context.env, document, recipients);
  await saveSecrets(file, document);
  note(`${count} secrets are encrypted anew, for ${recipients.length} recipients.`);
  if (removed.size > 0) note('Who was removed has read them before: change the secrets themselves, too.');
  return 0;
}

export async function importFile(work: SecretsWork, source: string): Promise<number> {
  const { context, project, note } = work;
  const file = secretsFile(project);
  const document = await openSecrets(file);
  const from = path.resolve(context.workingDirectory, source);
  const values = importedValues(from, await readSource(from));
  for (const { path: secretPath, text, isJson } of values) {
    if (isPlainField(secretPath) || isReference(text))
      document.set(secretPath, { text, isJson, isEncrypted: false });
    else await setSecret(document, secretPath, { text, isJson });
  }
  await saveSecrets(file, document);
  note(`${values.length} values of ${source} are in ${path.relative(context.workingDirectory, file)}.`);
  note(`${source} still has them in the clear: delete it, also from Git.`);
  return 0;
}

export async function edit(work: SecretsWork): Promise<number> {
  const { context, project, commandHost, note } = work;
  const file = secretsFile(project);
  const document = await openSecrets(file);
  const before = await Promise.all(document.leaves().map((leaf) => decryptLeaf(context.env, leaf)));
  const parent = await runtimeDirectory(context, project.root);
  const aside = await writePrivateFile(parent, 'secrets.yaml', plainText(before));
  // The editor gets the signal as well; it may need its time, and the file must not wait for it.
  const stopListening = commandHost.onInterrupt(() => aside.wipe());
  try {
    for (;;) {
      await openEditor(work, aside.path);
      try {
        const result = await applyEdit(document, before, aside.path, await aside.read());
        if (result.changed.length + result.removed.length > 0) await saveSecrets(file, document);
        note(editSummary(result.changed, result.removed));
        return 0;
      } catch (error) {
        if (!(error instanceof DevenvError) || !(await wantsAnother(work, error))) throw error;
      }
    }
  } finally {
    stopListening();
    aside.wipe();
  }
}

function editSummary(changed: readonly SecretPath[], removed: readonly SecretPath[]): string {
  if (changed.length + removed.length === 0) return 'Nothing has changed.';
  const words = (paths: readonly SecretPath[]): string => paths.map((each) => each.join('.')).join(', ');
  return [
    changed.length > 0 ? `Set ${words(changed)}.` : '',
    removed.length > 0 ? `Removed ${words(removed)}.` : '',
  ]
    .filter((each) => each !== '')
    .join(' ');
}

async function openEditor({ context, commandHost }: SecretsWork, file: string): Promise<void> {
  const editor = context.env['VISUAL'] || context.env['EDITOR'] || 'vi';
  const [program = 'vi', ...rest] = commandWords(editor) ?? [];
  commandHost.handOverSignals();
  const code = await runInForeground(program, [...rest, file], {
    env: context.env,
    cwd: context.workingDirectory,
    onInterrupt: commandHost.onInterrupt,
    sharesTerminal: commandHost.host.stdin.isTTY,
  });
  if (code === 0) return;
  throw new DevenvError({
    code: 'editor_failed',
    what: `${program} ended with exit code ${code}; nothing has changed.`,
    next: ['Set VISUAL or EDITOR to an editor that waits: EDITOR="code --wait"'],
  });
}

/** On a terminal a mistake is no reason to lose what was typed. */
async function wantsAnother({ commandHost, note }: SecretsWork, error: DevenvError): Promise<boolean> {
  const { host } = commandHost;
  if (!host.stdin.isTTY) return false;
  const place = [error.location?.line, error.location?.column].filter((each) => each !== undefined);
  note(`${place.join(':')}: ${error.what}${error.why === undefined ? '' : ` ${error.why}`}`);
  return (await askSecret('Enter opens the editor again, Ctrl+C gives up. ', host)) !== undefined;
}

async function readValue({ commandHost }: SecretsWork, name: string): Promise<string> {
  const { stdin, stderr } = commandHost.host;
  if (stdin.isTTY) {
    const typed = await askSecret(`Value of ${name} (not shown): `, { stdin, stderr });
    if (typed === undefined) throw new DevenvError({ code: 'interrupted', what: 'Nothing was set.' });
    return typed;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  // `echo secret |` ends with a line break that nobody means; a key of several lines is what it is.
  return /^[^\n]*\n$/.test(text) ? text.replace(/\r?\n$/, '') : text;
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new DevenvError({
      code: 'secret_not_json',
      what: 'The value is not JSON.',
      next: ['Leave --json out to set it as text'],
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

function missingIsUndefined(error: unknown): undefined {
  if (error instanceof DevenvError && error.code === 'secrets_file_missing') return undefined;
  throw error;
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
