// A child process for environment.e2e.test.ts: node ensureWorker.ts AIRFLOW_VERSION. Prints events, then the result.
import { ensureEnvironment } from '../../src/airflow/environment.ts';

const environment = await ensureEnvironment(
  {
    env: process.env,
    platform: process.platform,
    workingDirectory: process.cwd(),
    now: Date.now,
    emit: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
    signal: AbortSignal.timeout(300_000),
  },
  { airflowVersion: process.argv[2] ?? '', requirements: [] },
);
process.stdout.write(`${JSON.stringify({ type: 'result', environment })}\n`);
