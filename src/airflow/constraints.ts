import { hash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { shippedVersions } from './locks.ts';
import { withoutPasswords } from './passwords.ts';
import { resolveRelease } from './resolution/resolveRelease.ts';
import { step } from './step.ts';

const OFFICIAL = 'https://raw.githubusercontent.com/apache/airflow';
const TIMEOUT_MS = 10_000;

/** Which constraints are meant. */
export interface ConstraintsRequest {
  readonly airflowVersion: string;
  /** E.g. `3.12`. */
  readonly pythonMinor: string;
  /** A file (absolute) or an address that `devenv.yaml` names. */
  readonly named?: string | undefined;
}

/**
 * The constraint files of this release that are on this machine, the best first: the one that is named
 * (`airflow.constraints`, else AIRFLOW_DEVENV_CONSTRAINTS), the official one, and what was worked out from the package
 * index, however old that is: environments may have been made from it.
 */
export function cachedConstraints(context: Context, request: ConstraintsRequest): readonly string[] {
  const files = [constraintsFile(context, request)];
  if (namedConstraints(context, request) === undefined) files.push(resolvedFile(context, request));
  return files.filter((file) => existsSync(file));
}

/** What a person names instead of the constraints that belong to the release. */
export function namedConstraints(context: Context, { named }: ConstraintsRequest): string | undefined {
  if (named !== undefined) return named;
  const variable = context.env['AIRFLOW_DEVENV_CONSTRAINTS'];
  if (!variable) return undefined;
  return isUrl(variable) ? variable : path.resolve(context.workingDirectory, variable);
}

/**
 * The first of `cachedConstraints`, downloaded when missing. Where no mirror is named and the official file can't be
 * had, the versions are worked out from the package index. After a day the official file is tried again; for what
 * exists already nothing is asked, so that this is for environments that are to be made only.
 *
 * @throws DevenvError `constraints_unreachable`, `constraints_not_found`, and what `resolveRelease` throws.
 */
export async function ensureConstraints(
  context: Context,
  uv: string,
  request: ConstraintsRequest,
): Promise<string> {
  const [cached] = cachedConstraints(context, request);
  if (cached !== undefined && !isOutdated(context, request, cached)) return cached;
  const file = constraintsFile(context, request);
  const url = constraintsUrl(context, request);
  if (url === undefined) throw namedFileMissing(file);
  const { airflowVersion, pythonMinor } = request;
  const isOfficial = url.startsWith(OFFICIAL);
  const found = await step(
    context,
    { id: 'constraints', text: `Fetching the constraints of Airflow ${airflowVersion}` },
    async () => {
      try {
        return await download(context, { url, file, ...request });
      } catch (error) {
        if (!(isOfficial || cached !== undefined) || !(error instanceof DevenvError)) throw error;
        return error;
      }
    },
  );
  if (typeof found === 'string') {
    await writeFileAtomic(file, found);
    return file;
  }
  if (cached !== undefined) {
    warnOfIndex(context, request, found);
    return cached;
  }
  const resolved = await step(
    context,
    {
      id: 'constraints.resolve',
      text: `Working out the packages of Airflow ${airflowVersion} from the package index (a minute or two, once)`,
    },
    () => resolveRelease(context, uv, airflowVersion, pythonMinor),
  );
  await writeFileAtomic(resolvedFile(context, request), resolved);
  warnOfIndex(context, request, found);
  return resolvedFile(context, request);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** One failure of the network must not decide for good what is installed. */
function isOutdated(context: Context, request: ConstraintsRequest, file: string): boolean {
  return file === resolvedFile(context, request) && context.now() - statSync(file).mtimeMs > DAY_MS;
}

function warnOfIndex(
  context: Context,
  { airflowVersion }: ConstraintsRequest,
  { what, why = '' }: DevenvError,
): void {
  const text =
    `${what} ${why} Instead, versions that were worked out from the package index are installed: they may differ ` +
    `from Airflow ${airflowVersion}'s own. From a day later on, devenv env rebuild tries to get the official file.`;
  context.emit({ type: 'message', level: 'warning', text });
}

/** Where the constraint file of this pair is, or would be. */
function constraintsFile(context: Context, request: ConstraintsRequest): string {
  const named = namedConstraints(context, request);
  if (named !== undefined && !isUrl(named)) return named;
  const which = named === undefined ? '' : `-${hash('sha256', named).slice(0, 12)}`;
  return cacheFile(context, request, which);
}

function resolvedFile(context: Context, request: ConstraintsRequest): string {
  return cacheFile(context, request, '-index');
}

function cacheFile(
  context: Context,
  { airflowVersion, pythonMinor }: ConstraintsRequest,
  which: string,
): string {
  const name = `airflow-${airflowVersion}-python${pythonMinor}${which}.txt`;
  return path.join(cacheDirectory(context), 'constraints', name);
}

function constraintsUrl(context: Context, request: ConstraintsRequest): string | undefined {
  const named = namedConstraints(context, request);
  if (named !== undefined) return isUrl(named) ? named : undefined;
  const base = (context.env['AIRFLOW_DEVENV_CONSTRAINTS_URL'] || OFFICIAL).replace(/\/+$/, '');
  return `${base}/constraints-${request.airflowVersion}/constraints-${request.pythonMinor}.txt`;
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

interface Wanted extends ConstraintsRequest {
  readonly url: string;
  readonly file: string;
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
  if (!(wanted.url.startsWith(OFFICIAL) ? /^apache-airflow[\w-]*==/m : /^[A-Za-z][\w.-]*==/m).test(text))
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
    what: `Can't fetch the constraint file of Airflow ${wanted.airflowVersion} for Python ${wanted.pythonMinor} from ${withoutPasswords(wanted.url)}.`,
    why,
    next: [
      `Use a version that needs no download: set airflow.version to ${shippedVersions().join(' or ')}`,
      `Or get the file on another machine and put it at ${wanted.file}`,
      'Or name a file or an address: airflow.constraints in devenv.yaml, or AIRFLOW_DEVENV_CONSTRAINTS',
      'Behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1',
    ],
    cause,
  });
}

function unknownVersion(wanted: Wanted): DevenvError {
  return new DevenvError({
    code: 'airflow_version_unknown',
    what: `There is no constraint file for Airflow ${wanted.airflowVersion} on Python ${wanted.pythonMinor}.`,
    why: `${withoutPasswords(wanted.url)} does not exist: no such release, or not for this Python.`,
    next: [
      `Correct airflow.version or airflow.python in devenv.yaml; Airflow ${shippedVersions().join(', ')} come with this program`,
    ],
    misuse: true,
  });
}

function namedFileMissing(file: string): DevenvError {
  return new DevenvError({
    code: 'constraints_not_found',
    what: `There is no constraint file ${file}.`,
    why: 'airflow.constraints in devenv.yaml names it, or AIRFLOW_DEVENV_CONSTRAINTS.',
    next: ['Correct it or leave it out'],
    misuse: true,
  });
}
