import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { decryptFernet } from './fernet.ts';

/** What was seeded as a secret, encrypted with the project's Fernet key; `hidden_texts.py` writes it. */
export function hiddenTextsFile(stateDirectory: string): string {
  return path.join(stateDirectory, 'seed-secrets');
}

export interface HiddenTextsOptions {
  readonly stateDirectory: string;
  /** The project's key, as Airflow has it; undefined while it is not known. */
  readonly fernetKey: () => string | undefined;
  /** What is hidden whatever was seeded: the project's own keys. */
  readonly always?: () => readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const MASK = '***';
/** A new seed counts within this time. */
const LOOK_MS = 200;

/**
 * Takes seeded secrets out of lines. Looks by itself whether something was seeded since; synchronous, because lines
 * come in an order that must stay.
 */
export class HiddenTexts {
  readonly #options: HiddenTextsOptions;
  #texts: readonly string[] = [];
  #always: readonly string[] = [];
  #lookedAt = -Infinity;
  #stamp = '';

  constructor(options: HiddenTextsOptions) {
    this.#options = options;
  }

  /** The same line with `***` in the place of each secret, however it is spelled. */
  hide(line: string): string {
    this.#look();
    // They come longest first: a part that was taken out would keep the whole from being found.
    return [...this.#always, ...this.#texts].reduce((text, each) => text.replaceAll(each, () => MASK), line);
  }

  #look(): void {
    const now = this.#options.now();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    this.#always = this.#options.always?.() ?? [];
    const key = this.#options.fernetKey();
    if (key === undefined) return;
    const file = hiddenTextsFile(this.#options.stateDirectory);
    const found = statSync(file, { throwIfNoEntry: false });
    const stamp = found === undefined ? '' : `${found.mtimeMs} ${found.ino}`;
    if (stamp === this.#stamp) return;
    this.#texts = found === undefined ? [] : readTexts(file, key);
    this.#stamp = stamp;
  }
}

/** None, where it is of another key or damaged: the rows of the database can't be read with it either. */
function readTexts(file: string, key: string): readonly string[] {
  try {
    const { spelled } = JSON.parse(decryptFernet(readFileSync(file, 'utf8'), key)) as { spelled?: unknown };
    return Array.isArray(spelled) ? spelled.map(String).filter((each) => each !== '') : [];
  } catch {
    return [];
  }
}
