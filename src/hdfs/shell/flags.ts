import { usageProblem } from './shellProblem.ts';

export interface ParsedFlags {
  readonly flags: ReadonlySet<string>;
  /** Of flags with a value: `-t 4`. */
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

export interface FlagRules {
  /** Separated by spaces: `R h skipTrash`. Those that end in `=` take the next word. */
  readonly allowed: string;
  /** How many words there have to be beside them. */
  readonly least?: number;
  readonly most?: number;
}

/**
 * The flags of one command. They come before the first word without a dash; a dash alone is a word, `--` ends them.
 *
 * @throws DevenvError `hdfs_usage` for a flag that the command does not have, and for too few or too many words.
 */
export function parseFlags(words: readonly string[], rules: FlagRules): ParsedFlags {
  const allowed = new Set(rules.allowed.split(' ').filter((each) => each !== ''));
  const flags = new Set<string>();
  const values = new Map<string, string>();
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      at += 1;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    const name = word.slice(1);
    if (allowed.has(`${name}=`)) {
      at += 1;
      const value = words[at];
      if (value === undefined) throw usageProblem(`option ${name} requires 1 argument.`);
      values.set(name, value);
    } else if (allowed.has(name)) flags.add(name);
    else throw usageProblem(`Illegal option ${word}`);
  }
  const rest = words.slice(at);
  checkCount(rest.length, rules.least ?? 0, rules.most ?? Number.POSITIVE_INFINITY);
  return { flags, values, rest };
}

function checkCount(found: number, least: number, most: number): void {
  if (found < least) throw usageProblem(`Not enough arguments: expected ${least} but got ${found}`);
  if (found > most) throw usageProblem(`Too many arguments: expected ${most} but got ${found}`);
}
