import { hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import type { ContractReport } from './contract.ts';
import type { Environment } from './environment.ts';
import type { EnvironmentPlan } from './environmentPlan.ts';
import type { Solution } from './resolution/solution.ts';

/** `environment.json`: its presence says that the installation got to its end. */
export interface EnvironmentRecord {
  readonly version: 1;
  readonly fingerprint: string;
  readonly airflowVersion: string;
  /** E.g. `3.12.4`. */
  readonly pythonVersion: string;
  /** Relative to the environment, so that the cache can be moved. */
  readonly python: string;
  readonly manifest: { readonly files: number; readonly bytes: number };
  /** Folders at the top of `site-packages` that `environmentStamp` looks at: the ones with the most files. */
  readonly watched: readonly string[];
  /** What `environmentStamp` gave when all was well. */
  readonly stamp: string;
  /** Versions that the requirements overrule, of what the constraints say. */
  readonly moved: Solution['moved'];
  /** Packages of ours that did not fit. */
  readonly leftOut: Solution['leftOut'];
  /** What its Airflow has of what devenv uses; undefined for one that an earlier devenv made. */
  readonly contract?: ContractReport | undefined;
}

export type EnvironmentState =
  | {
      readonly state: 'ready' | 'suspect';
      readonly environment: Environment;
      readonly record: EnvironmentRecord;
    }
  | { readonly state: 'absent' };

/**
 * Whether the environment of this plan can be used: `suspect` when something in it was touched since it was
 * installed. Synchronous and in about a millisecond: it is part of every warm start.
 */
export function environmentState(
  plan: Pick<EnvironmentPlan, 'directory' | 'fingerprint' | 'pythonMinor'>,
): EnvironmentState {
  const record = readRecord(plan.directory);
  if (record === undefined || record.fingerprint !== plan.fingerprint) return { state: 'absent' };
  const environment: Environment = {
    python: path.join(plan.directory, record.python),
    directory: plan.directory,
    fingerprint: record.fingerprint,
    stamp: record.stamp,
    airflowVersion: record.airflowVersion,
    pythonVersion: record.pythonVersion,
  };
  const intact = environmentStamp(plan.directory, plan.pythonMinor, record.watched) === record.stamp;
  return { state: intact ? 'ready' : 'suspect', environment, record };
}

export async function writeRecord(directory: string, record: EnvironmentRecord): Promise<void> {
  await writeFileAtomic(recordFile(directory), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Its time of modification says when the environment was last used, to a day. */
export function recordFile(directory: string): string {
  return path.join(directory, 'environment.json');
}

/**
 * A cheap sign of the environment's health: the entries at the top of `bin` and `site-packages`, and when the
 * watched folders last gained or lost an entry. Undefined when Python itself is gone.
 *
 * @param watched names of folders at the top of `site-packages`.
 */
export function environmentStamp(
  directory: string,
  pythonMinor: string,
  watched: readonly string[],
): string | undefined {
  const sitePackages = path.join(directory, 'lib', `python${pythonMinor}`, 'site-packages');
  try {
    statSync(path.join(directory, 'bin', 'python'));
    const names = [...readdirSync(path.join(directory, 'bin')), ...readdirSync(sitePackages)].sort();
    const times = watched.map((name) => statSync(`${sitePackages}/${name}`).mtimeMs);
    return hash('sha256', [...names, ...times].join('\n'));
  } catch {
    return undefined;
  }
}

/** Undefined for a folder that is no environment, or a part of one. */
export function readRecord(directory: string): EnvironmentRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordFile(directory), 'utf8')) as EnvironmentRecord;
    return record.version === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}
