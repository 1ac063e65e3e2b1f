import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { cachedConstraints } from './constraints.ts';
import type { EnvironmentRequest } from './environment.ts';
import { overrideFile, shippedLock } from './locks.ts';
import { isLocal, readRequirements } from './requirements.ts';

/** What an environment is made of. Two plans with the same fingerprint give the same environment. */
export interface EnvironmentPlan {
  readonly airflowVersion: string;
  /** E.g. `3.12`. */
  readonly pythonMinor: string;
  /** A whole lock of ours, or the official constraints, which only bound what is asked for. */
  readonly lock: { readonly kind: 'shipped' | 'constraints'; readonly file: string };
  readonly requirements: readonly string[];
  /** 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Where the environment is, or will be. */
  readonly directory: string;
}

/**
 * What is installed beside Airflow where we ship no lock: the providers our locks hold, and the drivers of our
 * Postgres. Constraint files pin their versions.
 */
export function basePackages(airflowVersion: string): readonly string[] {
  const providers = ['amazon', 'apache-hdfs', 'apache-spark', 'cncf-kubernetes', 'postgres', 'slack'];
  return [
    `apache-airflow==${airflowVersion}`,
    ...providers.map((name) => `apache-airflow-providers-${name}`),
    'psycopg2-binary',
    'asyncpg',
  ];
}

/**
 * Undefined when the constraint file of this version is not on this machine yet. Synchronous: it is part of every
 * warm start.
 *
 * @throws DevenvError `requirements_not_found`, `requirements_unreadable`.
 */
export function planEnvironment(
  context: Context,
  request: EnvironmentRequest,
  pythonMinor: string,
): EnvironmentPlan | undefined {
  const { airflowVersion } = request;
  const lock = findLock(context, airflowVersion, pythonMinor);
  if (lock === undefined) return undefined;
  const lines = readRequirements(request.requirements);
  const parts = [
    SCHEMA,
    airflowVersion,
    `${pythonMinor} ${context.platform} ${process.arch}`,
    lock.kind === 'shipped' ? '' : basePackages(airflowVersion).join('\n'),
    readFileSync(lock.file, 'utf8'),
    readFileSync(overrideFile(), 'utf8'),
    // Two projects with the same `-e .` mean two different things.
    ...lines.map((line) => (isLocal(line) ? `${line.text} in ${path.dirname(line.file)}` : line.text)),
  ];
  const fingerprint = hash('sha256', parts.join('\0'));
  const name = `airflow-${airflowVersion}-python${pythonMinor}-${fingerprint.slice(0, 12)}`;
  return {
    airflowVersion,
    pythonMinor,
    lock,
    requirements: lines.length === 0 ? [] : request.requirements,
    fingerprint,
    directory: path.join(cacheDirectory(context), 'environments', name),
  };
}

/** Grows when the way environments are built changes, so that old ones are not taken for new ones. */
const SCHEMA = 'environment 2';

function findLock(
  context: Context,
  airflowVersion: string,
  pythonMinor: string,
): EnvironmentPlan['lock'] | undefined {
  const shipped = context.env['AIRFLOW_DEVENV_CONSTRAINTS']
    ? undefined
    : shippedLock(airflowVersion, pythonMinor);
  if (shipped !== undefined) return { kind: 'shipped', file: shipped };
  const file = cachedConstraints(context, airflowVersion, pythonMinor);
  return file === undefined ? undefined : { kind: 'constraints', file };
}
