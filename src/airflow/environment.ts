import path from 'node:path';
import type { FoundVersions } from '../config/project.ts';
import type { Context } from '../context.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { ensureConstraints } from './constraints.ts';
import { buildEnvironment } from './environmentBuild.ts';
import { verifyEnvironment } from './environmentManifest.ts';
import {
  constraintsRequest,
  type EnvironmentPlan,
  environmentPlans,
  planEnvironment,
} from './environmentPlan.ts';
import { describeFound } from './foundVersions.ts';
import { environmentStamp, environmentState, writeRecord } from './environmentRecord.ts';
import { noteUse } from './keptEnvironments.ts';
import { refuseOldRelease } from './oldestRelease.ts';
import { locatePython, type PythonChoice, pythonChoices, type PythonSource } from './pythonChoice.ts';
import { ensureUv } from './uv.ts';

export interface EnvironmentRequest {
  readonly airflowVersion: string;
  /** E.g. `3.12`; chosen when absent. */
  readonly python?: string | undefined;
  /** Absolute paths of requirement files, in order. */
  readonly requirements: readonly string[];
  /** Production's constraints: an absolute path or an address. */
  readonly constraints?: string | undefined;
  /** A lock of the author's, absolute. */
  readonly projectLock?: string | undefined;
  /** Where the versions were found that `devenv.yaml` leaves open; a Python that was found is a wish. */
  readonly found?: FoundVersions | undefined;
}

/** A virtual environment with Airflow in it, shared by every project that asks for the same. */
export interface Environment {
  /** The environment's interpreter, absolute. */
  readonly python: string;
  readonly directory: string;
  /** Of everything it was made from; 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Another one after it was made anew, or something was added to it. */
  readonly stamp: string;
  readonly airflowVersion: string;
  /** E.g. `3.12.4`. */
  readonly pythonVersion: string;
}

/**
 * The environment for this request: found in a few milliseconds and without starting anything when it is there,
 * built when it is not, rebuilt when it was damaged where that shows at once. Twenty callers at a time build one.
 *
 * @throws DevenvError about Python (`python_not_found`, …), the requirements (`requirements_conflict`, …), the
 * network (`packages_unreachable`, `constraints_unreachable`) or the disk (`disk_full`, `not_writable`).
 */
export async function ensureEnvironment(context: Context, request: EnvironmentRequest): Promise<Environment> {
  const choices = await pythonChoices(context, request);
  for (const choice of choices) {
    for (const plan of environmentPlans(context, request, choice.minor)) {
      const found = environmentState(plan);
      if (found.state !== 'ready') continue;
      noteUse(found.environment.directory, context.now());
      return found.environment;
    }
  }
  return provision(context, request, choices, false);
}

/**
 * As `ensureEnvironment`, but looks at every file first and rebuilds when one is missing or changed. For when
 * Airflow in a ready environment does not start.
 *
 * @throws as `ensureEnvironment`.
 */
export async function repairEnvironment(context: Context, request: EnvironmentRequest): Promise<Environment> {
  return provision(context, request, await pythonChoices(context, request), true);
}

async function provision(
  context: Context,
  request: EnvironmentRequest,
  choices: readonly [PythonChoice, ...PythonChoice[]],
  lookCloser: boolean,
): Promise<Environment> {
  refuseOldRelease(request);
  const uv = await ensureUv(context);
  const said = describeFound(context, request, choices[0].minor);
  if (said !== undefined) context.emit({ type: 'message', level: 'info', text: said });
  const { minor, source } = await locatePython(context, request, choices, uv);
  const plan = await planWithLock(context, uv, request, minor);
  const lock = path.join(path.dirname(plan.directory), `.${path.basename(plan.directory)}.lock`);
  return withAnnouncedLock(context, lock, 'another devenv that prepares this environment', () =>
    useOrBuild(context, plan, { uv, source, lookCloser }),
  );
}

interface ProvisionOptions {
  readonly uv: string;
  readonly source: PythonSource;
  readonly lookCloser: boolean;
}

/** Under the lock: somebody else may have built or repaired it while we waited. */
async function useOrBuild(
  context: Context,
  plan: EnvironmentPlan,
  options: ProvisionOptions,
): Promise<Environment> {
  const found = environmentState(plan);
  if (found.state === 'ready' && !options.lookCloser) return found.environment;
  let distrustCache = false;
  if (found.state !== 'absent') {
    const { missing, changed } = await verifyEnvironment(found.environment);
    const stamp = environmentStamp(plan.directory, plan.pythonMinor, found.record.watched);
    if (missing.length + changed.length === 0 && stamp !== undefined) {
      // Somebody added something, with pip perhaps: no damage, and not to be looked at again.
      await writeRecord(plan.directory, { ...found.record, stamp });
      return { ...found.environment, stamp };
    }
    distrustCache = changed.length > 0;
    const what = `files missing: ${missing.length}, changed: ${changed.length}`;
    context.emit({
      type: 'message',
      level: 'warning',
      text: `The environment of Airflow ${plan.airflowVersion} is damaged (${what}) and is made anew.`,
    });
  }
  await buildEnvironment(context, plan, { ...options, distrustCache, fromScratch: options.lookCloser });
  const built = environmentState(plan);
  if (built.state === 'absent') throw new Error(`the environment is not at ${plan.directory}`);
  return built.environment;
}

async function planWithLock(
  context: Context,
  uv: string,
  request: EnvironmentRequest,
  pythonMinor: string,
): Promise<EnvironmentPlan> {
  const known = environmentPlans(context, request, pythonMinor);
  const present = known.find((plan) => environmentState(plan).state !== 'absent');
  if (present !== undefined) return present;
  if (known[0] !== undefined && (known[0].lock.kind === 'shipped' || request.projectLock !== undefined))
    return known[0];
  await ensureConstraints(context, uv, constraintsRequest(request, pythonMinor));
  const plan = planEnvironment(context, request, pythonMinor);
  if (plan === undefined) throw new Error('the constraint file has gone again');
  return plan;
}
