import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment } from '../../src/airflow/childEnvironment.ts';
import { basePackages } from '../../src/airflow/environmentPlan.ts';
import { overrideFile } from '../../src/airflow/locks.ts';
import { ensureUv } from '../../src/airflow/uv.ts';
import { runCommand } from '../../src/platform/childProcess.ts';
import { createProject, finalStates, the } from './support/project.ts';

/** The oldest minor of each line, with what was current then: names that we depend on differ there. */
const MINORS = [
  { version: '2.10.5', newest: '2025-06-01' },
  { version: '3.0.6', newest: '2025-09-20' },
] as const;

const DAG = `
import datetime
from airflow.decorators import dag, task

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def minor():
    @task
    def numbers():
        return [1, 2]

    @task
    def double(number):
        return number * 2

    @task
    def fails():
        raise ValueError("on purpose")

    @task(trigger_rule="all_done")
    def total(values):
        return sum(values)

    fails() >> total(double.expand(number=numbers()))

minor()
`;

describe.each(MINORS)('Airflow $version', ({ version, newest }) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'devenv-minor-'));
    await resolve(version, newest, path.join(folder, 'constraints.txt'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('runs a mapped DAG with a failing task, in the runner and without it, with the same states', async () => {
    await using project = await createProject({ airflow: version, files: { 'dags/minor.py': DAG } });
    const env = { AIRFLOW_DEVENV_CONSTRAINTS: path.join(folder, 'constraints.txt') };
    for (const flags of [[], ['--no-runner'], []]) {
      const result = await project.runDag([...flags, 'dags/minor.py'], { env, timeout: 280_000 });
      expect(finalStates(result)).toEqual({
        'numbers': 'success',
        'double[0]': 'success',
        'double[1]': 'success',
        'fails': 'failed',
        'total': 'success',
      });
      expect(the(result, 'return_value').value).toBe('6');
      expect(result.code).toBe(0);
    }
  });
});

async function resolve(version: string, newest: string, output: string): Promise<void> {
  const context = {
    env: process.env,
    platform: process.platform,
    workingDirectory: process.cwd(),
    now: Date.now,
    emit: () => {},
    signal: AbortSignal.timeout(300_000),
  };
  const input = `${output}.in`;
  await writeFile(input, basePackages(version).join('\n'));
  await runCommand(
    await ensureUv(context),
    // prettier-ignore
    ['pip', 'compile', '-q', '--no-header', '--no-annotate', '--python-version', '3.11', '--exclude-newer', newest,
      '--override', overrideFile(), input, '-o', output],
    { env: cleanEnvironment(process.env) },
  );
}
