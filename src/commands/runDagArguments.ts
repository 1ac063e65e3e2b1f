import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { parseEnvironmentFile } from '../config/environmentFile.ts';
import { DevenvError } from '../errors.ts';

/** `{"a": 1}` or `@file.json`. */
export function parseConf(value: string): Record<string, unknown> {
  const text = value.startsWith('@') ? readConfFile(value.slice(1)) : value;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new DevenvError({
      code: 'conf_invalid',
      what: '--conf is not JSON.',
      why: `${(error as Error).message}.`,
      next: [`Quote it for the shell: --conf '{"day": "2026-01-31"}'`],
      misuse: true,
      cause: error,
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new DevenvError({
      code: 'conf_invalid',
      what: '--conf is not a JSON object.',
      why: 'Airflow takes the configuration of a DAG run as names and values.',
      next: [`Write it like: --conf '{"day": "2026-01-31"}'`],
      misuse: true,
    });
  }
  return parsed as Record<string, unknown>;
}

function readConfFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DevenvError({
      code: 'conf_unreadable',
      what: `--conf @${file} can't be read.`,
      why: (error as Error).message,
      misuse: true,
      cause: error,
    });
  }
}

const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** A date that Airflow understands too. */
export function parseDate(value: string): string {
  const [, year = 0, month = 0, day = 0] = (DATE.exec(value) ?? []).map(Number);
  // The 31st of February would become the 3rd of March.
  const date = new Date(Date.UTC(year, month - 1, day));
  if (day === 0 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    throw new InvalidArgumentError('It must be a date like 2026-01-31 or 2026-01-31T06:00:00+00:00.');
  return value;
}

/** Milliseconds. */
export function parseDuration(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value);
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's'];
  const milliseconds = Number(match?.[1]) * (factor ?? 0);
  if (match === null || !(milliseconds > 0)) {
    throw new InvalidArgumentError('It must be a time like 90, 90s, 5m or 1h.');
  }
  return milliseconds;
}

/**
 * Names and values of environment files; later files win, and later lines.
 *
 * @param warn gets a line for each that means nothing, with its place.
 * @throws DevenvError `env_file_unreadable`.
 */
export async function readEnvironmentFiles(
  files: readonly string[],
  warn: (line: string) => void,
): Promise<Record<string, string>> {
  const all = await Promise.all(files.map(async (file) => parseEnvironmentFile(await readText(file))));
  for (const [index, { problems }] of all.entries()) {
    for (const { line, column, what, next } of problems) {
      warn(`warning: ${files[index]}:${line}:${column}: ${[what, ...next].join(' ')}`);
    }
  }
  const pairs = all.flatMap(({ assignments }) =>
    assignments.map(({ name, value }) => [name, value] as const),
  );
  return Object.fromEntries(pairs);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new DevenvError({
      code: 'env_file_unreadable',
      what: `--env-file ${file} can't be read.`,
      why: (error as Error).message,
      misuse: true,
      cause: error,
    });
  }
}
