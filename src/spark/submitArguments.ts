import { flagOption, type FlagOption, valueOption, type ValueOption } from './submitOptions.ts';

/** `spark-sql` takes its own words (`-e`, `-f`, …) anywhere between Spark's. */
export type SparkProgram = 'spark-submit' | 'spark-sql';

/** A command line of spark-submit, taken apart. */
export interface SubmitArguments {
  /** Of an option that stands twice, the last. */
  readonly options: ReadonlyMap<ValueOption, string>;
  readonly flags: ReadonlySet<FlagOption>;
  /** `--conf` in order; a later one wins. */
  readonly conf: ReadonlyMap<string, string>;
  /** The job: a Python file, a jar. `undefined` for spark-sql, and where it is missing. */
  readonly application: string | undefined;
  readonly applicationArguments: readonly string[];
  /** What Spark itself would complain about. */
  readonly mistake: string | undefined;
}

/**
 * Takes apart a command line as `SparkSubmitOptionParser` does: `--option value` and `--option=value`; the first word
 * that is no option is the job, everything behind it is the job's.
 */
export function parseSubmitArguments(program: SparkProgram, words: readonly string[]): SubmitArguments {
  const options = new Map<ValueOption, string>();
  const flags = new Set<FlagOption>();
  const conf = new Map<string, string>();
  const mixed: string[] = [];
  const parsed = (rest: readonly string[] = [], mistake?: string): SubmitArguments => {
    const isSql = program === 'spark-sql';
    const applicationArguments = isSql ? mixed : rest.slice(1);
    return { options, flags, conf, application: isSql ? undefined : rest[0], applicationArguments, mistake };
  };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [name, attached] = separate(word);
    const option = valueOption(name);
    if (option !== undefined) {
      const value = attached ?? words[(index += 1)];
      if (value === undefined) return parsed([], `Missing argument for option '${word}'.`);
      if (option !== '--conf') options.set(option, value);
      else if (!addSetting(conf, value)) return parsed([], `Spark config without '=': ${value}`);
      continue;
    }
    const flag = flagOption(word);
    if (flag !== undefined) flags.add(flag);
    else if (program === 'spark-sql') mixed.push(word);
    else if (word.startsWith('-')) return parsed([], `Unrecognized option: ${word}`);
    else return parsed(words.slice(index));
  }
  return parsed();
}

function separate(word: string): readonly [string, string | undefined] {
  const match = /^(--[^=]+)=(.+)$/s.exec(word);
  return match === null ? [word, undefined] : [match[1] ?? '', match[2]];
}

function addSetting(conf: Map<string, string>, setting: string): boolean {
  const at = setting.indexOf('=');
  if (at === -1) return false;
  const key = setting.slice(0, at).trim();
  conf.delete(key);
  conf.set(key, setting.slice(at + 1));
  return true;
}
