import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';

export interface RunTarget {
  /** Real path. */
  readonly file?: string;
  readonly dagId?: string;
}

/**
 * Whether a person named a file or a DAG.
 *
 * @throws DevenvError `file_not_found` for what looks like a path and leads nowhere.
 */
export async function readTarget(context: Context, target: string): Promise<RunTarget> {
  const file = path.resolve(context.workingDirectory, target);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return { file: await realpath(file) };
  const looksLikePath = target.endsWith('.py') || target.includes('/') || found !== undefined;
  if (!looksLikePath) return { dagId: target };
  throw new DevenvError({
    code: 'file_not_found',
    what: found === undefined ? `There is no file ${file}.` : `${file} is not a file.`,
    next: [
      'Name a Python file with a DAG: devenv run-dag dags/orders.py',
      'Or the id of a DAG: devenv run-dag orders',
    ],
    misuse: true,
  });
}
