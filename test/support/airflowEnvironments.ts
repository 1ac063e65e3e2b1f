import process from 'node:process';
import { ensureEnvironment } from '../../src/airflow/environment.ts';
import type { Context } from '../../src/context.ts';

const LINES = { 3: '3.3.2', 2: '2.11.2' } as const;

/**
 * Has both Airflow environments ready, the very ones that a person's runs use, before the end-to-end tests start,
 * and tells tests where: DEVENV_TEST_AIRFLOW_3 and DEVENV_TEST_AIRFLOW_2. Without one, the tests that need it fail
 * by name.
 */
export async function setup(): Promise<void> {
  for (const [line, airflowVersion] of Object.entries(LINES)) {
    const variable = `DEVENV_TEST_AIRFLOW_${line}`;
    if (process.env[variable] !== undefined) continue;
    try {
      const environment = await ensureEnvironment(context(), { airflowVersion, requirements: [] });
      process.env[variable] = environment.directory;
    } catch (error) {
      process.stderr.write(`No Airflow ${airflowVersion} to test with: ${String(error)}\n`);
    }
  }
}

function context(): Context {
  return {
    env: process.env,
    platform: process.platform,
    workingDirectory: process.cwd(),
    now: Date.now,
    emit: (event) => {
      if (event.type === 'step' && event.state === 'done') process.stderr.write(`${event.text}\n`);
    },
    signal: AbortSignal.timeout(900_000),
  };
}
