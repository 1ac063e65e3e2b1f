import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { scriptContext } from '../../scripts/scriptContext.ts';
import { cleanEnvironment } from '../../src/airflow/childEnvironment.ts';
import { basePackages } from '../../src/airflow/environmentPlan.ts';
import { overrideFile } from '../../src/airflow/locks.ts';
import { ensureUv } from '../../src/airflow/uv.ts';
import { runCommand } from '../../src/platform/childProcess.ts';
import { CONTRACT_ENVIRONMENT, CONTRACT_STATES } from './support/contractDag.ts';
import { dagFiles } from './support/dagFiles.ts';
import { until } from './support/inspect.ts';
import { createProject, finalStates, the, type TestProject } from './support/project.ts';

/**
 * Releases that differ most from the two that everything else is tested with: of each line the oldest, with what
 * was current then, and the next one, with what the index has now.
 */
const VERSIONS: readonly { version: string; newest?: string; without?: string }[] = [
  // The provider began with 2.10.
  { version: '2.9.3', newest: '2024-09-20', without: 'apache-airflow-providers-standard' },
  { version: '3.0.6', newest: '2025-09-20' },
  { version: '3.4.0b2' },
];
/** The one whose whole stack is started. */
const WITH_STACK = '3.4.0b2';

describe.each(VERSIONS)('Airflow $version', ({ version, newest, without }) => {
  test('runs every kind of task, in the runner and without it, with the same states', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'devenv-version-'));
    await using project = await createProject({ airflow: version, files: await dagFiles('contract') });
    try {
      const env = { ...CONTRACT_ENVIRONMENT, ...(await constraints(version, newest, folder, without)) };
      for (const flags of [[], ['--stock']]) {
        const result = await project.runDag([...flags, 'dags/everything.py'], { env, timeout: 600_000 });
        expect(finalStates(result)).toEqual(CONTRACT_STATES);
        expect(the(result, 'return_value').value).toBe("'db done'");
        expect(result.code).toBe(0);
      }
      if (version === WITH_STACK) await checkStack(project, env);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 900_000);
});

/** Healthy, seeded, and a triggered run comes to its end. */
async function checkStack(project: TestProject, env: NodeJS.ProcessEnv): Promise<void> {
  await project.write({ 'seed/variables.yaml': 'variables:\n  region: north\n' });
  const up = await project.devenv(['up', '-d', '--json', '--timeout', '5m'], { env, timeout: 320_000 });
  expect(up.code, up.stdout).toBe(0);
  const airflow = (...words: string[]) => project.devenv(['airflow', ...words], { env, timeout: 120_000 });
  expect((await airflow('variables', 'get', 'region')).stdout).toContain('north');
  await airflow('dags', 'unpause', 'everything');
  const triggered = await airflow('dags', 'trigger', 'everything', '--run-id', 'triggered');
  expect(triggered.code, triggered.stderr).toBe(0);
  const states = async (): Promise<string[]> => {
    const { stdout } = await airflow('dags', 'list-runs', 'everything', '-o', 'plain');
    return stdout.split('\n').filter((line) => /\btriggered\b/.test(line));
  };
  await until(async () => (await states()).some((line) => /\bsuccess\b/.test(line)), states, 180_000);
}

/** What the index had on that day, for a release whose own constraints are not shipped. */
async function constraints(
  version: string,
  newest: string | undefined,
  folder: string,
  without?: string,
): Promise<Record<string, string>> {
  if (newest === undefined) return {};
  const output = path.join(folder, 'constraints.txt');
  await writeFile(
    `${output}.in`,
    basePackages(version)
      .filter((each) => !(without !== undefined && each.startsWith(without)))
      .join('\n'),
  );
  const context = scriptContext(AbortSignal.timeout(300_000));
  await runCommand(
    await ensureUv(context),
    // prettier-ignore
    ['pip', 'compile', '-q', '--no-header', '--no-annotate', '--python-version', '3.11', '--exclude-newer', newest,
      '--override', overrideFile(), `${output}.in`, '-o', output],
    { env: cleanEnvironment(process.env) },
  );
  return { AIRFLOW_DEVENV_CONSTRAINTS: output };
}
