import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../context.ts';
import { assetsDirectory } from '../platform/assets.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cleanEnvironment } from './childEnvironment.ts';

/** What an Airflow has of what our Python side uses of it: `airflow_devenv/contract/report.py`. */
export interface ContractReport {
  /** The version that was looked at. */
  readonly airflow: string;
  /** Names of entries that hold. */
  readonly holding: readonly string[];
  readonly missing: readonly MissingEntry[];
  /** Names of entries for other releases. */
  readonly elsewhere: readonly string[];
}

interface MissingEntry {
  readonly name: string;
  readonly kind: 'run' | 'feature' | 'accelerator';
  /** What is lost, as a sentence. */
  readonly without: string;
  readonly reasons: readonly string[];
}

/** Looks at the Airflow of an environment: a few seconds. Undefined when it can't even be imported. */
export async function probeContract(
  context: Context,
  directory: string,
): Promise<ContractReport | undefined> {
  // Airflow writes its settings there when it is imported.
  const home = await mkdtemp(path.join(tmpdir(), 'devenv-contract-'));
  try {
    const python = path.join(directory, 'bin', 'python');
    const result = await runCommand(
      python,
      [path.join(assetsDirectory(), 'airflow', 'python', 'airflow_devenv'), 'contract'],
      {
        env: { ...cleanEnvironment(context.env), AIRFLOW_HOME: home, PYTHONDONTWRITEBYTECODE: '1' },
        signal: context.signal,
        allowFailure: true,
      },
    );
    if (result.exitCode !== 0) return undefined;
    return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as ContractReport;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
