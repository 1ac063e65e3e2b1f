import { readFile } from 'node:fs/promises';
import { DevenvError } from '../errors.ts';
import { mistakesError } from './mistake.ts';
import { settingsSchema } from './schema.ts';
import type { Settings } from './schema.ts';
import { schemaMistakes } from './schemaMistakes.ts';
import { parseYamlFile } from './yamlFile.ts';
import type { KeyPath, YamlFile } from './yamlFile.ts';

export interface Config {
  readonly file: string;
  readonly settings: Settings;
  readonly locate: YamlFile['locate'];
}

/**
 * Reads and validates `devenv.yaml`. Brings zod and yaml with it: import it only when there is a file to read.
 *
 * @throws DevenvError `config_*` with line and column of the first mistake; all others are in `next`.
 */
export async function readConfig(file: string): Promise<Config> {
  const parsed = parseYamlFile(await readConfigText(file), textOfPlainValue);
  if ('mistakes' in parsed) throw mistakesError(file, parsed.mistakes);
  // An empty file configures nothing, which is no mistake.
  const result = settingsSchema.safeParse(parsed.value ?? {});
  if (result.success) return { file, settings: result.data, locate: parsed.locate };
  const [first, ...others] = schemaMistakes(settingsSchema, result.error.issues, parsed);
  if (first === undefined) throw result.error;
  throw mistakesError(file, [first, ...others]);
}

async function readConfigText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new DevenvError({
      code: missing ? 'config_not_found' : 'config_unreadable',
      what: missing
        ? `There is no configuration file ${file}.`
        : `The configuration file ${file} can't be read.`,
      ...(missing ? {} : { why: `The system says ${(cause as NodeJS.ErrnoException).code}.` }),
      next: [
        'Without a configuration file the project is found by looking: leave the option out to try that.',
      ],
      misuse: true,
      cause,
    });
  }
}

/** Versions and environment variables are what the file says, letter by letter; Airflow spells truth its way. */
function textOfPlainValue(keyPath: KeyPath, source: string): string | undefined {
  const [section, key] = keyPath;
  if (section === 'spark') {
    if (keyPath.length === 2) return key === 'version' || key === 'python' ? source : undefined;
    return key === 'conf' ? source : undefined;
  }
  if (section !== 'airflow') return undefined;
  if (keyPath.length === 2) return key === 'version' || key === 'python' ? source : undefined;
  if (keyPath.length !== 3) return undefined;
  if (key === 'env') return source;
  if (key !== 'config') return undefined;
  return /^(?:true|false)$/i.test(source) ? source[0]?.toUpperCase() + source.slice(1).toLowerCase() : source;
}
