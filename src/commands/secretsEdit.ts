import { SIGNAL_EXIT_CODES, type InterruptSignal } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { readIdentities, recipientsOf } from '../seed/secrets/ageIdentity.ts';
import {
  applyChanges,
  conflictingChanges,
  editChanges,
  keyOf,
  plainText,
  storedTexts,
  type SecretChange,
} from '../seed/secrets/editSecrets.ts';
import { withEditNotes, withoutEditNotes } from '../seed/secrets/editNotes.ts';
import { writePlainTextFile, type PlainTextFile } from '../seed/secrets/plainTextFile.ts';
import { SecretsDocument } from '../seed/secrets/secretsDocument.ts';
import {
  changeSecrets,
  decryptLeaf,
  openSecrets,
  secretsFile,
  type SecretValue,
} from '../seed/secrets/secretsFile.ts';
import { forgetKeptEdit, keepEdit, readKeptEdit, type KeptEdit } from '../seed/secrets/unfinishedEdit.ts';
import { canAsk, confirm } from '../ui/confirm.ts';
import { createLinePrompt } from '../ui/linePrompt.ts';
import { editorFailed, editorRemovedFile, openEditor } from './secretsEditor.ts';
import { secretsLock, type SecretsWork } from './secretsWork.ts';

/** One `devenv secrets edit`, from opening the editor to the file of secrets. */
interface Session {
  readonly work: SecretsWork;
  readonly file: string;
  /** The file as it was when the edit began. */
  readonly base: string;
  readonly before: readonly SecretValue[];
  /** What the file had for each secret, as far as the person knows. */
  readonly known: Map<string, string>;
  readonly recipients: readonly string[];
  readonly kept: KeptEdit | undefined;
  /** What the editor gets next, and what was in it first. */
  text: string;
  readonly opened: string;
  /** What ends the command. */
  interruptedBy: InterruptSignal | undefined;
}

/** An edit is never thrown away: what can't be brought into the file is kept, encrypted, for the next one. */
export async function edit(work: SecretsWork): Promise<number> {
  const session = await begin(work);
  // From here on a signal is ours: what came before has ended the command.
  work.context.signal.throwIfAborted();
  const interrupted = Promise.withResolvers<void>();
  const { onInterrupt, host } = work.commandHost;
  const stopListening = onInterrupt((signal) => {
    // Ctrl+C in a terminal is the editor's: it reaches both.
    if (signal === 'SIGINT' && host.stdin.isTTY) return;
    session.interruptedBy ??= signal;
    interrupted.resolve();
  });
  try {
    const code = await untilDone(session, interrupted.promise);
    if (session.kept !== undefined) await forgetKeptEdit(session.kept.kept);
    return code;
  } catch (error) {
    const kept = await keepTyped(session);
    if (session.interruptedBy === undefined) throw kept === undefined ? error : withKept(error, kept);
    if (kept !== undefined) work.note(...keptLines(kept));
    return SIGNAL_EXIT_CODES[session.interruptedBy];
  } finally {
    stopListening();
  }
}

async function begin(work: SecretsWork): Promise<Session> {
  const { context, project, flags } = work;
  const file = secretsFile(project);
  const present = (await openSecrets(file)).toString();
  const identities = await readIdentities(context.env);
  const found = await readKeptEdit(project.stateDirectory, file, identities);
  if (found !== undefined && flags.fresh === true) await forgetKeptEdit(found.kept);
  const kept = flags.fresh === true ? undefined : found;
  if (kept !== undefined)
    work.note(`Goes on with the edit of ${kept.since.toISOString()} (--fresh forgets it).`);
  const base = new SecretsDocument(file, kept?.base ?? present);
  const before = await Promise.all(base.leaves().map((leaf) => decryptLeaf(context.env, leaf)));
  const opened = plainText(before);
  return {
    work,
    file,
    base: base.toString(),
    before,
    known: storedTexts(base.leaves()),
    recipients: await recipientsOf(identities),
    kept,
    text: kept?.text ?? opened,
    opened,
    interruptedBy: undefined,
  };
}

