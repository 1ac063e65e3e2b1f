import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';
import { fileSystemError } from '../platform/fileSystemError.ts';
import { compileInBackground, prepareBytecodeFolders } from './bytecode.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import { probeContract } from './contract.ts';
import { writeManifest } from './environmentManifest.ts';
import type { EnvironmentPlan } from './environmentPlan.ts';
import { type EnvironmentRecord, environmentStamp, writeRecord } from './environmentRecord.ts';
import { installPackages } from './packageInstall.ts';
import { type PythonSource, pythonDownloadError } from './pythonChoice.ts';
import { step } from './step.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export interface BuildOptions {
  readonly uv: string;
  readonly source: PythonSource;
  /** Don't take packages from uv's cache: it shares files with the environment, so damage in one is in both. */
  readonly distrustCache: boolean;
  /** Install everything, also where a kept environment holds most of it. */
  readonly fromScratch: boolean;
}

/**
 * Builds the environment aside and puts it in place by rename, so that nobody ever sees a part of one. The caller
 * holds the lock of the plan's directory.
 *
 * @throws DevenvError; see `installPackages`, and `python_not_found`, `disk_full`, `not_writable`.
 */
export async function buildEnvironment(
  context: Context,
  plan: EnvironmentPlan,
  options: BuildOptions,
): Promise<void> {
  const parent = path.dirname(plan.directory);
  const aside = path.join(parent, `.building-${plan.fingerprint.slice(0, 12)}-${process.pid}`);
  try {
    await makePrivateFolder(parent);
    await removeLeftovers(parent, plan);
    await createVirtualEnvironment(context, plan, options, aside);
    const { moved, leftOut } = await installPackages(context, plan, { ...options, directory: aside });
    const contract = await probeContract(context, aside);
    await record(plan, aside, { moved, leftOut, contract });
    await putInPlace(aside, plan.directory);
    compileInBackground(context, plan.directory);
  } catch (error) {
    throw fileSystemError(error, 'prepare the environment', parent);
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => {});
  }
}

/** Of builds that were killed: ours are dead because we hold the lock, others when they are a day old. */
async function removeLeftovers(parent: string, plan: EnvironmentPlan): Promise<void> {
  const own = plan.fingerprint.slice(0, 12);
  for (const name of await readdir(parent)) {
    const fingerprint = /^\.(?:building|old)-([0-9a-f]{12})-/.exec(name)?.[1];
    if (fingerprint === undefined) continue;
    const leftover = path.join(parent, name);
    const isDead = fingerprint === own || Date.now() - (await stat(leftover)).mtimeMs > DAY_MS;
    // The uv of a killed build may still be writing there; what resists is left to the next build.
    if (isDead) await rm(leftover, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

async function createVirtualEnvironment(
  context: Context,
  plan: EnvironmentPlan,
  options: BuildOptions,
  aside: string,
): Promise<void> {
  const text = `Creating an environment for Python ${plan.pythonMinor}`;
  await step(context, { id: 'environment.create', text }, async () => {
    const { source } = options;
    const args = ['venv', '--relocatable', '--no-project', '--python', source.python, aside];
    const result = await runCommand(options.uv, args, {
      env: { ...cleanEnvironment(context.env), ...source.env },
      cwd: path.dirname(aside),
      signal: context.signal,
      allowFailure: true,
    });
    if (result.exitCode !== 0) throw pythonDownloadError(plan, source, result.stderr);
  });
}

async function record(
  plan: EnvironmentPlan,
  aside: string,
  differences: Pick<EnvironmentRecord, 'moved' | 'leftOut' | 'contract'>,
): Promise<void> {
  const config = await readFile(path.join(aside, 'pyvenv.cfg'), 'utf8');
  const { watched, ...manifest } = await writeManifest(aside);
  prepareBytecodeFolders(path.join(aside, 'lib', `python${plan.pythonMinor}`, 'site-packages'), watched);
  const stamp = environmentStamp(aside, plan.pythonMinor, watched);
  if (stamp === undefined || !existsSync(path.join(aside, 'bin', 'airflow'))) {
    throw new DevenvError({
      code: 'environment_incomplete',
      what: `The new environment of Airflow ${plan.airflowVersion} has no working bin/airflow.`,
      why: 'uv ended well, but the files are not there.',
      next: [
        'Run the command again',
        'If it stays, look at the requirements: does one of them replace Airflow?',
      ],
    });
  }
  await writeRecord(aside, {
    version: 1,
    fingerprint: plan.fingerprint,
    airflowVersion: plan.airflowVersion,
    pythonVersion: /^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)/m.exec(config)?.[1] ?? plan.pythonMinor,
    python: 'bin/python',
    manifest,
    watched,
    stamp,
    ...differences,
  });
}

/** The old one, if any, is moved away first: it may be in use, and removing it takes a while. */
async function putInPlace(aside: string, directory: string): Promise<void> {
  const fingerprint = path.basename(directory).slice(-12);
  const old = path.join(
    path.dirname(directory),
    `.old-${fingerprint}-${process.pid}-${randomUUID().slice(0, 8)}`,
  );
  const hadOld = existsSync(directory);
  if (hadOld) await rename(directory, old);
  await rename(aside, directory);
  // What could not be removed is removed by the next build.
  if (hadOld) await rm(old, { recursive: true, force: true }).catch(() => {});
}
