import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { cachedConstraints, type ConstraintsRequest, namedConstraints } from './constraints.ts';
import type { EnvironmentRequest } from './environment.ts';
import { overrideFile, shippedLock } from './locks.ts';
import { isLocal, readRequirements } from './requirements.ts';
import { DRIVERS } from './resolution/resolveRelease.ts';

/** What an environment is made of. Two plans with the same fingerprint give the same environment. */
export interface EnvironmentPlan {
  readonly airflowVersion: string;
  /** E.g. `3.12`. */
  readonly pythonMinor: string;
  /**
   * Where the versions of what is installed come from: a lock of ours, which says as well which packages those are, the
   * constraints of the release, or a file that a person names, which may be about a few packages only.
   */
  readonly lock: { readonly kind: 'shipped' | 'release' | 'named'; readonly file: string };
  readonly requirements: readonly string[];
  /** A lock of the author's, absolute: its versions go before those of the release. */
  readonly projectLock?: string | undefined;
  /** What is installed beside Airflow where it fits. */
  readonly wishes: readonly string[];
  /** 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Where the environment is, or will be. */
  readonly directory: string;
}

/** The providers that many DAGs use, and the drivers of our Postgres: installed where they fit. */
const WISHES = [
  ...['amazon', 'apache-hdfs', 'apache-spark', 'cncf-kubernetes', 'postgres', 'slack', 'standard'].map(
    (name) => `apache-airflow-providers-${name}`,
  ),
  ...DRIVERS,
];

/** What an environment holds when nothing else is asked for. */
export function basePackages(airflowVersion: string): readonly string[] {
  return [`apache-airflow==${airflowVersion}`, ...WISHES];
}

/**
 * What an environment would be made of now: the first of `environmentPlans`. Undefined when the constraint file of this
 * version is not on this machine yet.
 *
 * @throws as `environmentPlans`.
 */
export function planEnvironment(
  context: Context,
  request: EnvironmentRequest,
  pythonMinor: string,
): EnvironmentPlan | undefined {
  return environmentPlans(context, request, pythonMinor)[0];
}

/**
 * Of which an environment may exist, the best first: one that was made before the official constraints could be had
 * goes on being used. Synchronous: it is part of every warm start.
 *
 * @throws DevenvError `requirements_not_found`, `requirements_unreadable`.
 */
export function environmentPlans(
  context: Context,
  request: EnvironmentRequest,
  pythonMinor: string,
): readonly EnvironmentPlan[] {
  const locks = findLocks(context, constraintsRequest(request, pythonMinor), request.projectLock);
  return locks.map((lock) => planWith(lock, context, request, pythonMinor));
}

function planWith(
  lock: EnvironmentPlan['lock'],
  context: Context,
  request: EnvironmentRequest,
  pythonMinor: string,
): EnvironmentPlan {
  const { airflowVersion, projectLock } = request;
  const lines = readRequirements(request.requirements);
  const parts = [
    SCHEMA,
    airflowVersion,
    `${pythonMinor} ${context.platform} ${process.arch}`,
    WISHES.join('\n'),
    readFileSync(lock.file, 'utf8'),
    readFileSync(overrideFile(), 'utf8'),
    ...(projectLock === undefined ? [] : [readFileSync(projectLock, 'utf8')]),
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
    projectLock,
    wishes: WISHES.filter((wish) => !lines.some(({ name, isConstraint }) => name === wish && !isConstraint)),
    fingerprint,
    directory: path.join(cacheDirectory(context), 'environments', name),
  };
}

/** Grows when the way environments are built changes, so that old ones are not taken for new ones. */
const SCHEMA = 'environment 3';

/**
 * A file of constraints that a person names goes before our own lock. Where there is neither, the author's lock says
 * enough: it holds Airflow.
 */
function findLocks(
  context: Context,
  request: ConstraintsRequest,
  projectLock: string | undefined,
): readonly EnvironmentPlan['lock'][] {
  const isNamed = namedConstraints(context, request) !== undefined;
  if (!isNamed) {
    const shipped = shippedLock(request.airflowVersion, request.pythonMinor);
    if (shipped !== undefined) return [{ kind: 'shipped', file: shipped }];
  }
  const constraints = cachedConstraints(context, request).map((file) => {
    return { kind: isNamed ? ('named' as const) : ('release' as const), file };
  });
  return projectLock === undefined ? constraints : [...constraints, { kind: 'named', file: projectLock }];
}

export function constraintsRequest(request: EnvironmentRequest, pythonMinor: string): ConstraintsRequest {
  return { airflowVersion: request.airflowVersion, pythonMinor, named: request.constraints };
}
