import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { isInside, type TrustNeed } from './trustNeed.ts';
import { readTrust } from './trustStore.ts';

/** What may be done for a project. */
export interface ProjectTrust {
  allows(need: TrustNeed): boolean;
}

const VARIABLE = 'AIRFLOW_DEVENV_TRUST';

/**
 * What a person, or the environment of a CI job, has said yes to.
 *
 * @throws DevenvError `trust_variable_invalid` (misuse).
 */
export async function projectTrust(
  context: Pick<Context, 'env' | 'platform'>,
  root: string,
): Promise<ProjectTrust> {
  if (isTrustedByEnvironment(context.env, root)) return { allows: () => true };
  const known = new Set((await readTrust(context, root))?.needs);
  return { allows: ({ digest }) => known.has(digest) };
}

/** `all`, or folders as in PATH: projects in them are trusted. */
function isTrustedByEnvironment(env: Context['env'], root: string): boolean {
  const value = env[VARIABLE];
  if (value === undefined || value === '') return false;
  if (value === 'all') return true;
  const folders = value.split(path.delimiter).filter((each) => each !== '');
  const wrong = folders.find((each) => !path.isAbsolute(each));
  if (wrong === undefined) return folders.some((each) => isInside(path.resolve(each), root));
  throw new DevenvError({
    code: 'trust_variable_invalid',
    what: `${VARIABLE} names "${wrong}", which is no absolute path.`,
    next: [`${VARIABLE}=all`, `${VARIABLE}=/path/of/a/project:/and/of/another`],
    misuse: true,
  });
}
