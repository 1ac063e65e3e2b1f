import { DevenvError } from '../../errors.ts';
import type { Item, PresentItem } from './fileSystem.ts';
import { isFolder } from './fileSystem.ts';
import type { ShellSession } from './session.ts';
import { NOT_FOUND, pathProblem, problemText } from './shellProblem.ts';

/** One command on its way: a path that fails is told, and the others go on. */
export class CommandRun {
  readonly session: ShellSession;
  readonly #name: string;
  #failed = false;

  constructor(session: ShellSession, name: string) {
    this.session = session;
    this.#name = name;
  }

  get exitCode(): number {
    return this.#failed ? 1 : 0;
  }

  async print(text: string): Promise<void> {
    await this.session.io.write(text);
  }

  /** @throws the error itself when there is nobody to talk to any more. */
  fail(error: unknown): void {
    if (error instanceof DevenvError && STOPPING.has(error.code)) throw error;
    this.#failed = true;
    this.session.io.warn(`${this.#name}: ${problemText(error)}`);
  }

  warn(text: string): void {
    this.session.io.warn(`${this.#name}: ${text}`);
  }

  /** What the words name, patterns expanded. A word that fails is told. */
  async expand(words: readonly string[]): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (const word of words) await this.guard(async () => items.push(...(await this.session.glob(word))));
    return items;
  }

  /** Works on every item that is there; the others are told. */
  async eachPresent(words: readonly string[], work: (item: PresentItem) => Promise<void>): Promise<void> {
    for (const item of await this.expand(words)) await this.guard(() => work(present(item)));
  }

  /** The item and, for a folder, everything below it, a folder before what it holds. */
  async eachBelow(item: PresentItem, work: (item: PresentItem) => Promise<void>): Promise<void> {
    await work(item);
    if (!isFolder(item)) return;
    for (const child of await this.session.children(item)) {
      await this.guard(() => this.eachBelow(child, work));
    }
  }

  /** Does it; a failure is told. */
  async guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fail(error);
    }
  }
}

/** @throws DevenvError `hdfs_path` when nothing is there. */
export function present(item: Item): PresentItem {
  if (item.status === undefined) throw pathProblem(item.shown, NOT_FOUND);
  return item as PresentItem;
}

const STOPPING = new Set(['hdfs_unreachable', 'hdfs_usage', 'interrupted', 'output_closed']);

/** A command of the shell: its words behind the name in, the exit code out. */
export type ShellCommand = (run: CommandRun, words: readonly string[]) => Promise<void | number>;
