import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../../src/context.ts';
import type { ProgressEvent } from '../../src/events.ts';

export interface TestContext extends Context {
  readonly cache: string;
  readonly events: ProgressEvent[];
}

/** A context with a cache of its own. `env` is added to nothing but PATH and HOME. */
export async function testContext(env: Record<string, string | undefined> = {}): Promise<TestContext> {
  const cache = await mkdtemp(path.join(tmpdir(), 'devenv-cache-'));
  const events: ProgressEvent[] = [];
  return {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...env,
      AIRFLOW_DEVENV_CACHE: env['AIRFLOW_DEVENV_CACHE'] ?? cache,
    },
    platform: process.platform,
    workingDirectory: cache,
    now: Date.now,
    emit: (event) => events.push(event),
    // Of a whole file of tests, some of which install Airflow: a busy machine takes its time.
    signal: AbortSignal.timeout(20 * 60_000),
    cache,
    events,
  };
}