/** Opens the editor until its text is in the file, or the person gives up. */
async function untilDone(session: Session, interrupted: Promise<void>): Promise<number> {
  let notes: readonly string[] = [];
  for (;;) {
    await inEditor(session, notes);
    try {
      return await bringIn(session);
    } catch (error) {
      if (!(error instanceof DevenvError) || !error.misuse) throw error;
      const lines = complaint(error);
      if (!(await wantsAnother(session, lines, interrupted))) throw error;
      notes = lines;
    }
  }
}

/** Has the person change the text of the session. The file is wiped when the editor ends, and on signals. */
async function inEditor(session: Session, notes: readonly string[]): Promise<void> {
  const { work, file, base, recipients, text } = session;
  const { context, project, commandHost } = work;
  const parent = await runtimeDirectory(context, project.root);
  const shown = { file, base, text: withEditNotes(text, notes) };
  const { stateDirectory } = project;
  // In a later pass nothing but this file has what was typed before.
  const owner = { stateDirectory, recipients, isTyped: hasTyped(session) };
  const aside = await writePlainTextFile(parent, shown, owner);
  // The editor gets the signal as well; it may need its time, and the file must not wait for it.
  const stopListening = commandHost.onInterrupt(() => {
    if (session.interruptedBy !== undefined) takeText(session, aside);
  });
  try {
    const [program, code] = await openEditor(work, aside.path);
    const isThere = takeText(session, aside);
    if (session.interruptedBy !== undefined)
      throw new DevenvError({ code: 'interrupted', what: 'Interrupted.' });
    if (code !== 0) throw editorFailed(program, code);
    if (!isThere) throw editorRemovedFile(program);
  } finally {
    stopListening();
    aside.wipe();
  }
}

function takeText(session: Session, aside: PlainTextFile): boolean {
  const found = aside.read();
  aside.wipe();
  if (found !== undefined) session.text = withoutEditNotes(found);
  return found !== undefined;
}

/**
 * @throws DevenvError for what the person can mend in the text (misuse); nothing has changed then.
 */
async function bringIn(session: Session): Promise<number> {
  const { work, file, before, text } = session;
  const changes = editChanges(before, SHOWN_NAME, text);
  if (changes.length === 0) {
    work.note('Nothing has changed.');
    return 0;
  }
  const isEmpty = changes.length === before.length && changes.every(({ value }) => value === undefined);
  if (isEmpty) await askToEmpty(work, before.length);
  await changeSecrets(file, secretsLock(work), async (document) => {
    const now = storedTexts(document.leaves());
    const conflicts = conflictingChanges(changes, session.known, now);
    if (conflicts.length > 0) {
      // Seen by the person now: saved once more, theirs counts.
      for (const { path: each } of conflicts) acceptPresent(session.known, now, keyOf(each));
      throw conflict(conflicts);
    }
    await applyChanges(document, changes);
  });
  work.note(editSummary(changes));
  return 0;
}

const SHOWN_NAME = 'secrets.yaml';

function acceptPresent(known: Map<string, string>, now: ReadonlyMap<string, string>, key: string): void {
  const present = now.get(key);
  if (present === undefined) known.delete(key);
  else known.set(key, present);
}

async function askToEmpty({ commandHost }: SecretsWork, count: number): Promise<void> {
  const { host } = commandHost;
  const words = count === 1 ? 'the only one' : `all ${count}`;
  if (canAsk(host) && (await confirm(host, `The text has no secret in it. Remove ${words}?`))) return;
  throw new DevenvError({
    code: 'secrets_edit_empty',
    what: `The edited text has no secret in it, and ${words} would be removed. Nothing has changed.`,
    why: 'An editor that could not write, or a script that failed, leaves that.',
    next: ['devenv secrets rm NAME… removes them'],
    misuse: true,
  });
}

