import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError, type SourceLocation } from '../errors.ts';
import { runCommand, type CommandResult } from '../platform/childProcess.ts';
import { withoutOwnSecrets } from '../platform/childVariables.ts';
import { errorCode } from '../platform/fileSystemError.ts';
import { projectTrust, type ProjectTrust } from '../trust/projectTrust.ts';
import { notTrusted, readNeed, runNeed, type TrustedProject, type TrustNeed } from '../trust/trustNeed.ts';
import { decryptText, isEncrypted, type AgeIdentities } from './secrets/age.ts';
import { readIdentities } from './secrets/ageIdentity.ts';
import { commandWords, literalText, referenceOf, templateParts, type Reference } from './references.ts';
import type { TemplatePart } from './references.ts';
import { toolCall, type ToolCall } from './secretTools.ts';
import { failure, mistake } from './seedProblem.ts';
import { hasSensitiveName } from './sensitiveNames.ts';

export interface Resolved {
  readonly text: string;
  readonly isSecret: boolean;
}

/** What every reference of a project is resolved with. */
export function projectResolver(
  context: Pick<Context, 'env' | 'platform' | 'signal'>,
  project: Pick<Project, 'airflow' | 'root'>,
  onSecret: (text: string) => void,
): Resolver {
  let identities: Promise<AgeIdentities> | undefined;
  let trust: Promise<ProjectTrust> | undefined;
  return new Resolver({
    project: { root: project.root, env: project.airflow.env },
    trust: () => (trust ??= projectTrust(context, project.root)),
    env: withoutOwnSecrets({ ...project.airflow.env, ...context.env }),
    signal: context.signal,
    identities: () => (identities ??= readIdentities(context.env)),
    onSecret,
  });
}

export interface ResolverOptions {
  readonly project: TrustedProject;
  readonly trust: () => Promise<ProjectTrust>;
  /** What `${NAME}` finds. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly identities: () => Promise<AgeIdentities>;
  /** Parts of texts that must never be shown, such as a password inside of a URI. */
  readonly onSecret: (text: string) => void;
}

/** A secret manager may ask a person to touch a key. */
const PATIENCE_MS = 60_000;
/** Secret managers are slow and don't like to be asked a hundred things at once. */
const AT_ONCE = 8;

