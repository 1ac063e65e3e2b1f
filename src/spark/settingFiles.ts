import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DevenvError } from '../errors.ts';
import { parseProperties } from './propertiesFile.ts';
import type { SettingFiles } from './submission.ts';
import type { SubmitArguments } from './submitArguments.ts';

/**
 * Reads the files of settings that Spark would read for this command line.
 *
 * @param defaults `spark-defaults.conf`, the first that exists; they may not.
 * @throws DevenvError `spark_properties_unreadable` (misuse).
 */
export async function readSettingFiles(
  { options }: Pick<SubmitArguments, 'options'>,
  callerDirectory: string,
  defaults: readonly string[],
): Promise<SettingFiles> {
  const named = options.get('--properties-file');
  return {
    properties: named === undefined ? undefined : await readNamed(path.resolve(callerDirectory, named)),
    defaults: await readFirst(defaults),
  };
}

async function readNamed(file: string): Promise<Map<string, string>> {
  try {
    return parseProperties(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new DevenvError({
      code: 'spark_properties_unreadable',
      what: `The file of --properties-file, ${file}, can't be read.`,
      why: cause instanceof Error ? cause.message : String(cause),
      next: ['Correct the path; it counts from the folder that spark-submit is called in'],
      misuse: true,
      cause,
    });
  }
}

async function readFirst(files: readonly string[]): Promise<Map<string, string>> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return parseProperties(text);
  }
  return new Map();
}