function editSummary(changes: readonly SecretChange[]): string {
  const words = (isSet: boolean): string =>
    changes
      .filter(({ value }) => (value !== undefined) === isSet)
      .map((each) => each.path.join('.'))
      .join(', ');
  const [set, removed] = [words(true), words(false)];
  return [set && `Set ${set}.`, removed && `Removed ${removed}.`].filter(Boolean).join(' ');
}

/** On a terminal a mistake is shown, there and in the text, and the editor is opened again. */
async function wantsAnother(
  { work }: Session,
  lines: readonly string[],
  interrupted: Promise<void>,
): Promise<boolean> {
  const { stdin, stderr } = work.commandHost.host;
  if (!stdin.isTTY) return false;
  work.note(...lines);
  const prompt = createLinePrompt({ stdin, stdout: stderr });
  try {
    const given = prompt.ask('Enter opens the editor again, Ctrl+C gives up and keeps what was typed. ');
    const answer = await Promise.race([given, interrupted]);
    if (answer?.kind === 'line') return true;
    // The prompt has been drawn once more.
    work.note('');
    return false;
  } finally {
    prompt.close();
  }
}

/** The lines that stand above the text when it is opened again; its own lines are counted with them. */
function complaint({ location, what, why, next }: DevenvError): string[] {
  const line = (location?.line ?? 0) + 1 + next.length;
  const place = location?.line === undefined ? '' : `Line ${line}, column ${location.column ?? 1}: `;
  return [`${place}${what}${why === undefined ? '' : ` ${why}`}`, ...next];
}

/** @returns where it is kept; undefined when the person has typed nothing that is not in the file. */
async function keepTyped(session: Session): Promise<string | undefined> {
  const { work, text, kept, recipients } = session;
  if (!hasTyped(session)) return kept?.kept;
  if (withoutComments(text) === '') return undefined;
  const unfinished = { file: session.file, base: session.base, text };
  const { stateDirectory } = work.project;
  try {
    const where = await keepEdit(stateDirectory, recipients, unfinished);
    if (kept !== undefined) await forgetKeptEdit(kept.kept);
    return where;
  } catch {
    // No room on that disk: the memory behind the runtime folder may have some.
    const parent = await runtimeDirectory(work.context, work.project.root);
    const owner = { stateDirectory, recipients, isTyped: true };
    return (await writePlainTextFile(parent, unfinished, owner)).path;
  }
}

/** Whether its text has what is neither in the file of secrets nor kept. */
function hasTyped({ text, opened, kept }: Session): boolean {
  return text !== (kept?.text ?? opened);
}

function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('')
    .trim();
}

function withKept(error: unknown, kept: string): unknown {
  if (!(error instanceof DevenvError)) return error;
  const { code, what, why, location, misuse } = error;
  const place = location?.line === undefined ? '' : `Line ${location.line} of the edited text: `;
  return new DevenvError({
    code,
    what: `${place}${what}`,
    ...(why === undefined ? {} : { why }),
    next: [...error.next, ...keptLines(kept)],
    misuse,
    cause: error,
  });
}

function keptLines(kept: string): string[] {
  const words = kept.endsWith('.age') ? `encrypted, in ${kept}` : `IN THE CLEAR, in ${kept}`;
  return [
    `The file of secrets is as it was. What you typed is kept, ${words}`,
    'devenv secrets edit goes on with it; devenv secrets edit --fresh forgets it',
  ];
}

function conflict(conflicts: readonly SecretChange[]): DevenvError {
  const names = conflicts.map((each) => each.path.join('.')).join(', ');
  return new DevenvError({
    code: 'secrets_edit_conflict',
    what: `Changed by another command while the editor was open: ${names}.`,
    next: [`Save again to put yours in its place, or take it out of your text: ${names}`],
    misuse: true,
  });
}
