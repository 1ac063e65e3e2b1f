import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { shippedVersions } from './locks.ts';
import { step } from './step.ts';

const OFFICIAL = 'https://raw.githubusercontent.com/apache/airflow';
const TIMEOUT_MS = 30_000;

/**
 * Airflow's official constraint file for versions we ship no lock for, if it is on this machine. The person may
 * name another with AIRFLOW_DEVENV_CONSTRAINTS (a file or an address).
 */
export function cachedConstraints(
  context: Context,
  airflowVersion: string,
  pythonMinor: string,
): string | undefined {
  const file = constraintsFile(context, airflowVersion, pythonMinor);
  return existsSync(file) ? file : undefined;
}

/**
 * As `cachedConstraints`, downloaded when missing.
 *
 * @throws DevenvError `constraints_unreachable`, `airflow_version_unknown`, `constraints_not_found`.
 */
export async function ensureConstraints(
  context: Context,
  airflowVersion: string,
  pythonMinor: string,
): Promise<string> {
  const file = constraintsFile(context, airflowVersion, pythonMinor);
  if (existsSync(file)) return file;
  const url = constraintsUrl(context, airflowVersion, pythonMinor);
  if (url === undefined) throw namedFileMissing(file);
  const text = await step(
    context,
    { id: 'constraints', text: `Fetching the constraints of Airflow ${airflowVersion}` },
    () => download(context, { url, file, airflowVersion, pythonMinor }),
  );
  await writeFileAtomic(file, text);
  return file;
}

/** Where the constraint file of this pair is, or would be. */
function constraintsFile(context: Context, airflowVersion: string, pythonMinor: string): string {
  const named = context.env['AIRFLOW_DEVENV_CONSTRAINTS'];
  if (named !== undefined && named !== '' && !isUrl(named))
    return path.resolve(context.workingDirectory, named);
  const which = named ? `-${hash('sha256', named).slice(0, 12)}` : '';
  const name = `airflow-${airflowVersion}-python${pythonMinor}${which}.txt`;
  return path.join(cacheDirectory(context), 'constraints', name);
}

function constraintsUrl(context: Context, airflowVersion: string, pythonMinor: string): string | undefined {
  const named = context.env['AIRFLOW_DEVENV_CONSTRAINTS'];
  if (named !== undefined && named !== '') return isUrl(named) ? named : undefined;
  const base = (context.env['AIRFLOW_DEVENV_CONSTRAINTS_URL'] || OFFICIAL).replace(/\/+$/, '');
  return `${base}/constraints-${airflowVersion}/constraints-${pythonMinor}.txt`;
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

interface Wanted {
  readonly url: string;
  readonly file: string;
  readonly airflowVersion: string;
  readonly pythonMinor: string;
}

async function download(context: Context, wanted: Wanted): Promise<string> {
  let response: Response;
  let text: string;
  try {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    response = await fetch(wanted.url, { signal });
    text = await response.text();
  } catch (error) {
    context.signal.throwIfAborted();
    throw unreachable(wanted, networkReason(error), error);
  }
  if (response.status === 404) throw unknownVersion(wanted);
  if (!response.ok)
    throw unreachable(wanted, `The server answered ${response.status} ${response.statusText}.`);
  // A captive portal or a proxy's error page is not a constraint file.
  if (!/^apache-airflow[\w-]*==/m.test(text))
    throw unreachable(wanted, 'The answer is not a constraint file.');
  return text;
}

function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `${cause instanceof Error ? cause.message : String(cause)}.`;
}

function unreachable(wanted: Wanted, why: string, cause?: unknown): DevenvError {
  return new DevenvError({
    code: 'constraints_unreachable',
    what: `Can't fetch the constraint file of Airflow ${wanted.airflowVersion} for Python ${wanted.pythonMinor} from ${withoutPassword(wanted.url)}.`,
    why,
    next: [
      `Use a version that needs no download: set airflow.version to ${shippedVersions().join(' or ')} (Python 3.11 or 3.12)`,
      `Or get the file on another machine and put it at ${wanted.file}`,
      'Or name a file or a mirror: AIRFLOW_DEVENV_CONSTRAINTS=/path/or/https://address',
      'Behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1',
    ],
    cause,
  });
}

function unknownVersion(wanted: Wanted): DevenvError {
  return new DevenvError({
    code: 'airflow_version_unknown',
    what: `There is no constraint file for Airflow ${wanted.airflowVersion} on Python ${wanted.pythonMinor}.`,
    why: `${withoutPassword(wanted.url)} does not exist: no such release, or not for this Python.`,
    next: [
      `Correct airflow.version or airflow.python in devenv.yaml; Airflow ${shippedVersions().join(' and ')} come with this program`,
    ],
    misuse: true,
  });
}

function namedFileMissing(file: string): DevenvError {
  return new DevenvError({
    code: 'constraints_not_found',
    what: `There is no constraint file ${file}.`,
    why: 'AIRFLOW_DEVENV_CONSTRAINTS names it.',
    next: ['Correct or unset AIRFLOW_DEVENV_CONSTRAINTS'],
    misuse: true,
  });
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