/** Finds what references stand for. What is named several times is fetched once. */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #known = new Map<string, Promise<Resolved>>();
  readonly #waiting: (() => void)[] = [];
  readonly #refused: TrustNeed[] = [];
  #running = 0;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** @throws DevenvError with the place of the reference. */
  async resolve(text: string, place: SourceLocation): Promise<Resolved> {
    const found = await this.find(text, place);
    if (found.isSecret) this.#options.onSecret(found.text);
    return found;
  }

  /** A text that is a secret though nothing in it says so. */
  hide(text: string): void {
    this.#options.onSecret(text);
  }

  /** The same for what is no secret as a whole, such as a file with many. */
  async find(text: string, place: SourceLocation): Promise<Resolved> {
    if (isEncrypted(text)) return this.#once(text, () => this.#decrypt(text, place));
    const literal = literalText(text);
    if (literal !== undefined) return { text: literal, isSecret: false };
    const reference = referenceOf(text);
    if (reference === undefined) return this.#template(text, place);
    const key = JSON.stringify([path.dirname(place.file), reference]);
    return this.#once(key, async () => {
      await this.#assertTrusted(await this.#need(reference, text, place));
      return this.#inTurn(() => this.#fetch(reference, place));
    });
  }

  /** What a text would run, or read outside of the project; undefined for all others. */
  async need(text: string, place: SourceLocation): Promise<TrustNeed | undefined> {
    const reference = isEncrypted(text) || literalText(text) !== undefined ? undefined : referenceOf(text);
    return reference === undefined ? undefined : this.#need(reference, text, place);
  }

  /** @throws DevenvError `not_trusted` for a file outside of the project. */
  async assertReadable(file: string, place: SourceLocation): Promise<void> {
    await this.#assertTrusted(await readNeed(this.#options.project, file, place));
  }

  /** What was asked for and is not trusted. */
  refused(): readonly TrustNeed[] {
    return this.#refused;
  }

  async #need(reference: Reference, what: string, place: SourceLocation): Promise<TrustNeed | undefined> {
    const { project } = this.#options;
    const folder = path.dirname(place.file);
    if (reference.kind === 'file') return readNeed(project, this.#path(reference.path, folder), place);
    const call = reference.kind === 'tool' ? toolCall(reference.tool, reference.target) : undefined;
    const words = reference.kind === 'exec' ? commandWords(reference.command) : wordsOf(call);
    return words === undefined ? undefined : runNeed(project, { what, words, folder, place });
  }

  async #assertTrusted(need: TrustNeed | undefined): Promise<void> {
    if (need === undefined || (await this.#options.trust()).allows(need)) return;
    this.#refused.push(need);
    throw notTrusted(need);
  }

  async #once(key: string, work: () => Promise<Resolved>): Promise<Resolved> {
    let found = this.#known.get(key);
    if (found === undefined) {
      found = work();
      this.#known.set(key, found);
    }
    return found;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #decrypt(text: string, place: SourceLocation): Promise<Resolved> {
    return { text: await decryptText(text, await this.#options.identities(), place), isSecret: true };
  }

  #template(text: string, place: SourceLocation): Resolved {
    let isSecret = false;
    const words = templateParts(text).map((part) => {
      if (typeof part === 'string') return part;
      const value = this.#variable(part, place);
      if (value !== '' && hasSensitiveName(part.name)) {
        isSecret = true;
        this.#options.onSecret(value);
      }
      return value;
    });
    return { text: words.join(''), isSecret };
  }

  #variable(part: Exclude<TemplatePart, string>, place: SourceLocation): string {
    const value = this.#options.env[part.name];
    const isOptional = part.fallback !== undefined;
    const mustHaveText = part.message !== undefined;
    if (value !== undefined && (value !== '' || !(isOptional || mustHaveText))) return value;
    if (part.fallback !== undefined) return part.fallback;
    throw mistake(place, {
      code: 'seed_variable_unset',
      what: `The environment variable ${part.name} is ${value === undefined ? 'not set' : 'empty'}.`,
      ...(part.message ? { why: part.message } : {}),
      next: [
        `export ${part.name}=…`,
        `Or give it a value for when it is not set: \${${part.name}:-default}`,
        `Or write $\${${part.name}} if the text itself is meant`,
      ],
    });
  }

  async #fetch(reference: Reference, place: SourceLocation): Promise<Resolved> {
    const folder = path.dirname(place.file);
    if (reference.kind === 'file') return this.#file(reference.path, folder, place);
    if (reference.kind === 'exec') return this.#command(reference.command, folder, place);
    const call = toolCall(reference.tool, reference.target);
    if (typeof call === 'string') throw badReference(place, `${reference.tool}:${reference.target}`, call);
    const text = call.read(await this.#run(call.words, folder, place));
    if (text === undefined) throw badReference(place, reference.target, 'The secret has no such key.');
    return { text, isSecret: true };
  }

  async #file(name: string, folder: string, place: SourceLocation): Promise<Resolved> {
    const file = this.#path(name, folder);
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
      // A password alone in a file has a line break that nobody means; several lines are what they are.
      return { text: /^[^\n]*\n$/.test(text) ? text.replace(/\r?\n$/, '') : text, isSecret: true };
    } catch (error) {
      throw unreadable(place, file, error);
    }
  }

  #path(name: string, folder: string): string {
    const home = this.#options.env['HOME'];
    return path.resolve(folder, home === undefined ? name : name.replace(/^~(?=\/)/, home));
  }

  async #command(line: string, folder: string, place: SourceLocation): Promise<Resolved> {
    const words = commandWords(line);
    const [program, ...rest] = words ?? [];
    if (program === undefined) throw badReference(place, `exec:${line}`, 'A quote in it is not closed.');
    return { text: await this.#run([program, ...rest], folder, place), isSecret: true };
  }

  /** What it printed, without the last line break. That is a secret; what it says on stderr is for people. */
  async #run(words: readonly [string, ...string[]], folder: string, place: SourceLocation): Promise<string> {
    const [program, ...rest] = words;
    const { env, signal } = this.#options;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    let result: CommandResult;
    try {
      result = await runCommand(program, rest, {
        env,
        cwd: folder,
        signal: AbortSignal.any([signal, patience]),
        allowFailure: true,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw commandFailed(place, program, patience.aborted ? 'It took longer than 60 s.' : whyOf(error));
    }
    if (result.exitCode === 0) return result.stdout;
    const said = result.stderr.trim().split('\n').slice(-5).join('\n');
    throw commandFailed(place, program, `It ended with exit code ${result.exitCode}. ${said}`.trim());
  }
}

function wordsOf(call: ToolCall | string | undefined): readonly string[] | undefined {
  return typeof call === 'object' ? call.words : undefined;
}

function whyOf(error: unknown): string {
  // What a killed command had printed may be the secret.
  if (!(error instanceof DevenvError)) return 'It could not be started.';
  return error.code === 'command_not_found' ? (error.why ?? error.what) : 'It was killed.';
}

function badReference(place: SourceLocation, reference: string, why: string): DevenvError {
  return mistake(place, {
    code: 'seed_wrong_value',
    what: `The reference ${reference} can't be understood.`,
    why,
    next: ['Put literal: before it if the text itself is meant'],
  });
}

function unreadable(place: SourceLocation, file: string, error: unknown): DevenvError {
  const code = errorCode(error);
  const isText = code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
  return mistake(place, {
    code: 'seed_reference_unreadable',
    what: code === 'ENOENT' ? `There is no file ${file}.` : `${file} can't be read.`,
    ...(isText
      ? code === 'ENOENT'
        ? {}
        : { why: `The system says ${code}.` }
      : { why: 'It is not UTF-8 text.' }),
    next: [
      isText
        ? 'Paths are relative to the seed file'
        : 'Use exec:base64 FILE and decode it in the DAG: values of Airflow are text',
      'Put literal: before the text if it is no reference',
    ],
  });
}

function commandFailed(place: SourceLocation, program: string, why: string): DevenvError {
  return failure(place, {
    code: 'seed_command_failed',
    what: `${program} did not give the value.`,
    why,
    next: ['Run the command yourself in the folder of the seed file; it gets no input'],
  });
}
